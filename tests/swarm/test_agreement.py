import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.consent import Ceilings, Consent, Host, Hours, Totals
from loadtests.swarm import agreement
from loadtests.swarm.agreement import PATH, Agreement, Word
from loadtests.swarm.clock import now


def consent_for(host: str, *, stop: float = 1e11, grace: float = 60.0) -> Consent:
    return Consent(
        owner="Somebody, +00 000",
        hosts=(Host(name=host, approval="ticket 1"),),
        window=Hours(start=0.0, stop=stop),
        ceilings=Ceilings(viewers=1, joins=1.0, bit_rate=1.0),
        totals=Totals(bytes=1.0, requests=1, licenses=1),
        grace=grace,
    )


class Target:
    """Serves whatever it is told at the agreed path; None: takes the request and hangs up."""

    def __init__(self) -> None:
        self.says: bytes | None = b""
        self.asked = list[bytes]()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with sock:
                self.asked.append(sock.recv(4096))
                if self.says is not None:
                    sock.sendall(self.says)

    def close(self) -> None:
        with self._listener, suppress(OSError):  # it is closed already
            # this wakes the accepting thread, closing alone does not
            self._listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.close()


def agreed(consent: Consent) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + consent.digest().encode()


def asking(target: Target, consent: Consent) -> Agreement:
    return Agreement(
        target=f"http://edge.test:{target.port}/live",
        consent=consent,
        resolve={f"edge.test:{target.port}": "127.0.0.1"},
    )


CONSENT = consent_for("edge.test")


def test_a_target_that_serves_the_digest_agrees(target: Target) -> None:
    target.says = agreed(CONSENT) + b"\n"

    asking(target, CONSENT).obtain()

    request = target.asked[0].split(b"\r\n")
    assert request[0] == f"GET {PATH} HTTP/1.0".encode()
    assert f"Host: edge.test:{target.port}".encode() in request


def test_a_target_may_agree_to_several_consents(target: Target) -> None:
    target.says = b"HTTP/1.1 200 OK\r\n\r\n0123\n" + CONSENT.digest().encode() + b"\n4567\n"

    assert asking(target, CONSENT).ask() is Word.GIVEN


@pytest.mark.parametrize(
    ("says", "word"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nanother", Word.WITHHELD),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", Word.WITHHELD),
        (b"HTTP/1.1 404 Not Found\r\n\r\n" + CONSENT.digest().encode(), Word.WITHHELD),
        (b"HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n", Word.WITHHELD),
        (b"HTTP/1.1 503 Busy\r\n\r\n", Word.NONE),
        (b"HTTP/1.1 429 Slow down\r\n\r\n", Word.NONE),
        (b"nothing like HTTP", Word.NONE),
        (None, Word.NONE),
    ],
)
def test_a_refusal_is_told_apart_from_silence(
    target: Target, says: bytes | None, word: Word
) -> None:
    target.says = says

    assert asking(target, CONSENT).ask() is word


def test_a_port_nobody_listens_on_is_silence(target: Target) -> None:
    target.close()

    assert asking(target, CONSENT).ask() is Word.NONE


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "PATIENCE", 0.05)


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_never_ends_is_silence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        url = f"http://127.0.0.1:{hanging.getsockname()[1]}/"
        asks = Agreement(target=url, consent=consent_for("127.0.0.1"))

        assert asks.ask() is Word.NONE


def problem_of(asks: Agreement) -> str:
    with pytest.raises(MatchnightError) as problem:
        asks.obtain()
    assert problem.value.status is ExitStatus.UNREACHABLE
    return str(problem.value)


def test_nothing_begins_without_the_targets_word(target: Target) -> None:
    where = f"http://edge.test:{target.port}{PATH}"

    target.says = b"HTTP/1.1 404 Not Found\r\n\r\n"
    withheld = problem_of(asking(target, CONSENT))
    target.says = None
    silent = problem_of(asking(target, CONSENT))

    assert withheld == (
        f"--target: refused: {where} does not serve the consent's digest, {CONSENT.digest()}"
    )
    assert silent == f"--target: refused: {where} cannot be read"


def test_a_consent_for_another_host_or_another_day_is_refused_unasked(target: Target) -> None:
    elsewhere = problem_of(asking(target, consent_for("other.test")))
    over = problem_of(asking(target, consent_for("edge.test", stop=1.0)))

    assert elsewhere == "--target: refused: the consent does not list edge.test"
    assert over == "--target: refused: the time the consent names is over, or has not come"
    assert target.asked == []


def _nothing() -> None:
    """Another look, nothing new."""


def watched(asks: Agreement, turns: list[Callable[[], None]]) -> tuple[list[str], int]:
    """Watch, one of `turns` happening in each sleep; why it stopped, and how many were left."""
    stops, left = list[str](), iter(turns)
    slept = list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        next(left)()

    asks.watch(stops.append, sleep)
    assert set(slept) == {agreement.EVERY}
    return stops, len(list(left))


def test_a_withdrawal_stops_everything_at_the_next_look(target: Target) -> None:
    target.says = agreed(CONSENT)
    asks = asking(target, CONSENT)
    asks.obtain()

    def withdraw() -> None:
        target.says = b"HTTP/1.1 404 Not Found\r\n\r\n"

    stops, left = watched(asks, [_nothing, withdraw, _nothing])

    assert stops == [
        f"http://edge.test:{target.port}{PATH} does not serve the consent's digest any more"
    ]
    assert left == 1


def test_who_never_agreed_to_a_few_viewers_cannot_withdraw_and_who_did_can(target: Target) -> None:
    asks = asking(target, CONSENT)
    stops = list[str]()

    target.says = b"HTTP/1.1 404 Not Found\r\n\r\n"
    asks.watch(stops.append, _never, is_needed=False)
    unasked = list(stops)
    target.says = agreed(CONSENT)

    def withdraw(_: float) -> None:
        target.says = b"HTTP/1.1 404 Not Found\r\n\r\n"

    asks.watch(stops.append, withdraw, is_needed=False)

    assert unasked == []
    assert len(stops) == 1


def _never(_: float) -> None:
    raise AssertionError("it was watched")


def test_a_busy_target_withdraws_nothing_until_the_grace_has_passed(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [now()]
    monkeypatch.setattr(agreement, "now", lambda: moment[0])
    target.says = agreed(CONSENT)
    asks = asking(target, CONSENT)
    asks.obtain()
    target.says = b"HTTP/1.1 503 Busy\r\n\r\n"

    def later(seconds: float) -> Callable[[], None]:
        def pass_time() -> None:
            moment[0] += seconds

        return pass_time

    def recover() -> None:
        moment[0] += 1.0
        target.says = agreed(CONSENT)

    def busy_again() -> None:
        target.says = None

    stops, left = watched(
        asks, [later(59.0), recover, busy_again, later(59.0), later(1.5), _nothing]
    )

    assert stops == [f"http://edge.test:{target.port}{PATH} could not be read for 60 s"]
    assert left == 1


def test_withdrawals_are_noticed_within_five_seconds() -> None:
    assert agreement.EVERY + agreement.PATIENCE < 5.0


def test_a_server_that_keeps_the_connection_is_heard_all_the_same() -> None:
    digest = consent_for("127.0.0.1").digest().encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(digest)
    heard = threading.Event()

    def keep(listener: socket.socket) -> None:
        sock, _ = listener.accept()
        with sock:
            sock.sendall(head + digest[:10])
            sock.sendall(digest[10:])
            heard.wait(10)  # the connection stays until the answer was understood

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=keep, args=(listener,))
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        word = Agreement(target=url, consent=consent_for("127.0.0.1")).ask()
        heard.set()
        server.join()
    assert word is Word.GIVEN
