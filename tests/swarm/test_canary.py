"""When a canary goes first, and what has to be true before anybody follows it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.audience.canary import canary
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Tally, Window
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export.archive import Archive, Event, Manifest, Run
from loadtests.export.parts import CANARY, TRIALS
from loadtests.scenario.library import find
from loadtests.scenario.read import load, read_scenario
from loadtests.swarm.canary import refuse_alone, spent, unclean, wanted
from loadtests.swarm.options import Options
from loadtests.swarm.rehearsal import Reason
from loadtests.vocabulary import End, Outcome, Step

SMOKE = Options(scenario="smoke")
HERE = replace(SMOKE, target="http://127.0.0.1:8080")
BEYOND = replace(SMOKE, target="http://192.0.2.7")
CONSENT = """\
owner: night desk
hosts: [{name: 127.0.0.1, approval: TEST-1}, {name: HOST, approval: TEST-2}]
window: {from: "2020-01-01T00:00:00+00:00", to: "2099-01-01T00:00:00+00:00"}
ceilings: {viewers: 10, joins: 10/s, bit_rate: 1 Gbit/s}
totals: {bytes: 1 GB, requests: 10, licenses: 10}
"""


def consenting(folder: Path, host: str) -> Options:
    path = folder / "consent.yaml"
    path.write_text(CONSENT.replace("HOST", host), encoding="utf-8")
    return replace(HERE, consent=path)


@pytest.mark.parametrize("options", [SMOKE, HERE], ids=["embedded", "this machine"])
def test_on_this_machine_it_goes_first_only_when_asked(options: Options) -> None:
    assert wanted(options) is None
    assert wanted(replace(options, canary=5.0)) == 5.0
    refuse_alone(options)


@pytest.mark.parametrize("target", ["http://192.0.2.7", "https://[2001:db8::7]/a.m3u8"])
def test_beyond_this_machine_it_always_does_and_for_a_minute_at_least(target: str) -> None:
    options = replace(SMOKE, target=target)
    assert wanted(options) == 60.0
    assert wanted(replace(options, canary=90.0)) == 90.0
    with pytest.raises(MatchnightError, match="beyond this machine it takes at least 1m"):
        wanted(replace(options, canary=59.0))


def test_another_host_of_the_consent_lies_beyond_as_well(tmp_path: Path) -> None:
    assert wanted(consenting(tmp_path, "localhost")) is None
    beyond = consenting(tmp_path, "cdn.invalid")
    assert wanted(beyond) == 60.0
    assert wanted(replace(beyond, resolve={"cdn.invalid:443": "127.0.0.1"})) is None
    assert wanted(replace(beyond, resolve={"cdn.invalid:443": "192.0.2.7"})) == 60.0


def test_plain_locust_is_refused_what_needs_one() -> None:
    with pytest.raises(MatchnightError, match="use `matchnight rehearse`") as refused:
        refuse_alone(BEYOND)
    assert refused.value.status is ExitStatus.UNREACHABLE
    with pytest.raises(MatchnightError, match="only `matchnight rehearse` flies one"):
        refuse_alone(replace(HERE, canary=5.0))


def flown(told: Mapping[str, int], *, stopped: dict[str, str] | None = None) -> Run:
    """A canary that came back after two seconds; `told`: how many of what outcome or end."""
    windows = [Window(second, workers=1) for second in range(2)]
    for name, number in told.items():
        if name in set(Outcome):
            windows[0].ended[Step.HOME, Outcome(name), False] = Tally(number)
            windows[0].sent[Step.HOME, False] += number
        elif name in set(End):
            windows[0].ends[0, End(name)] = number
            windows[0].arrived[0] += number
        else:
            windows[0].late_arrivals = number
            windows[0].arrived[0] += number
    scenario = canary(read_scenario(find("smoke")), 2.0)
    reason = {"reason": "finished"} if stopped is None else stopped
    return Run(
        folder=Path(),
        manifest=Manifest(
            scenario="smoke", target="http://127.0.0.1", embedded=False, created="x", canary=2.0
        ),
        scenario=scenario,
        timeline=Timeline(windows),
        events=[
            Event(kind="started", at=100.0, facts={"run": "r"}),
            Event(kind="stopped", at=102.0, facts=reason),
        ],
        pulses=[],
        damaged=[],
    )


@pytest.mark.parametrize(
    "told",
    [
        {"ok": 100, "in_time": 10},
        {"ok": 99, "overload": 1, "in_time": 9, "never_started": 1},
        {"ok": 1, "queued": 50, "policy": 50, "canceled": 50},
    ],
)
def test_clean_is_one_failure_in_a_hundred_and_one_black_screen_at_most(
    told: dict[str, int],
) -> None:
    assert unclean(flown(told)) is None


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (
            {"ok": 98, "reset": 2},
            "2 of 100 requests failed, at most 1 % may; 2 of them were `home`",
        ),
        ({"ok": 100, "in_time": 8, "never_started": 2}, "2 viewers met a black screen"),
        ({"timeout": 7}, "none of its 7 requests was answered well"),
        ({"queued": 7}, "none of its 7 requests was answered well"),
        ({}, "none of its 0 requests was answered well"),
    ],
)
def test_anything_more_is_unclean(told: dict[str, int], why: str) -> None:
    cause = unclean(flown(told))
    assert cause is not None
    assert cause.reason is Reason.CANARY
    assert cause.text.startswith(f"the canary was not clean: {why}")


def test_a_late_tester_says_nothing_about_the_target() -> None:
    cause = unclean(flown({"ok": 100, "late": 5}))
    assert cause is not None
    assert cause.reason is Reason.FAILED
    assert "the canary says nothing: 5 of 5 viewers arrived late" in cause.text


@pytest.mark.parametrize(
    "reason", [reason for reason in Reason if reason not in {Reason.FINISHED, Reason.CANARY}]
)
def test_what_stops_a_canary_stops_the_rehearsal_for_the_same_reason(reason: Reason) -> None:
    cause = unclean(flown({"ok": 100}, stopped={"reason": reason, "text": "so it was"}))
    assert cause == (reason, f"the canary was {reason}: so it was")


@pytest.fixture
def archived(tmp_path: Path) -> Callable[[Window], Path]:
    def write(window: Window) -> Path:
        manifest = flown({}).manifest
        text = load(find("smoke"))
        with Archive.create(tmp_path / CANARY, manifest, text) as archive:
            archive.append(window)
        return tmp_path

    return write


def test_what_it_used_up_is_counted_by_step_and_bytes(
    archived: Callable[[Window], Path], tmp_path: Path
) -> None:
    assert spent(tmp_path) == {}
    window = Window(0, workers=1)
    window.sent[Step.LICENSE, False], window.sent[Step.LICENSE, True] = 3, 1
    window.sent[Step.SIGN_UP, False] = 2
    window.ended[Step.LICENSE, Outcome.OK, False] = Tally(3, 300)
    assert spent(archived(window)) == {"license": 4, "sign_up": 2, "bytes": 300}


def test_all_trials_of_a_search_use_up_the_same_totals_and_its_canary_does(
    archived: Callable[[Window], Path], tmp_path: Path
) -> None:
    window = Window(0, workers=1)
    window.sent[Step.HOME, False] = 5
    archived(window)
    for number in range(3):
        trial = tmp_path / TRIALS / f"{number:02d}-step-4"
        with Archive.create(trial, flown({}).manifest, load(find("smoke"))) as archive:
            archive.append(window)
    (tmp_path / TRIALS / "03-step-6").mkdir()  # one that has not begun
    assert spent(tmp_path) == {"home": 20}
