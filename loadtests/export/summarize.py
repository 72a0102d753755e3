"""From a run's folder to its summary: every figure that people, CI jobs and other tools read."""

from dataclasses import asdict
from datetime import UTC, datetime

from loadtests.audience.crowd import size
from loadtests.collect import qoe, requests
from loadtests.collect.distribution import Distribution
from loadtests.collect.health import busiest, testbed_problems, tester_problems
from loadtests.collect.window import Window
from loadtests.diagnosis.black_screens import black_screens
from loadtests.diagnosis.failing import first_failing
from loadtests.diagnosis.objectives import Finding, judge
from loadtests.diagnosis.speed import faithful_up_to_speed
from loadtests.diagnosis.support_load import support_load
from loadtests.errors import ExitStatus
from loadtests.export import summarize_incident
from loadtests.export.archive import Run
from loadtests.export.hostile_played import hostile_played
from loadtests.export.summary import (
    VERSION,
    BlackScreens,
    FirstFailingStep,
    MinuteOfJoining,
    ObjectiveResult,
    Quantiles,
    Requests,
    StalledRatio,
    StepRequests,
    Summary,
    Testbed,
    Tester,
    Viewers,
)
from loadtests.scenario.model import Scenario
from loadtests.units import Offset, Seconds
from loadtests.vocabulary import End, Fact, Step


def summarize(run: Run) -> Summary:
    """The summary of `run`, finished or not; without a single window it knows nothing."""
    scenario, total = run.scenario, run.timeline.total
    tester, testbed = _tester(run), _testbed(run)
    findings = judge(scenario, run.timeline)
    faithful = faithful_up_to_speed(scenario)
    return Summary(
        version=VERSION,
        scenario=scenario.name,
        title=scenario.title,
        variant=scenario.variant,
        seed=scenario.seed,
        scale=scenario.scale,
        speed=scenario.speed,
        window=[scenario.window.start, _until(run)],
        workers=run.manifest.workers,
        target=run.manifest.target,
        embedded=run.manifest.embedded,
        started=_iso(run),
        duration=_duration(run),
        interrupted=_reason(run) == "interrupted",
        complete=_reason(run) in COMPLETE,
        exit_status=int(_exit_status(run, findings, healthy=_healthy(tester, testbed))),
        viewers=_viewers(scenario, total),
        black_screens=_black_screens(run, faithful),
        incident=summarize_incident.incident(run, until=_until(run), faithful_up_to_speed=faithful),
        support=support_load(scenario, run.timeline),
        startup_time=_quantiles(qoe.startup_times(total)),
        stalled_ratio=_stalled_ratio(total),
        live_latency=_quantiles(total.live_latency),
        playlist_age=_quantiles(total.playlist_age),
        bit_rate=qoe.bit_rate(total),
        switches=total.switches,
        requests=_requests(total),
        policies=summarize_incident.policies(total),
        facts={fact.value: total.facts[fact] for fact in Fact if total.facts[fact]},
        connections=_connections(total),
        first_failing_step=_first_failing_step(run),
        tester=tester,
        testbed=testbed,
        objectives=[_objective(finding) for finding in findings],
        blind_spots=list(run.manifest.blind_spots),
        cohorts=summarize_incident.cohorts(scenario, total),
        course=summarize_incident.stretches(run),
        stopped=_reason(run),
        why=None if run.stopped is None else run.stopped.facts.get("text"),
        simulated=run.manifest.simulated,
        notices=[*run.facts("notice", "text"), *hostile_played(run)],
        left_behind=sum(map(int, run.facts("left_behind", "sessions"))),
    )


COMPLETE = frozenset({"finished", "decided", "interrupted", "withdrawn", "aborted"})
"""Ways to stop that leave the figures whole, as far as they go."""

ENDED_EARLY = {
    "interrupted": ExitStatus.INTERRUPTED,
    "withdrawn": ExitStatus.UNREACHABLE,  # consent refused, if late
    "aborted": ExitStatus.MISSED,
    "canary": ExitStatus.MISSED,
}
"""What it comes to when somebody or something stopped the run, whatever its figures."""


def _reason(run: Run) -> str | None:
    return str(run.stopped.facts.get("reason")) if run.stopped else None


def _healthy(tester: Tester, testbed: Testbed) -> bool:
    return tester.healthy and testbed.healthy is not False


def _exit_status(run: Run, findings: list[Finding], *, healthy: bool) -> ExitStatus:
    """What the run comes to: first somebody's will, then whether its figures can be trusted."""
    reason = _reason(run)
    if reason in ENDED_EARLY:
        return ENDED_EARLY[reason]
    if reason not in COMPLETE or not healthy:
        return ExitStatus.INVALID_RUN
    if not all(finding.passed for finding in findings):
        return ExitStatus.MISSED
    return ExitStatus.PASSED


def _duration(run: Run) -> Seconds:
    if run.started is not None and run.stopped is not None:
        return run.stopped.at - run.started
    return float(len(run.timeline))


def _until(run: Run) -> Offset:
    """How far into the evening the run came."""
    scenario = run.scenario
    if _reason(run) == "finished":
        return scenario.window.stop
    return min(scenario.window.stop, scenario.offset(len(run.timeline)))


def _iso(run: Run) -> str:
    if run.started is None:
        return run.manifest.created
    return datetime.fromtimestamp(run.started, UTC).isoformat(timespec="seconds")


def _viewers(scenario: Scenario, total: Window) -> Viewers:
    return Viewers(
        planned=size(scenario),
        arrived=qoe.arrived(total),
        late_arrivals=total.late_arrivals,
        in_time=qoe.ended(total, End.IN_TIME),
        started_late=qoe.ended(total, End.STARTED_LATE),
        refused=qoe.ended(total, End.REFUSED),
        left_waiting=qoe.ended(total, End.LEFT_WAITING),
        never_started=qoe.ended(total, End.NEVER_STARTED),
        served=qoe.ended(total, End.SERVED),
        turned_away=qoe.ended(total, End.TURNED_AWAY),
        unserved=qoe.ended(total, End.UNSERVED),
        still_starting=qoe.still_starting(total),
        stalled=total.stalled_viewers,
    )


def _black_screens(run: Run, faithful: float) -> BlackScreens:
    scenario = run.scenario
    found = black_screens(
        scenario, run.timeline.total, until=_until(run), faithful_up_to_speed=faithful
    )
    scaled = found.scaled
    return BlackScreens(
        share=found.share,
        low=found.low,
        high=found.high,
        scaled=scaled.value if scaled else None,
        scaled_low=scaled.low if scaled else None,
        scaled_high=scaled.high if scaled else None,
        assumptions=list(found.assumptions),
        by_minute=[
            MinuteOfJoining(minute=m.minute, arrived=m.arrived, black=m.black, share=m.share)
            for m in found.by_minute
        ],
        ends=[end.value for end in scenario.black_screens],
        faithful_up_to_speed=found.faithful_up_to_speed,
    )


def _stalled_ratio(total: Window) -> StalledRatio:
    over_viewers = asdict(_quantiles(total.stalled_ratios))
    return StalledRatio(**over_viewers, overall=qoe.stalled_ratio(total))


def _quantiles(times: Distribution) -> Quantiles:
    return Quantiles(
        count=times.count,
        p50=_quantile(times, 0.5),
        p95=_quantile(times, 0.95),
        p99=_quantile(times, 0.99),
        max=_quantile(times, 1.0),
    )


def _quantile(times: Distribution, q: float) -> float | None:
    return times.quantile(q) if times.count else None


def _requests(total: Window) -> Requests:
    sent = requests.sent(total)
    return Requests(
        sent=sent,
        in_flight_at_end=sent - requests.ended(total),
        retries=requests.retries(total),
        amplification=requests.amplification(total),
        by_step={step.value: _step(total, step) for step in Step if requests.sent(total, step)},
    )


def _step(total: Window, step: Step) -> StepRequests:
    times = _quantiles(requests.response_times(total, step))
    return StepRequests(
        count=requests.sent(total, step),
        retries=requests.retries(total, step),
        outcomes={o.value: n for o, n in sorted(requests.outcomes(total, step).items())},
        p50=times.p50,
        p95=times.p95,
        p99=times.p99,
        max=times.max,
    )


def _connections(total: Window) -> dict[str, float]:
    viewers = qoe.arrived(total)
    return {
        "opened": total.connections,
        "full_handshakes": total.handshakes,
        "resumed_handshakes": total.resumed,
        "per_viewer": total.connections / viewers if viewers else 0.0,
    }


def _first_failing_step(run: Run) -> FirstFailingStep | None:
    onset = first_failing(run.timeline.windows)
    if onset is None:
        return None
    return FirstFailingStep(step=onset.step.value, at=run.scenario.offset(onset.at))


def _tester(run: Run) -> Tester:
    total = run.timeline.total
    seconds = int(run.scenario.duration) if _reason(run) == "finished" else 0
    problems = [
        *tester_problems(run.timeline, workers=run.manifest.workers, seconds=seconds),
        *run.facts("tester", "problem"),
        *(f"worker {worker} was lost" for worker in run.facts("worker_lost", "worker")),
        *(f"{line} cannot be read" for line in run.damaged),
    ]
    return Tester(
        lag_p99=_quantile(total.lag, 0.99),
        cpu=None if run.manifest.simulated else busiest(run.timeline),
        sockets=max((window.sockets for window in run.timeline.windows), default=0),
        healthy=not problems,
        problems=problems,
    )


def _testbed(run: Run) -> Testbed:
    if run.manifest.simulated or not run.manifest.embedded:
        return Testbed(healthy=None, problems=[])
    problems = run.facts("testbed", "problem")
    if run.started is not None:
        problems += testbed_problems(
            run.pulses, start=run.started, stop=run.started + _duration(run)
        )
    return Testbed(healthy=not problems, problems=problems)


def _objective(finding: Finding) -> ObjectiveResult:
    asked = finding.objective
    return ObjectiveResult(
        name=asked.name,
        metric=asked.metric.value,
        between=[asked.between.start, asked.between.stop],
        at_most=asked.at_most.value,
        measured=finding.measured,
        passed=finding.passed,
    )
