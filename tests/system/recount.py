"""Recounts a run by hand: from the access log, the tester's request log and the list of arrivals.

Nothing here uses the tool's own windows, journeys or sums: it is the oracle they are held against.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kit import lines

from loadtests.audience import crowd
from loadtests.audience.arrivals import Arrival
from loadtests.scenario.model import Scenario
from loadtests.vocabulary import Player

Line = dict[str, Any]

SAME_OUTCOME = {
    "ok": "ok",
    "queued": "queued",
    "overload": "overload",
    "bad_credentials": "denied",
    "unknown_user": "denied",
    "expired": "denied",
    "forbidden": "denied",
    "not_found": "not_found",
    "client_error": "client_error",
    "server_error": "server_error",
    "policy:not_in_plan": "policy",
}
"""What the stack states, and what a viewer's device makes of it."""

GAVE_UP = {
    "canceled",
    "timeout",
    "first_byte_timeout",
    "connect_timeout",
    None,
}  # None: run ended first
APP_STEPS = {"home", "sign_in", "refresh", "entitlement", "session"}
CLOSE = 0.1  # seconds: nearer to a limit than this, log and tester may rightly disagree


@dataclass
class Accounts:
    """Every request sent, in one class; `residual` names those that fit in none."""

    sent: int = 0
    answered: Counter[tuple[str, str]] = field(default_factory=Counter)
    given_up_aborted: int = 0
    given_up_served: int = 0
    never_accepted: int = 0
    residual: list[str] = field(default_factory=list)


def accounts(folder: Path) -> Accounts:
    """Hold the tester's requests against the target's log, one by one, by request id."""
    log = {
        line["request_id"]: line
        for line in lines(folder / "testbed" / "access.jsonl")
        if line["step"]
    }
    books = Accounts()
    for request in lines(folder / "requests.jsonl"):
        books.sent += 1
        _file(books, request, log.pop(request["id"], None))
    books.residual += [f"logged but never sent: {request_id}" for request_id in log]
    return books


def _file(books: Accounts, request: Line, line: Line | None) -> None:
    if line is None:
        books.never_accepted += 1
        if request["status"] and request["outcome"] not in GAVE_UP:
            books.residual.append(f"answered but not logged: {request}")
    elif request["outcome"] in GAVE_UP:
        books.given_up_aborted += line["outcome"] == "aborted"
        books.given_up_served += line["outcome"] != "aborted"
    elif (line["step"], SAME_OUTCOME.get(line["outcome"])) == (request["step"], request["outcome"]):
        books.answered[request["step"], request["outcome"]] += 1
    else:
        books.residual.append(f"{request} but {line}")


@dataclass
class Ends:
    """The end of each viewer by the log alone; `close` lists those within CLOSE of a limit."""

    by_viewer: dict[int, str | None] = field(default_factory=dict)
    close: set[int] = field(default_factory=set)


def ends(folder: Path, scenario: Scenario) -> Ends:
    """Redo every arrival's end, by the rule of `behavior.viewer.visit`, from log and arrivals."""
    viewer_of = {r["id"]: r["viewer"] for r in lines(folder / "requests.jsonl")}
    log: dict[int, list[Line]] = defaultdict(list)
    for line in lines(folder / "testbed" / "access.jsonl"):
        if line["request_id"] in viewer_of:
            log[viewer_of[line["request_id"]]].append(line)
    events = {event["kind"]: event["at"] for event in lines(folder / "events.jsonl")}
    found = Ends()
    for arrival in crowd.share(scenario):
        mine = sorted(log[arrival.index], key=lambda line: float(line["time"]))
        end, margin = _end(
            arrival, mine, events["started"], events["stopped"], scenario.start_limit
        )
        found.by_viewer[arrival.index] = end
        if margin < CLOSE:
            found.close.add(arrival.index)
    return found


def _end(
    arrival: Arrival, mine: list[Line], start: float, stop: float, start_limit: float
) -> tuple[str | None, float]:
    """The end, or None for still starting; and how many seconds it is from being another."""
    born = start + arrival.at
    gives_up = born + min(arrival.patience, arrival.stay)
    whole = [line for line in mine if line["outcome"] != "aborted"]
    frame = _first_frame(whole)
    if frame is not None and frame <= gives_up:
        late = frame - born > start_limit
        margin = min(abs(frame - born - start_limit), gives_up - frame, abs(stop - frame))
        return "started_late" if late else "in_time", margin
    before = [line for line in whole if line["time"] <= gives_up]
    if any(line["outcome"].startswith("policy") for line in before):
        return "refused", 1.0
    if _human_gave_up(arrival, before):
        return "never_started", stop - before[-1]["time"]
    if gives_up > stop:
        return None, min(gives_up - stop, abs(stop - frame) if frame else CLOSE * 2)
    margin = min([stop - gives_up, *(abs(line["time"] - gives_up) for line in whole)])
    waiting = not before or before[-1]["outcome"] in {"ok", "queued"}
    return "left_waiting" if waiting else "never_started", margin


def _first_frame(whole: Iterable[Line]) -> float | None:
    """When the first init section and the first segment (muxed) had both been answered."""
    first: dict[str, float] = {}
    for line in whole:
        if line["outcome"] == "ok" and line["step"] in {"init", "segment"}:
            first.setdefault(line["step"], line["time"])
    return max(first.values()) if len(first) == 2 else None


def _human_gave_up(arrival: Arrival, before: list[Line]) -> bool:
    """Whether an app step failed, unrepeated, after as many starts of the app as people make."""
    if arrival.device.player is Player.SET_TOP_BOX or not before:  # a box repeats for ever
        return False
    last = before[-1]
    failed = last["outcome"] not in {"ok", "queued"} and last["step"] in APP_STEPS
    homes = [line for line in before if line["step"] == "home"]
    starts = 1 + sum(1 for previous in homes[:-1] if previous["outcome"] != "queued")
    refreshable = last["step"] == "refresh" and last["status"] == 401
    return failed and not refreshable and starts > arrival.device.human_retry.times
