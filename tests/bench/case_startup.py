"""From the command to the first request it sends."""

import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
from case import Case, Contender, Figures, Place
from origin import free_port

SCRIPTS = Path(sys.executable).parent
LONGEST = 30.0  # seconds
USER = """
from locust import FastHttpUser, task

class Somebody(FastHttpUser):
    @task
    def look(self):
        self.client.get("/")
"""


@contextmanager
def nobody(_place: Place) -> Iterator[str]:
    """A port to listen on: each contender is listened to in its turn."""
    yield f"http://127.0.0.1:{free_port()}"


def starting(*command: str) -> Contender:
    """Runs this, `{url}` and `{folder}` filled in, until somebody asks for something."""

    def play(place: Place, url: str) -> Figures:
        (place.folder / "locustfile.py").write_text(USER)
        words = [word.format(url=url, folder=place.folder) for word in command]
        with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))) as listener:
            listener.settimeout(LONGEST)
            return _until_somebody_asks(listener, [str(SCRIPTS / words[0]), *words[1:]], place)

    return play


def _until_somebody_asks(listener: socket.socket, command: Sequence[str], place: Place) -> Figures:
    began = time.monotonic()
    with (place.folder / "said").open("w+") as said:
        process = psutil.Popen(command, stdout=said, stderr=said, cwd=place.folder)
        family: list[psutil.Process] = []
        try:
            _await_request(listener)
            wall = time.monotonic() - began
            family = [process, *process.children(recursive=True)]
            cpu = [one.cpu_times() for one in family]
        except TimeoutError:
            said.seek(0)
            raise RuntimeError(f"{command[0]} asks nobody for anything: {said.read()}") from None
        finally:
            for one in reversed(family or [process]):
                one.kill()
            process.wait()
    return {"wall": wall, "cpu": sum(times.user + times.system for times in cpu)}


def _await_request(listener: socket.socket) -> None:
    """Until somebody asks for something; who only looks whether we are there does not count."""
    asked = b""
    while not asked:
        peer, _ = listener.accept()
        with peer:
            asked = peer.recv(1)


CASE = Case(
    name="startup",
    title="From the command to the first request",
    about="Seconds, and CPU seconds of all processes it starts. No bar: reported.",
    origin=nobody,
    contenders={
        "matchnight rehearse": starting(
            *("matchnight", "rehearse", "smoke", "--target", "{url}", "--quiet"),
            *("--report-dir", "{folder}/report"),
        ),
        "locust, FastHttpUser": starting(
            *("locust", "-f", "{folder}/locustfile.py", "--headless", "-u", "1", "-H", "{url}"),
        ),
    },
    columns=("wall", "cpu"),
    needs=(),
)
