"""One question, one answer: whole or not, of any length, in time or not at all."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from loadtests.swarm.http_get import Answered, get


@contextmanager
def answering(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server for one connection; its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(4096)
                talk(sock)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


def ask(talk: Callable[[socket.socket], None], *, patience: float = 5.0) -> Answered:
    with answering(talk) as url:
        return get(f"{url}/a?b=c", patience=patience)


def test_an_answer_ends_with_the_connection() -> None:
    answer = ask(lambda sock: sock.sendall(b"HTTP/1.1 200 OK\r\n\r\nhello"))
    assert answer == Answered(200, b"hello", says_stop=False)


def test_an_answer_as_long_as_announced_is_not_waited_for_any_longer() -> None:
    over = threading.Event()

    def keep(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
        sock.sendall(b"lo")
        over.wait(5)

    with answering(keep) as url:
        assert get(url, patience=5.0).body == b"hello"
        over.set()


def test_the_target_may_say_stop_in_any_answer() -> None:
    said = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nMatchnight-Stop: 1\r\n\r\n"
    assert ask(lambda sock: sock.sendall(said)) == Answered(404, b"", says_stop=True)
    in_the_body = b"HTTP/1.1 200 OK\r\n\r\nx\r\nMatchnight-Stop: 1\r\n"
    assert not ask(lambda sock: sock.sendall(in_the_body)).says_stop


def test_what_is_no_http_has_no_status() -> None:
    assert ask(lambda sock: sock.sendall(b"SSH-2.0 hello")).status == 0


def test_an_answer_that_does_not_end_in_time_is_none() -> None:
    over = threading.Event()

    def hang(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\n")
        over.wait(5)

    with answering(hang) as url:
        with pytest.raises(TimeoutError):
            get(url, patience=0.05)
        over.set()
