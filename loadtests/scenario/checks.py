"""What must hold of a scenario beyond the types of its keys: one rule per promise, by record.

A rule gets a record whose values are fine one by one and yields a `Misfit` for each contradiction;
`binding` gives it file, line and column.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from loadtests.binding import Misfit, Rules
from loadtests.binding.keys import Rule
from loadtests.binding.scalars import quoted
from loadtests.scenario import crowd_checks, hostile_checks, stack_checks
from loadtests.scenario.demand import Recording, Surge
from loadtests.scenario.habits import Refusals
from loadtests.scenario.model import (
    Audience,
    Device,
    Estimate,
    Event,
    Metric,
    Objective,
    Scenario,
    Span,
)
from loadtests.scenario.stopping import Guard
from loadtests.units import plain, write_offset
from loadtests.vocabulary import End

_TIMES = frozenset({Metric.STARTUP_TIME, Metric.RESPONSE_TIME})
_OF_A_STEP = frozenset({Metric.ERROR_RATIO, Metric.RESPONSE_TIME})


def kick_off_is_a_moment(event: Event) -> Iterator[Misfit]:
    """`2022-09-06 21:00`: a date and a time of day, of a calendar that has that day."""
    if not _is_moment(event.kick_off):
        what = f"{quoted(event.kick_off)} is not a date and time; write such as 2022-09-06 21:00"
        yield Misfit(what, "kick_off")


def _is_moment(text: str) -> bool:
    with suppress(ValueError):
        datetime.fromisoformat(text)
        return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}", text) is not None
    return False


def estimate_lies_within_its_range(estimate: Estimate) -> Iterator[Misfit]:
    """A value between its low and its high, and more than nothing: it divides."""
    if not 0 < estimate.low <= estimate.value <= estimate.high:
        low, value, high = (plain(x) for x in (estimate.low, estimate.value, estimate.high))
        what = f"{low} (low), {value} (value), {high} (high) do not rise; write low ≤ value ≤ high"
        yield Misfit(f"{what}, all more than 0")


def affected_rises(audience: Audience) -> Iterator[Misfit]:
    """Least, then most."""
    if audience.affected and audience.affected[0] > audience.affected[1]:
        yield Misfit("the most comes before the least; write [least, most]", "affected")


def share_on_the_app_is_a_share(audience: Audience) -> Iterator[Misfit]:
    """Nobody can have more than the whole audience."""
    if audience.share_on_app.high > 1:
        yield Misfit("more than everybody; write at most 100 %", "share_on_app", "high")


def ends_after_it_begins(span: Span | Surge) -> Iterator[Misfit]:
    """A stretch of time has a length."""
    if span.stop <= span.start:
        what = f"{write_offset(span.stop)} is not after {write_offset(span.start)}, where it begins"
        yield Misfit(f"{what}; write a later time", "to")


def bound_is_of_the_metric_s_kind(objective: Objective) -> Iterator[Misfit]:
    """Times are bounded by durations, shares by ratios."""
    wanted = "seconds" if objective.metric in _TIMES else "ratio"
    if objective.at_most.kind != wanted:
        advice = "a duration such as 4s" if wanted == "seconds" else "a ratio such as 1 %"
        yield Misfit(
            f"`{objective.metric}` is bounded by something else; write {advice}", "at_most"
        )


def step_fits_the_metric(objective: Objective) -> Iterator[Misfit]:
    """Response times are of a step; what is of viewers is of none."""
    if objective.metric is Metric.RESPONSE_TIME and objective.step is None:
        yield Misfit("`response_time` is of one step; write such as sign_in", "step")
    if objective.metric not in _OF_A_STEP and objective.step is not None:
        yield Misfit(f"`{objective.metric}` is of viewers, not a step; leave it out", "step")


def quantile_fits_the_metric(objective: Objective) -> Iterator[Misfit]:
    """Only times have quantiles, and need one."""
    if objective.metric in _TIMES and objective.quantile is None:
        yield Misfit(f"`{objective.metric}` needs one; write such as 95 %", "quantile")
    if objective.metric not in _TIMES and objective.quantile is not None:
        yield Misfit(f"`{objective.metric}` has no quantiles; leave it out", "quantile")


def objectives_are_played(scenario: Scenario) -> Iterator[Misfit]:
    """What lies outside the window cannot be measured."""
    window = scenario.window
    for index, objective in enumerate(scenario.objectives):
        span = objective.between
        if span.stop <= window.start or window.stop <= span.start:
            played = f"[{write_offset(window.start)}, {write_offset(window.stop)}]"
            what = f"nothing of it is played; write a part of the window, {played}"
            yield Misfit(what, "objectives", index, "between")


def viewers_can_stay(scenario: Scenario) -> Iterator[Misfit]:
    """Nobody leaves before the rehearsal begins."""
    if scenario.viewing.until <= scenario.window.start:
        begins = write_offset(scenario.window.start)
        yield Misfit(
            f"is over before the window begins at {begins}; write later", "viewing", "until"
        )


def black_screens_are_failures(scenario: Scenario) -> Iterator[Misfit]:
    """A viewer who started in time saw a picture; each end counts once."""
    counts = Counter(scenario.black_screens)
    if End.IN_TIME in counts:
        yield Misfit("`in_time` is no black screen; leave it out", "black_screens")
    for end in (end for end, count in counts.items() if count > 1):
        yield Misfit(f"`{end}` stands there twice; write it once", "black_screens")


RULES: Rules = {
    Event: (kick_off_is_a_moment,),
    Estimate: (estimate_lies_within_its_range,),
    Audience: (affected_rises, share_on_the_app_is_a_share),
    Span: (ends_after_it_begins,),
    Surge: (
        ends_after_it_begins,
        crowd_checks.rates_are_for_straight,
        crowd_checks.devices_are_named_once,
    ),
    Recording: (crowd_checks.peak_is_somebody,),
    Device: (crowd_checks.join_leads_to_the_stream,),
    Refusals: (crowd_checks.refusals_leave_the_rest,),
    Objective: (bound_is_of_the_metric_s_kind, step_fits_the_metric, quantile_fits_the_metric),
    Guard: (stack_checks.guard_is_a_bound,),
}
"""Every rule about a part of a scenario, by the record it is about."""

OF_THE_WHOLE: tuple[Rule, ...] = (
    crowd_checks.arrivals_add_up,
    crowd_checks.recording_stays_within_the_audience,
    crowd_checks.devices_add_up,
    crowd_checks.regions_add_up,
    crowd_checks.surges_name_devices_there_are,
    crowd_checks.every_device_is_used,
    crowd_checks.what_is_booted_can_boot,
    crowd_checks.window_meets_the_arrivals,
    crowd_checks.somebody_is_left,
    objectives_are_played,
    viewers_can_stay,
    black_screens_are_failures,
    stack_checks.segments_hold_what_is_fetched,
    stack_checks.devices_can_play_something,
    stack_checks.faults_meet_somebody,
    stack_checks.ad_breaks_leave_something,
    hostile_checks.attacks_are_played,
    hostile_checks.attacks_stay_within_bounds,
    hostile_checks.attacks_have_addresses,
)
"""Rules about a whole scenario, with the series it replays."""
