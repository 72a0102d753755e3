"""Whatever marks traffic as ours or as hostile is renamed and dealt anew: the verdict stays."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from edge_nights import night_on_paper, played
from kit import lines, matchnight
from overloads import signed

from loadtests.audience import hostile as hostile_audience
from loadtests.audience.arrivals import Arrival
from loadtests.audience.sources import HOSTILE, viewer_source
from loadtests.behavior.steps import Reply
from loadtests.collect.edge.sighting import Sighting
from loadtests.diagnosis.verdict.baseline import baseline_of
from loadtests.diagnosis.verdict.judge import diagnose
from loadtests.diagnosis.verdict.kinds import Cause, Hostile, Observable
from loadtests.diagnosis.verdict.night import Baseline, Night, Origin
from loadtests.diagnosis.verdict.records import Verdict
from loadtests.intake.logs import LogOptions, read_logs
from loadtests.paper import simulate
from loadtests.paper.edge import TargetEdge
from loadtests.scenario.hostile import Attack, Pattern
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.stack.exchange import Answer, Request
from loadtests.swarm.wire.addresses import source_of
from loadtests.units import Seconds
from loadtests.vocabulary import Step

SCALE, SPEED = 1 / 800, 10.0
KEY = b"one key for all readings"


class Line(NamedTuple):
    """A request as the target's edge has it, beside what its log may say or leave out."""

    seen: Sighting
    source: int
    request: Request
    answer: Answer
    status: int
    outcome: str

    @property
    def is_hostile(self) -> bool:
        return self.source >= HOSTILE


@dataclass(frozen=True)
class Labels:
    """How a log names those who asked; nothing of it tells what they did."""

    address: Callable[[int], str] = source_of
    account: Callable[[str], str] = str
    agent: Callable[[Line], str] = lambda line: "curl/8" if line.is_hostile else "Mozilla/5.0"
    marks: Callable[[Line], dict[str, str]] = lambda _: {}


class Lines:
    """A `TargetEdge` that keeps what a log is written from."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._seen: list[Sighting] = []
        self._edge = TargetEdge(self._seen.append)

    def ended(
        self, reply: Reply, request: Request, answer: Answer, *, begun: Seconds, gone: Seconds
    ) -> None:
        self._edge.ended(reply, request, answer, begun=begun, gone=gone)
        is_answered = answer.at <= gone
        status, outcome = (answer.status, answer.logged) if is_answered else (499, "aborted")
        seen = self._seen.pop()
        self.lines.append(Line(seen, reply.source, request, answer, status, outcome))


def night_of(variant: str) -> Scenario:
    return read_scenario(find("psg-juventus"), variant=variant, scale=SCALE, speed=SPEED)


@cache
def logged() -> tuple[Line, ...]:
    """Passwords tried by the thousand, and a sign-in that fails for it."""
    edge = Lines()
    played(night_of("c"), edge)  # type: ignore[arg-type]  # it does what a TargetEdge does
    return tuple(edge.lines)


@cache
def usual() -> Baseline:
    return baseline_of(night_on_paper(night_of("none")), name="one that was held", same_class=True)


def as_json(line: Line, labels: Labels) -> str:
    seen, account = line.seen, line.answer.account
    return json.dumps(
        {
            "time": seen.at,
            "client": labels.address(line.source),
            "account": None if account is None else labels.account(account),
            "step": seen.step,
            "method": line.request.method,
            "path": line.request.target,
            "status": line.status,
            "outcome": line.outcome,
            "bytes": seen.size,
            "duration": seen.duration,
            "cache": line.answer.cache,
            "attempt": 1 if seen.attempt == "first" else 2,
            "user_agent": labels.agent(line),
            **labels.marks(line),
        }
    )


def as_combined(line: Line, labels: Labels) -> str:
    at = datetime.fromtimestamp(line.seen.at, UTC)
    account = line.answer.account
    return (
        f"{labels.address(line.source)} - {labels.account(account) if account else '-'} "
        f'[{at:%d/%b/%Y:%H:%M:%S +0000}] "{line.request.method} {line.request.target} HTTP/1.1" '
        f'{line.status} {line.seen.size} "-" "{labels.agent(line)}"'
    )


Form = Callable[[Line, Labels], str]


def verdict_of(
    folder: Path, labels: Labels, form: Form = as_json, *, known: Baseline | None = None
) -> Verdict:
    """Of the log as it reads with these names."""
    log = folder / "access.log"
    log.write_text("".join(f"{form(line, labels)}\n" for line in logged()), encoding="utf-8")
    read = read_logs([str(log)], LogOptions(key=KEY))
    night = Night(
        windows=read.windows,
        origin=Origin.ACCESS_LOG,
        source="access.log",
        start=read.start,
        resolution=read.resolution,
        observed=read.observed,
        signature=signed(night_of("c"), spread=0.03),
        baseline=known,
    )
    return diagnose(night, formed=False)


def told(verdict: Verdict) -> object:
    """What is said; how many clients there were is estimated, by hashes of their names."""
    return (
        (verdict.cause.kind, verdict.cause.word),
        [(found.kind, found.step, found.word) for found in verdict.hostile],
        verdict.hostile_undetermined,
        [(of.step, of.cause.kind, of.cause.word) for of in verdict.episodes],
    )


def permuted(seed: int) -> Labels:
    """Other addresses, hostile ones among the viewers', and other names of accounts."""
    random = Random(seed)  # noqa: S311 - a draw, not a secret
    factor, shift = 2 * random.randrange(2**22) + 1, random.randrange(2**24)

    def address(source: int) -> str:  # one to one: odd factors are invertible modulo 2 ** 24
        number = (source * factor + shift) % 2**24
        return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"

    names: dict[str, str] = {}

    def account(name: str) -> str:
        return names.setdefault(name, f"{random.randrange(2**60):x}")

    return Labels(address=address, account=account)


def test_neither_user_agents_nor_headers_of_ours_change_a_figure(tmp_path: Path) -> None:
    def marks(line: Line) -> dict[str, str]:
        who = "hostile" if line.is_hostile else "viewer"
        headers = {"x-matchnight-run": "4711", "x-matchnight-cohort": who}
        return {"request_id": f"{who}-1", "http_x_matchnight_run": who, **headers}

    ours = Labels(agent=lambda line: f"matchnight/0.1 {line.is_hostile}", marks=marks)
    assert verdict_of(tmp_path, ours) == verdict_of(tmp_path, Labels())


@pytest.mark.parametrize("form", [as_json, pytest.param(as_combined, marks=pytest.mark.ci)])
def test_other_addresses_and_accounts_make_no_other_verdict(form: Form, tmp_path: Path) -> None:
    plain = verdict_of(tmp_path, Labels(), form, known=usual())
    if form is as_json:
        assert plain.cause.kind is Cause.MALICE_CAUSED
        assert [found.kind for found in plain.hostile] == [Hostile.CREDENTIAL_STUFFING]
    assert told(verdict_of(tmp_path, permuted(7), form, known=usual())) == told(plain)


@pytest.mark.ci
@pytest.mark.parametrize("seed", range(3))
def test_hostile_traffic_may_be_played_from_anywhere_and_in_any_order(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    match = night_of("c")
    flood = Attack(
        pattern=Pattern.FLOOD, step=Step.HOME, start=-240.0, lasts=300.0, rate=60.0, sources=50
    )
    orders = (*match.hostile, flood)
    plain = told(_on_paper(replace(match, hostile=orders)))
    numbers = Random(seed).sample(range(10_000_000), 100_000)  # noqa: S311 - the same

    def viewer(arrival: Arrival) -> int:
        number = viewer_source(arrival)
        return number if number >= len(numbers) // 2 else numbers[number]

    monkeypatch.setattr(simulate, "viewer_source", viewer)
    monkeypatch.setattr(hostile_audience, "hostile_source", lambda n: numbers[-1 - n])
    assert told(_on_paper(replace(match, hostile=orders[::-1]))) == plain


def _on_paper(scenario: Scenario) -> Verdict:
    return diagnose(
        Night(
            windows=night_on_paper(scenario, "samples"),
            origin=Origin.SAMPLES,
            source="run",
            observed=dict.fromkeys(Observable, 1.0),
            signature=signed(night_of("c"), spread=0.03),
            baseline=usual(),
        ),
        formed=False,
    )


@pytest.mark.ci
def test_a_run_whose_ground_truth_is_renamed_or_gone_has_the_same_verdict(tmp_path: Path) -> None:
    run = tmp_path / "run"
    chosen = ("--variant", "c", "--scale", "1/800", "--speed", "10")
    matchnight("simulate", "psg-juventus", *chosen, "--quiet", "--report-dir", run)
    before = _diagnosed(run)
    assert before["hostile"]
    for change in (_renamed, _forgotten):
        windows = run / "windows.jsonl"
        made = [json.dumps(change(window)) for window in lines(windows)]
        windows.write_text("".join(f"{line}\n" for line in made), encoding="utf-8")
        assert _diagnosed(run) == before
    scenario = run / "scenario.yaml"
    text = scenario.read_text(encoding="utf-8")
    assert "pattern: credential_stuffing, from: -4m, lasts: 7m, rate: 36/s" in text
    scenario.write_text(text.replace(_ATTACK, _OTHER), encoding="utf-8")
    assert _diagnosed(run) == before


_ATTACK = (
    "pattern: credential_stuffing, from: -4m, lasts: 7m, rate: 36/s, sources: 400, "
    "unknown_users: 30 %, hits: 0.5 %"
)


_OTHER = "pattern: imitation, from: -1m, lasts: 2m, rate: 1/s, sources: 4"


def _diagnosed(run: Path) -> dict[str, object]:
    said = json.loads(matchnight("diagnose", run, "--json").stdout)
    return {name: said[name] for name in ("cause", "hostile", "episodes")}


Window = dict[str, Any]


def _renamed(window: Window) -> Window:
    """Viewers' cohorts and hostile patterns under other names."""
    cohorts = [[row[0], "elsewhere", "toaster", *row[3:]] for row in window.get("cohorts", [])]
    hostile = [["imitation", *row[1:]] for row in window.get("hostile", [])]
    return {**window, "cohorts": cohorts, "hostile": hostile}


def _forgotten(window: Window) -> Window:
    """As if nothing of it had been made by us."""
    return {name: value for name, value in window.items() if name not in {"cohorts", "hostile"}}
