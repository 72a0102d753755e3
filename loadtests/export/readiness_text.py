"""What a source is ready to support, for a terminal: what can be said, and what to add for more."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loadtests.diagnosis.readiness import Before, Kind, Need, Readiness
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.diagnosis.verdict.night import Night, Origin
from loadtests.export import verdict_words as said
from loadtests.export import words
from loadtests.export.records import told
from loadtests.export.terminal import BOLD, GREEN, RED, painter, wrapped
from loadtests.units import Ratio

NEEDS: Mapping[Need, str] = {
    Observable.TIME: "when each request ended",
    Observable.STEP: "which step of a viewer's each path is",
    Observable.STATUS: "the status of each answer",
    Observable.STATED: "the outcome the application states",
    Observable.CLIENT: "the client's address",
    Observable.ACCOUNT: "the account, token or session",
    Observable.TARGET: "path and query",
    Observable.BYTES: "the size of each answer",
    Observable.DURATION: "how long each request took",
    Observable.CACHE: "whether the cache answered",
    Observable.ATTEMPT: "which attempt a request is",
    Observable.REGION: "the region",
    Observable.METHOD: "the method",
    Before.SIGNATURE: "the target's measured capacity",
    Before.ALL_LOGGED: "every request, not a sample",
}

HOW: Mapping[Need, str] = {
    Observable.TIME: "log it with its zone, to the millisecond if you can: $msec in nginx",
    Observable.STEP: "write a target profile that has your paths, and give it as --profile",
    Observable.STATUS: "log $status",
    Observable.STATED: (
        "let the application answer with a header such as X-Outcome: bad_credentials, "
        "unknown_user, expired or policy:<code>, and log it as `outcome`: $sent_http_x_outcome"
    ),
    Observable.CLIENT: (
        "log $remote_addr; behind a balancer set it by real_ip or log $http_x_forwarded_for"
    ),
    Observable.ACCOUNT: "log a hash of the token or the account's number as `account`",
    Observable.TARGET: "log $request_uri: without a query, what busts a cache looks like all else",
    Observable.BYTES: "log $body_bytes_sent",
    Observable.DURATION: "log $request_time",
    Observable.CACHE: "log $upstream_cache_status as `cache`, at the edge that has the cache",
    Observable.ATTEMPT: (
        "let the players send the number of the attempt, such as X-Attempt: 2, and log it as "
        "`attempt`: $http_x_attempt"
    ),
    Observable.REGION: "log the region or the point of presence as `region`",
    Observable.METHOD: "log $request",
    Before.SIGNATURE: (
        "measure it with `matchnight capacity`, of the build of the night, and give --signature"
    ),
    Before.ALL_LOGGED: (
        "log every request of the steps before the picture; sampling media segments does no harm"
    ),
}

NO_METRIC = frozenset({Observable.CLIENT, Observable.ACCOUNT, Observable.TARGET})
OF_LOGS_ONLY = "no metric can say it of each request: give the access log, --access-log"

LIKE_IT = (
    "Whatever the source: keep the log of an evening of the same kind of event, and give it as "
    "--baseline. Without one, what the event itself may explain is never more than leaning."
)


def readiness_text(night: Night, found: Readiness, *, color: bool = False) -> str:
    """All of it, ending with a newline. `color` (ANSI codes) is for a terminal only."""
    paint = painter(color=color)
    can, of = len(found.sayable), len(found.verdicts)
    lines = [paint(f"{night.source} can support {can} of {of} verdicts.", BOLD), ""]
    for support in found.verdicts:
        mark = paint("no ", RED) if support.lacks else paint("yes", GREEN)
        lacking = f"  needs {', '.join(need.value for need in support.lacks)}"
        lines.append(f"  {mark}  {said.title(support.kind):<36}{lacking if support.lacks else ''}")
    lines += ["", *_seen(night)]
    for number, advice in enumerate(found.advice, 1):
        lines += ["", paint(f"{number}. Add {advice.add}: {NEEDS[advice.add]}", BOLD)]
        lines += [f"   {part}" for part in wrapped(words.sentence(how(advice.add, night)), 3)]
        lines += [f"   {part}" for part in wrapped(_buys(advice.buys, advice.helps), 3)]
    lines += ["", *wrapped(LIKE_IT)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def readiness_json(night: Night, found: Readiness) -> dict[str, Any]:
    """The same as plain JSON values."""
    made: dict[str, Any] = told(found)
    for advice, written in zip(found.advice, made["advice"], strict=True):
        written["how"] = how(advice.add, night)
    return {"source": night.source, "observed": told(night.observed)} | made


def how(need: Need, night: Night) -> str:
    """How it is added to this kind of source."""
    if night.origin is Origin.PROMETHEUS and need in NO_METRIC:
        return OF_LOGS_ONLY
    return HOW[need]


def _seen(night: Night) -> Iterator[str]:
    """Of which share of the requests each thing is known."""
    known = ", ".join(f"{of} {words.percent(_share(night, of))}" for of in Observable)
    yield from wrapped(f"Known of the requests in it: {known}.")


def _share(night: Night, of: Observable) -> Ratio:
    return night.observed.get(of, 0.0)


def _buys(buys: Sequence[Kind], helps: Sequence[Kind]) -> str:
    alone = f"Buys {', '.join(map(said.title, buys))}." if buys else "By itself it buys nothing."
    others = f" With the others: {', '.join(map(said.title, helps))}." if helps else ""
    return alone + others
