import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from loadtests.collect.edge.sighting import Attempt, Said
from loadtests.collect.edge.window import merged
from loadtests.collect.range_queries import parse_queries
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.intake import prometheus_server
from loadtests.intake.prometheus import (
    DEFAULT,
    Asked,
    RangeNight,
    find_queries,
    load_queries,
    read_prometheus,
)
from loadtests.vocabulary import Step

START, STOP = 1_700_000_000.0, 1_700_000_150.0
QUERIES = """\
title: a test
queries:
  requests: [{query: requests_total}]
  busy: [{query: busy_total}]
"""

Answer = tuple[int, bytes]
Reply = Callable[[str, dict[str, str]], Answer]


class Fake:
    """Answers range queries as `reply(query, form)` says; keeps what it was asked."""

    def __init__(self, reply: Reply) -> None:
        self.forms: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
                fake.forms.append(form)
                fake.headers.append(dict(self.headers))
                fake.paths.append(self.path)
                status, body = reply(form["query"], form)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(ConnectionError):  # who asked may have lost patience
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing on standard error."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.01)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def serving(reply: Reply) -> Iterator[Fake]:
    fake = Fake(reply)
    thread = threading.Thread(target=fake.serve, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.close()
        thread.join(5)


def asked(text: str = QUERIES) -> Asked:
    return Asked(parse_queries(text, file="q.yaml"), "q.yaml")


def read(
    fake: Fake, queries: Asked | None = None, *, stop: float = STOP, patience: float = 5.0
) -> RangeNight:
    return read_prometheus(
        fake.url, start=START, stop=stop, asked=queries or asked(), patience=patience
    )


def success(*series: tuple[dict[str, str], list[float | None]], **more: object) -> Answer:
    """Values from START on, one every 15 s; None: there is none."""
    result = [
        {
            "metric": labels,
            "values": [
                [START + 15 * at, str(value)]
                for at, value in enumerate(values)
                if value is not None
            ],
        }
        for labels, values in series
    ]
    data = {"resultType": "matrix", "result": result}
    return 200, json.dumps({"status": "success", "data": data, **more}).encode()


def growing(query: str, _: dict[str, str]) -> Answer:
    """Ten requests and a second of work each fifteen seconds."""
    labels = {"endpoint": "sign_in", "outcome": "ok", "attempt": "first"}
    each = 10.0 if query == "requests_total" else 1.0
    return success((labels, [each * at for at in range(11)]))


def refused(text: str) -> Answer:
    body = {"status": "error", "errorType": "bad_data", "error": text}
    return 400, json.dumps(body).encode()


def message(act: Callable[[], object]) -> MatchnightError:
    with pytest.raises(MatchnightError) as caught:
        act()
    return caught.value


def test_a_range_becomes_a_night() -> None:
    with serving(growing) as fake:
        night = read(fake)
    total = merged(night.windows).of(Step.SIGN_IN)
    assert total.said == {(Said.OK, Attempt.FIRST): 100}
    assert total.busy == pytest.approx(10)
    assert len(night.windows) == 150
    assert (night.start, night.resolution) == (START, 15.0)
    assert night.notes == ()
    assert night.blind == ()
    assert night.observed == {
        Observable.TIME: 1,
        Observable.STEP: 1,
        Observable.STATUS: 1,
        Observable.STATED: 1,
        Observable.ATTEMPT: 1,
        Observable.DURATION: 1,
    }
    assert fake.paths == ["/api/v1/query_range"] * 2
    assert fake.forms[0]["start"] == "1700000000.000"
    assert fake.forms[0]["step"] == "15"


def test_the_shipped_maps_of_queries_are_sound() -> None:
    folder = find_queries(DEFAULT).parent
    names = sorted(path.stem for path in folder.glob("*.yaml"))
    assert names == ["matchnight", "recorded"]
    for name in names:
        assert load_queries(name).queries.title


def test_a_long_range_is_asked_for_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus_server, "MOST_POINTS", 4)

    def reply(_: str, form: dict[str, str]) -> Answer:
        first = round((float(form["start"]) - START) / 15)
        last = round((float(form["end"]) - START) / 15)
        values = [10.0 * at if first <= at <= last else None for at in range(11)]
        return success(({"endpoint": "sign_in", "outcome": "ok"}, values))

    with serving(reply) as fake:
        night = read(fake)
    spans = [(float(f["start"]) - START, float(f["end"]) - START) for f in fake.forms[:3]]
    assert spans == [(0, 45), (60, 105), (120, 150)]
    assert merged(night.windows).of(Step.SIGN_IN).requests == 100


def test_a_wrong_query_is_the_users_to_mend() -> None:
    with serving(lambda *_: refused("parse error: unexpected end")) as fake:
        error = message(lambda: read(fake))
    assert str(error) == (
        f"q.yaml: queries.requests: requests_total: {fake.url} says bad_data: parse error: "
        "unexpected end; mend the query"
    )
    assert error.status is ExitStatus.USAGE


def test_a_metric_nobody_has_is_left_out_and_not_taken_for_zero() -> None:
    def reply(query: str, form: dict[str, str]) -> Answer:
        return growing(query, form) if query == "requests_total" else success()

    with serving(reply) as fake:
        night = read(fake)
    assert night.notes == ("q.yaml: queries.busy: busy_total gives nothing in this range.",)
    assert Observable.DURATION not in night.observed


def test_a_query_that_fails_twice_is_left_out_unless_it_is_for_the_requests() -> None:
    def reply(query: str, form: dict[str, str]) -> Answer:
        return growing(query, form) if query == "requests_total" else (503, b"overloaded")

    with serving(reply) as fake:
        night = read(fake)
    assert [form["query"] for form in fake.forms] == ["requests_total", "busy_total", "busy_total"]
    assert night.notes == (
        f"q.yaml: queries.busy: busy_total: {fake.url} answers 503: 'overloaded': it is left out.",
    )
    with serving(lambda *_: (502, b"")) as fake:
        error = message(lambda: read(fake))
    assert str(error) == f"q.yaml: queries.requests: requests_total: {fake.url} answers 502: ''"
    assert error.status is ExitStatus.UNREACHABLE


def test_a_server_that_recovers_is_asked_again() -> None:
    answers = iter([(503, b""), None, None])

    def reply(query: str, form: dict[str, str]) -> Answer:
        return next(answers) or growing(query, form)

    with serving(reply) as fake:
        assert merged(read(fake).windows).of(Step.SIGN_IN).requests == 100


def test_a_server_that_never_answers_ends_in_time() -> None:
    release = threading.Event()

    def reply(query: str, form: dict[str, str]) -> Answer:
        release.wait(20)
        return growing(query, form)

    with serving(reply) as fake:
        error = message(lambda: read(fake, patience=0.2))
        release.set()
    assert "gives no answer within 200ms" in str(error)
    assert error.status is ExitStatus.UNREACHABLE


def test_nobody_there_is_said() -> None:
    with serving(growing) as fake:
        url = fake.url
    error = message(lambda: read_prometheus(url, start=START, stop=STOP, asked=asked()))
    assert f"{url} cannot be asked: " in str(error)
    assert "refused" in str(error)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "name an environment variable under `authorization`"),
        (302, "it is somewhere else; write that URL"),
        (404, "write the URL that /api/v1/query_range is below"),
    ],
)
def test_what_stands_in_the_way_is_said(status: int, says: str) -> None:
    with serving(lambda *_: (status, b"")) as fake:
        error = message(lambda: read(fake))
    assert str(error) == f"--prometheus: {fake.url} answers {status}: {says}"
    assert len(fake.forms) == 1  # above all, a redirect is not followed


@pytest.mark.parametrize("body", [b"<html>", b'{"status": "success", "data": {"resultT', b"[]"])
def test_what_is_no_answer_is_none(body: bytes) -> None:
    with serving(lambda *_: (200, body)) as fake:
        error = message(lambda: read(fake))
    assert f"queries.requests: requests_total: {fake.url}: the answer is not" in str(error)


def test_a_partial_answer_is_told() -> None:
    def reply(*_: object) -> Answer:
        labels = {"endpoint": "sign_in", "outcome": "ok"}
        return success((labels, [1.0] * 11), warnings=["store-1: deadline exceeded"])

    with serving(reply) as fake:
        night = read(fake)
    assert night.notes[0] == (
        f"q.yaml: queries.requests: {fake.url} warns: store-1: deadline exceeded"
    )


def test_gaps_lower_what_is_known_and_long_ones_are_blind() -> None:
    values: list[float | None] = [10.0 * at for at in range(41)]
    values[5] = None
    values[20:31] = [None] * 11

    def reply(*_: object) -> Answer:
        return success(({"endpoint": "sign_in", "outcome": "ok"}, values))

    with serving(reply) as fake:
        night = read(fake, stop=START + 600)
    assert night.observed[Observable.TIME] == pytest.approx(26 / 40)
    assert night.blind == ((285.0, 465.0),)
    assert night.notes == (
        (
            "35.0% of the scrapes are missing: short gaps are bridged, and what happened within "
            "them is not known."
        ),
        "Nothing is known from 2023-11-14T22:18:05+00:00 to 2023-11-14T22:21:05+00:00.",
    )


def test_a_range_of_which_hardly_anything_is_known_is_refused() -> None:
    values = [1.0 if at % 3 == 0 else None for at in range(11)]

    def reply(*_: object) -> Answer:
        return success(({"endpoint": "sign_in", "outcome": "ok"}, values))

    with serving(reply) as fake:
        error = message(lambda: read(fake))
    assert str(error) == (
        "q.yaml: queries.requests: only 0% of the range has data every 15s; write a shorter "
        "range, or a longer `step`"
    )


def test_a_range_without_anything_is_refused() -> None:
    with serving(lambda *_: success()) as fake:
        error = message(lambda: read(fake))
    assert str(error).startswith("q.yaml: queries.requests: nothing between 2023-11-14T22:13:20")


def test_a_range_too_short_to_read_is_refused() -> None:
    error = message(
        lambda: read_prometheus("http://127.0.0.1:1", start=START, stop=START + 20, asked=asked())
    )
    assert str(error) == "--from and --to: less than 30s apart; write a longer range"


def test_passwords_go_into_a_header_and_into_no_message() -> None:
    with serving(lambda *_: (500, b"")) as fake:
        url = fake.url.replace("//", "//me:se%40cret@")
        error = message(lambda: read_prometheus(url, start=START, stop=STOP, asked=asked()))
    assert fake.headers[0]["Authorization"] == "Basic bWU6c2VAY3JldA=="
    assert "cret" not in str(error)


def test_a_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    queries = asked(QUERIES + "authorization: NIGHT_TOKEN\nheaders: {X-Scope-OrgID: live}\n")
    monkeypatch.delenv("NIGHT_TOKEN", raising=False)
    with serving(growing) as fake:
        error = message(lambda: read(fake, queries))
        assert str(error) == (
            "authorization: the environment has no NIGHT_TOKEN; export NIGHT_TOKEN=..."
        )
        monkeypatch.setenv("NIGHT_TOKEN", "Bearer abc")
        read(fake, queries)
    assert fake.headers[0]["Authorization"] == "Bearer abc"
    assert fake.headers[0]["X-Scope-Orgid"] == "live"


@pytest.mark.parametrize("url", ["prometheus:9090", "ftp://x", "http://"])
def test_what_is_no_url_is_refused(url: str) -> None:
    error = message(lambda: read_prometheus(url, start=START, stop=STOP, asked=asked()))
    assert str(error).startswith(f"--prometheus: {url!r} is no http or https URL")


def test_a_map_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    error = message(lambda: find_queries("matchnigth"))
    assert str(error) == (
        "--queries: no map of queries 'matchnigth'; did you mean 'matchnight'? (there are "
        "matchnight, recorded), or write the path of a file"
    )
    path = tmp_path / "own.yaml"
    path.write_text(QUERIES)
    assert load_queries(str(path)).file == str(path)
