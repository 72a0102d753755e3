"""From a run to what its summary tells of the incident: affected, failing, onset, recovery."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from loadtests.audience.crowd import planned
from loadtests.collect import qoe, requests
from loadtests.collect.course import Stretch, course
from loadtests.collect.distribution import Distribution
from loadtests.collect.policies import told_apart
from loadtests.collect.window import Cohort, Window
from loadtests.diagnosis import affected as affecting
from loadtests.diagnosis.black_screens import (
    Joined,
    Scaled,
    assumptions,
    by_join_minute,
    by_region,
)
from loadtests.diagnosis.failing import FailingSpan, attempts, failing_spans, first_failing
from loadtests.diagnosis.interval import wilson
from loadtests.diagnosis.onset import before
from loadtests.diagnosis.persistence import reach
from loadtests.diagnosis.recovery import recovery
from loadtests.export.archive import Run
from loadtests.export.incident import (
    AffectedViewers,
    CohortFigures,
    CourseStretch,
    FailingStep,
    Incident,
    OnsetFigures,
    PolicyCount,
    RealFigure,
    RecoveryFigures,
    Refusal,
    RegionStretch,
)
from loadtests.scenario.model import Scenario
from loadtests.units import Offset, Seconds
from loadtests.vocabulary import End, Outcome, Step


def incident(run: Run, *, until: Offset, faithful_up_to_speed: float) -> Incident:
    """The incident of `run`, played up to `until`."""
    spans = failing_spans(run.timeline.windows)
    onset = _onset(run)
    is_faithful = run.scenario.speed <= faithful_up_to_speed
    found = _affected(run, spans, until, is_faithful=is_faithful)
    if not is_faithful and onset is not None and _may_be_a_queue(onset):
        found = replace(found, black_screens=None)  # at another speed it would be another queue
    return Incident(
        affected=found,
        failing=_failing(run, spans),
        onset=onset,
        recovery=_recovery(run, spans),
        refusals=_refusals(run.scenario, run.timeline.total),
    )


def _may_be_a_queue(onset: OnsetFigures) -> bool:
    """Whether it failed for the load, as far as anybody can tell."""
    if onset.errors_first is None:
        return onset.demand_rose is not False
    return not onset.errors_first


def _affected(
    run: Run, spans: Sequence[FailingSpan], until: Offset, *, is_faithful: bool
) -> AffectedViewers:
    scenario = run.scenario
    moved = 0.0 if is_faithful else reach(scenario, *_refusing(run, spans))
    found = affecting.affected(scenario, run.timeline, spans, until=until, reach=moved)
    said = [*assumptions(scenario, until)]
    if moved:
        said.append(_of_the_reach(scenario, moved))
    return AffectedViewers(
        black_screens=_real(found.black_screens),
        interrupted=_real(found.interrupted),
        unserved=_real(found.unserved),
        reach=moved,
        assumptions=said,
    )


def _of_the_reach(scenario: Scenario, moved: Seconds) -> str:
    minutes = max(1, round(moved / 60))
    return (
        f"Played at speed {scenario.speed:g}: people and devices keep trying for "
        f"{moved / (scenario.speed - 1):.0f} s on average, which are {minutes:,} min of the "
        "calendar. Whoever joined so near a change may be counted on its wrong side; the range "
        "takes the least and the greatest share found so near."
    )


def _refusing(run: Run, spans: Sequence[FailingSpan]) -> tuple[Step, Seconds]:
    """The step that failed first, and how long it took to say so, in the middle."""
    first = min(spans, key=lambda span: span.start, default=None)
    if first is None:
        return Step.HOME, 0.0
    times = Distribution()
    for (step, outcome, _), tally in run.timeline.total.ended.items():
        if step is first.step and outcome.is_failure:
            times.merge(tally.times)
    return first.step, times.quantile(0.5) if times.count else 0.0


def _real(scaled: Scaled | None) -> RealFigure | None:
    if scaled is None:
        return None
    return RealFigure(value=scaled.value, low=scaled.low, high=scaled.high)


def _failing(run: Run, spans: Sequence[FailingSpan]) -> list[FailingStep]:
    by_step: dict[Step, list[FailingSpan]] = {}
    for span in spans:
        by_step.setdefault(span.step, []).append(span)
    return [_failing_step(run, step, of) for step, of in by_step.items()]


def _failing_step(run: Run, step: Step, spans: Sequence[FailingSpan]) -> FailingStep:
    scenario, last = run.scenario, spans[-1]
    counts = requests.outcomes(run.timeline.total, step)
    bad = {outcome: n for outcome, n in counts.items() if outcome.is_failure}
    return FailingStep(
        step=step.value,
        since=scenario.offset(spans[0].start),
        until=None if last.lasts(len(run.timeline)) else scenario.offset(last.stop),
        failed=sum(span.failed for span in spans),
        share=sum(span.failed for span in spans) / sum(span.counted for span in spans),
        mostly=max(bad, key=bad.__getitem__, default=Outcome.CANCELED).value,
    )


def _onset(run: Run) -> OnsetFigures | None:
    windows = run.timeline.windows
    first = first_failing(windows)
    if first is None:
        return None
    found = before(windows, first, planned(run.scenario))
    return OnsetFigures(
        demand=found.demand,
        response_time=found.response_time,
        demand_rose=found.demand_rose,
        response_time_rose=found.response_time_rose,
        errors_first=found.errors_first,
    )


def _recovery(run: Run, spans: Sequence[FailingSpan]) -> RecoveryFigures | None:
    devices = run.scenario.devices.values()
    tries = sum(device.share * (1 + device.human_retry.times) for device in devices)
    found = recovery(run.timeline.windows, spans, tries=max(1.0, tries))
    if found is None:
        return None
    offset = run.scenario.offset
    return RecoveryFigures(
        step=found.step.value,
        worst=found.worst,
        half=None if found.half is None else offset(found.half),
        ninety=None if found.most is None else offset(found.most),
        last_failure=offset(found.last_failure),
    )


def _refusals(scenario: Scenario, total: Window) -> list[Refusal]:
    made = []
    for count in policies(total):
        ended = requests.ended(total, Step(count.step))
        real = affecting.scaled(scenario, count.count, ended)
        made.append(
            Refusal(
                step=count.step,
                code=count.code,
                count=count.count,
                share=count.count / ended,
                scaled=real.value,
                scaled_low=real.low,
                scaled_high=real.high,
            )
        )
    return made


def policies(total: Window) -> list[PolicyCount]:
    """Refusals by step and code, the commonest first."""
    counted = told_apart(total.policies)
    return [
        PolicyCount(step=step.value, code=code, count=n)
        for (step, code), n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]


def cohorts(scenario: Scenario, total: Window) -> list[CohortFigures]:
    """Every kind of viewer whose end is known, in the order of their names."""
    ends: dict[Cohort, Counter[End]] = {}
    for (_, kind, end), n in total.cohorts.items():
        ends.setdefault(kind, Counter())[end] += n
    return [_cohort(scenario, kind, ends[kind]) for kind in sorted(ends)]


def _cohort(scenario: Scenario, kind: Cohort, ends: Counter[End]) -> CohortFigures:
    watched = {end: n for end, n in ends.items() if end.is_of_a_watcher}
    known = sum(watched.values())
    met = sum(n for end, n in watched.items() if end in scenario.black_screens)
    low, high = wilson(met, known)
    return CohortFigures(
        region=kind.region,
        device=kind.device,
        purpose=kind.purpose.value,
        traits=kind.traits,
        ended=ends.total(),
        decided=known,
        black=met,
        share=met / known if known else None,
        low=low if known else None,
        high=high if known else None,
        ends={end.value: ends[end] for end in End if ends[end]},
    )


def stretches(run: Run) -> list[CourseStretch]:
    """The course of the run."""
    total, black = run.timeline.total, run.scenario.black_screens
    joined, regions = by_join_minute(total, black), by_region(total, black)
    return [_stretch(part, joined, regions) for part in course(run.scenario, run.timeline)]


def _within(part: Stretch, by_minute: dict[int, Joined]) -> Joined:
    """Those who joined in a stretch."""
    joined = [by_minute[minute] for minute in part.minutes if minute in by_minute]
    return Joined(black=sum(of.black for of in joined), decided=sum(of.decided for of in joined))


def _stretch(
    part: Stretch, by_minute: dict[int, Joined], regions: dict[str, dict[int, Joined]]
) -> CourseStretch:
    window, joined = part.window, _within(part, by_minute)
    parts = {region: _within(part, joins) for region, joins in regions.items()}
    times = requests.response_times(window)
    failed = {step: attempts(window, step)[0] for step in Step}
    return CourseStretch(
        start=part.start,
        stop=part.stop,
        arrived=qoe.arrived(window),
        started=sum(qoe.ended(window, end) for end in qoe.STARTED),
        decided=joined.decided,
        black=joined.black,
        regions=[
            RegionStretch(region=region, decided=of.decided, black=of.black)
            for region, of in parts.items()
            if of.decided
        ],
        sent={step.value: n for step in Step if (n := requests.sent(window, step))},
        failed={step.value: n for step, n in failed.items() if n},
        policy=requests.outcomes(window)[Outcome.POLICY],
        response_time=times.quantile(0.95) if times.count else None,
        facts={fact.value: n for fact, n in sorted(window.facts.items())},
    )
