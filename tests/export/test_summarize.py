import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Cohort, Tally, Window
from loadtests.export import summary
from loadtests.export.archive import Archive, Manifest, Run, read_run
from loadtests.export.incident import PolicyCount, RealFigure
from loadtests.export.summarize import summarize
from loadtests.vocabulary import End, Fact, Outcome, Purpose, Step

SCENARIO = """\
title: a cup final
event: {name: Cup final, kick_off: 2026-05-30 21:00}
audience:
  published: 12_000
  people_per_account: {value: 1, low: 1, high: 1}
  share_on_app: {value: 50 %, low: 50 %, high: 50 %}
scale: 1/10
speed: 1
window: [-1m, 0m]
arrivals:
  - {shape: steady, from: -10m, to: +10m, share: 100 %}
devices:
  tv: {share: 100 %, player: shaka, signs_in: 100 %}
objectives:
  - {name: few black screens, metric: black_screens, at_most: 10 %, between: [-1m, 0m]}
"""
MANIFEST = Manifest(
    scenario="cup-final",
    target="http://127.0.0.1:8080",
    embedded=True,
    blind_spots=["license"],
    created="2026-11-22T19:30:00+00:00",
)
START = 1_790_000_000.0


def times(*values: float) -> Distribution:
    made = Distribution()
    for value in values:
        made.add(value)
    return made


def second(at: int, *, black: int = 0) -> Window:
    """One second of a run in which five viewers arrive, start and send one request each."""
    return Window(
        at,
        workers=1,
        sent=Counter({(Step.HOME, False): 5}),
        ended={(Step.HOME, Outcome.OK, False): Tally(5, 500, times(*[0.1] * 5))},
        arrived=Counter({-1: 5}),
        ends=Counter({(-1, End.IN_TIME): 5 - black, (-1, End.NEVER_STARTED): black}),
        startup={-1: times(*[1.0] * (5 - black))},
        lag=times(0.001),
        cpu=0.2,
        sockets=10,
        watched=10.0,
        bits_watched=5000.0,
        connections=5,
    )


def story(
    folder: Path,
    windows: list[Window],
    *,
    stopped: str | None = "finished",
    manifest: Manifest = MANIFEST,
    pulses: int = 61,
    scenario: str = SCENARIO,
) -> Run:
    with Archive.create(folder, manifest, scenario) as archive:
        archive.event("started", START)
        for window in windows:
            archive.append(window)
        if stopped:
            archive.event("stopped", START + 60.0, reason=stopped)
    (folder / "testbed").mkdir()
    (folder / "testbed/health.jsonl").write_text(
        "".join(
            json.dumps({"time": START + s, "lag": 0.001, "cpu": 0.3, "problems": []}) + "\n"
            for s in range(pulses)
        )
    )
    return read_run(folder)


MINUTE = [second(at) for at in range(60)]


def test_a_good_run_passes_and_adds_up(tmp_path: Path) -> None:
    said = summarize(story(tmp_path / "run", MINUTE))
    assert (said.exit_status, said.complete, said.interrupted) == (0, True, False)
    assert said.started == "2026-09-21T14:13:20+00:00"
    assert (said.duration, said.window) == (60.0, [-60.0, 0.0])
    assert said.viewers == summary.Viewers(
        planned=30, arrived=300, late_arrivals=0, in_time=300, started_late=0, refused=0,
        left_waiting=0, never_started=0, served=0, turned_away=0, unserved=0, still_starting=0,
        stalled=0,
    )  # fmt: skip
    assert said.startup_time == summary.Quantiles(count=300, p50=1.0, p95=1.0, p99=1.0, max=1.0)
    assert said.stalled_ratio.overall == 0.0
    assert said.bit_rate == pytest.approx(4000.0)
    assert said.requests.by_step["home"].outcomes == {"ok": 300}
    assert (said.requests.sent, said.requests.in_flight_at_end) == (300, 0)
    assert said.connections["per_viewer"] == 1.0
    assert (said.first_failing_step, said.blind_spots) == (None, ["license"])
    assert said.tester == summary.Tester(
        lag_p99=0.001, cpu=0.2, sockets=10, healthy=True, problems=[]
    )
    assert said.testbed == summary.Testbed(healthy=True, problems=[])


def test_the_summary_of_any_run_is_what_the_schema_says(tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(summary.summary_schema())
    for number, windows in enumerate(([], MINUTE[:3], MINUTE)):
        run = story(tmp_path / str(number), windows, stopped=None)
        validator.validate(json.loads(json.dumps(summarize(run).to_json(), allow_nan=False)))


def test_every_request_and_every_viewer_is_accounted_for(tmp_path: Path) -> None:
    waiting = second(5)
    waiting.sent[Step.SIGN_IN, True] = 7
    waiting.ended[Step.SIGN_IN, Outcome.OVERLOAD, True] = Tally(4, 0, times(*[0.1] * 4))
    waiting.arrived[-1] += 2
    said = summarize(story(tmp_path / "run", [*MINUTE[:5], waiting, *MINUTE[6:]]))
    ended = sum(sum(step.outcomes.values()) for step in said.requests.by_step.values())
    assert said.requests.sent == ended + said.requests.in_flight_at_end
    assert (said.requests.in_flight_at_end, said.requests.retries) == (3, 7)
    assert said.requests.amplification == pytest.approx(307 / 300)
    assert said.requests.by_step["sign_in"] == summary.StepRequests(
        count=7, retries=7, outcomes={"overload": 4}, p50=0.1, p95=0.1, p99=0.1, max=0.1
    )
    assert said.viewers.still_starting == 2


def counted_beside(window: Window) -> Window:
    """`window` with what a run may have beside requests and ends."""
    kind = Cohort("north", "tv", Purpose.WATCH, "outside")
    window.cohorts.update({(-1, kind, End.REFUSED): 2, (-1, kind, End.IN_TIME): 3})
    window.policies[Step.HOME, "not_in_household"] = 2
    window.facts[Fact.SIGNED_UP] = 1
    return window


def test_refusals_facts_cohorts_and_the_course_are_told(tmp_path: Path) -> None:
    windows = [counted_beside(second(at)) for at in range(60)]
    said = summarize(story(tmp_path / "run", windows))
    assert said.policies == [PolicyCount(step="home", code="not_in_household", count=120)]
    assert said.facts == {"signed_up": 60}
    (kind,) = said.cohorts
    assert (kind.region, kind.device, kind.purpose, kind.traits) == (
        "north", "tv", "watch", "outside",
    )  # fmt: skip
    assert (kind.ended, kind.decided, kind.black, kind.share) == (300, 300, 0, 0.0)
    assert kind.ends == {"in_time": 180, "refused": 120}
    (refusal,) = said.incident.refusals
    assert (refusal.count, refusal.share, refusal.scaled) == (120, 0.4, 1200)
    assert refusal.scaled_low < 1200 < refusal.scaled_high


def test_the_course_adds_up_to_the_run(tmp_path: Path) -> None:
    later = SCENARIO.replace("window: [-1m, 0m]", "window: [-2m, 3m]").replace(
        "speed: 1", "speed: 5"
    )
    windows = [counted_beside(second(at)) for at in range(60)]
    said = summarize(story(tmp_path / "run", windows, scenario=later))
    assert [(part.start, part.stop) for part in said.course] == [
        (60.0 * minute, 60.0 * minute + 60) for minute in range(-2, 3)
    ]
    assert sum(part.arrived for part in said.course) == said.viewers.arrived
    assert sum(part.started for part in said.course) == said.viewers.in_time
    assert sum(part.decided for part in said.course) == said.viewers.in_time
    assert sum(part.sent["home"] for part in said.course) == said.requests.sent
    assert sum(part.facts["signed_up"] for part in said.course) == said.facts["signed_up"]
    (joined,) = [part for part in said.course if part.decided]
    assert (joined.start, joined.regions[0].decided) == (-60.0, 300)


def failing_from(start: int, *, slow: bool = False) -> list[Window]:
    """A minute in which everybody who signs in fails from `start` on; `slow`: a queue before."""
    windows = []
    for at in range(60):
        window = second(at, black=5 if at >= start else 0)
        took = 2.0 if slow and start - 3 <= at < start else 0.1
        outcome = Outcome.OK if at < start else Outcome.SERVER_ERROR
        window.ended[Step.SIGN_IN, outcome, False] = Tally(5, 0, times(*[took] * 5))
        windows.append(window)
    return windows


FAST = (
    SCENARIO.replace("speed: 1", "speed: 100")
    .replace("window: [-1m, 0m]", "window: [-90m, 10m]")
    .replace("from: -10m", "from: -100m")
)


def test_an_outage_played_fast_is_scaled_with_a_wider_range(tmp_path: Path) -> None:
    said = summarize(story(tmp_path / "run", failing_from(30), scenario=FAST))
    assert said.black_screens.scaled is None
    assert said.incident.onset is not None
    assert said.incident.onset.errors_first is True
    affected = said.incident.affected
    assert affected.black_screens is not None
    assert affected.reach is not None
    assert affected.reach > 0
    assert "Played at speed 100" in affected.assumptions[-1]
    (step,) = said.incident.failing
    assert (step.step, step.until, step.mostly) == ("sign_in", None, "server_error")


def test_a_queue_played_fast_is_not_scaled(tmp_path: Path) -> None:
    said = summarize(story(tmp_path / "run", failing_from(30, slow=True), scenario=FAST))
    assert said.incident.onset is not None
    assert said.incident.onset.response_time_rose is True
    assert said.incident.affected.black_screens is None


def test_played_faithfully_the_affected_are_the_scaled_share(tmp_path: Path) -> None:
    said = summarize(story(tmp_path / "run", [second(at, black=1) for at in range(60)]))
    screens = said.black_screens
    assert said.incident.affected.black_screens == RealFigure(
        value=screens.scaled or 0, low=screens.scaled_low or 0, high=screens.scaled_high or 0
    )
    assert said.incident.affected.reach == 0


def test_a_missed_objective_is_99(tmp_path: Path) -> None:
    said = summarize(story(tmp_path / "run", [second(at, black=1) for at in range(60)]))
    (objective,) = said.objectives
    assert (objective.name, objective.measured) == ("few black screens", 0.2)
    assert (objective.passed, said.exit_status) == (False, 99)
    assert said.black_screens.share == 0.2
    assert said.black_screens.scaled == 60  # of 300 real viewers in that minute
    assert said.black_screens.ends == ["started_late", "left_waiting", "never_started"]
    (minute,) = said.black_screens.by_minute
    assert minute == summary.MinuteOfJoining(minute=-1, arrived=300, black=60, share=0.2)


def test_an_objective_nothing_was_measured_for_is_no_pass(tmp_path: Path) -> None:
    later = SCENARIO.replace("10 %, between: [-1m, 0m]", "10 %, between: [-10s, 0m]")
    undecided = [replace(w, ends=Counter(), startup={}) for w in MINUTE]
    said = summarize(story(tmp_path / "run", undecided, scenario=later))
    (objective,) = said.objectives
    assert (objective.measured, objective.passed, said.exit_status) == (None, None, 99)
    assert said.black_screens.share is None


def test_the_first_failing_step_is_told_in_time_from_kick_off(tmp_path: Path) -> None:
    windows = MINUTE.copy()
    for at in range(20, 60):
        windows[at] = second(at)
        windows[at].ended[Step.SESSION, Outcome.OVERLOAD, False] = Tally(3, 0, times(*[0.5] * 3))
    said = summarize(story(tmp_path / "run", windows))
    assert said.first_failing_step == summary.FirstFailingStep(step="session", at=-40.5)


def test_ctrl_c_is_130_whatever_else_there_was(tmp_path: Path) -> None:
    said = summarize(story(tmp_path / "run", MINUTE[:10], stopped="interrupted", pulses=3))
    assert (said.exit_status, said.interrupted, said.complete) == (130, True, True)
    assert said.window == [-60.0, -50.0]


def test_a_withdrawn_agreement_is_a_refused_consent(tmp_path: Path) -> None:
    assert summarize(story(tmp_path / "run", MINUTE, stopped="withdrawn")).exit_status == 3


@pytest.mark.parametrize(
    ("stopped", "status", "complete"),
    [("aborted", 99, True), ("silent", 4, False), ("canary", 99, False)],
)
def test_what_stopped_a_run_early_is_told_with_its_status(
    stopped: str,
    status: int,
    complete: bool,  # noqa: FBT001 - a parameter of the test
    tmp_path: Path,
) -> None:
    said = summarize(story(tmp_path / "run", MINUTE[:30], stopped=stopped, pulses=61))
    assert (said.stopped, said.exit_status, said.complete) == (stopped, status, complete)


def test_sessions_nobody_closed_are_told(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "run", MANIFEST, SCENARIO) as archive:
        archive.event("started", START)
        archive.event("left_behind", START + 60.0, sessions=7)
        archive.event("stopped", START + 60.0, reason="aborted", text="too slow")
    said = summarize(read_run(tmp_path / "run"))
    assert (said.left_behind, said.why) == (7, "too slow")


@pytest.mark.parametrize("stopped", [None, "failed"])
def test_a_run_that_did_not_reach_its_end_is_not_complete(
    tmp_path: Path, stopped: str | None
) -> None:
    said = summarize(story(tmp_path / "run", MINUTE[:30], stopped=stopped, pulses=31))
    assert (said.complete, said.exit_status) == (False, 4)
    assert said.viewers.arrived == 150


def test_a_run_that_never_began_knows_nothing_and_says_so(tmp_path: Path) -> None:
    Archive.create(tmp_path / "run", MANIFEST, SCENARIO).close()
    said = summarize(read_run(tmp_path / "run"))
    assert (said.complete, said.exit_status, said.duration) == (False, 4, 0.0)
    assert said.started == MANIFEST.created
    assert (said.tester.lag_p99, said.tester.cpu, said.startup_time.p50) == (None, None, None)
    assert (said.requests.sent, said.requests.amplification) == (0, None)


@pytest.mark.parametrize(
    ("kind", "facts", "problem"),
    [
        ("tester", {"problem": "too few descriptors"}, "too few descriptors"),
        ("worker_lost", {"worker": 1}, "worker 1 was lost"),
    ],
)
def test_what_is_wrong_with_the_tester_makes_the_run_invalid(
    tmp_path: Path, kind: str, facts: dict[str, str], problem: str
) -> None:
    folder = tmp_path / "run"
    story(folder, MINUTE)
    with Archive(folder) as archive:
        archive.event(kind, START + 5, **facts)
    said = summarize(read_run(folder))
    assert (said.tester.healthy, said.tester.problems) == (False, [problem])
    assert said.exit_status == 4


def test_a_tester_that_stood_still_makes_the_run_invalid(tmp_path: Path) -> None:
    windows = [*MINUTE[:30], replace(MINUTE[30], lag=times(2.0)), *MINUTE[31:]]
    said = summarize(story(tmp_path / "run", windows))
    assert (said.tester.healthy, said.exit_status) == (False, 4)


def test_a_damaged_record_makes_the_run_invalid(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    story(folder, MINUTE)
    windows = folder / "windows.jsonl"
    windows.write_text(windows.read_text().replace('"second":30', '"sec', 1))
    said = summarize(read_run(folder))
    assert "windows.jsonl:31 cannot be read" in said.tester.problems
    assert said.exit_status == 4


def test_a_testbed_that_stood_still_makes_the_run_invalid(tmp_path: Path) -> None:
    said = summarize(story(tmp_path / "run", MINUTE, pulses=40))
    assert said.testbed.healthy is False
    assert said.testbed.problems == [
        "the testbed stood still: no sign of it for 21.0 s, from second 39"
    ]
    assert (said.tester.healthy, said.exit_status) == (True, 4)


def test_the_health_of_somebody_elses_stack_is_not_ours_to_judge(tmp_path: Path) -> None:
    foreign = replace(MANIFEST, embedded=False)
    said = summarize(story(tmp_path / "run", MINUTE, manifest=foreign, pulses=0))
    assert said.testbed == summary.Testbed(healthy=None, problems=[])
    assert said.exit_status == 0


def test_windows_missing_from_one_of_two_workers_make_the_run_invalid(tmp_path: Path) -> None:
    said = summarize(story(tmp_path / "run", MINUTE, manifest=replace(MANIFEST, workers=2)))
    assert said.exit_status == 4
    assert said.tester.problems == [
        "58 seconds lack the figures of a worker, the first of them second 0"
    ]
