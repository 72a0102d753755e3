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
from loadtests.binding.scalars import quoted
from loadtests.scenario.model import (
    Audience,
    Estimate,
    Event,
    Metric,
    Objective,
    Scenario,
    Shape,
    Span,
    Surge,
)
from loadtests.units import plain, write_bytes, write_offset, write_ratio
from loadtests.vocabulary import End

_EXACT = 1e-6
"""How far shares may be from 100 % together: rounding, not a mistake."""
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


def rates_are_for_straight(surge: Surge) -> Iterator[Misfit]:
    """A straight surge needs two rates, no other shape has any."""
    if surge.shape is not Shape.STRAIGHT:
        if surge.rates is not None:
            yield Misfit(f"`{surge.shape}` has its own rates; leave it out", "rates")
    elif surge.rates is None or min(surge.rates) < 0 or max(surge.rates) == 0:
        what = "`straight` needs two rates; write such as [1, 3]"
        yield Misfit(what, "rates")


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


def arrivals_add_up(scenario: Scenario) -> Iterator[Misfit]:
    """The parts of the curve are all of the evening's viewers."""
    yield from _add_up([surge.share for surge in scenario.arrivals], "arrivals")


def devices_add_up(scenario: Scenario) -> Iterator[Misfit]:
    """The devices are all of them, too."""
    yield from _add_up([device.share for device in scenario.devices.values()], "devices")


def _add_up(shares: list[float], key: str) -> Iterator[Misfit]:
    if not shares:
        yield Misfit("nobody comes; write at least one with share: 100 %", key)
    elif abs(sum(shares) - 1) > _EXACT:
        total = write_ratio(sum(shares)) if sum(shares) < 1 else f"{plain(sum(shares) * 100)} %"
        yield Misfit(f"the shares add up to {total}; write shares that make 100 %", key)


def window_meets_the_arrivals(scenario: Scenario) -> Iterator[Misfit]:
    """It may begin before the first and end after the last, but somebody has to come in it."""
    if not scenario.arrivals:
        return
    first = min(surge.start for surge in scenario.arrivals)
    last = max(surge.stop for surge in scenario.arrivals)
    if scenario.window.stop <= first:
        what = f"nobody arrives before {write_offset(first)}; write a later time"
        yield Misfit(what, "window", "to")
    if scenario.window.start >= last:
        what = f"nobody arrives after {write_offset(last)}; write an earlier time"
        yield Misfit(what, "window", "from")


def somebody_is_left(scenario: Scenario) -> Iterator[Misfit]:
    """The scale leaves at least one viewer of those parts of the curve that the window touches.

    An upper bound: how many come exactly is `audience`'s arithmetic.
    """
    window = scenario.window
    touched = (s for s in scenario.arrivals if s.start < window.stop and window.start < s.stop)
    viewers = scenario.audience.viewers * sum(surge.share for surge in touched)
    if scenario.arrivals and viewers * scenario.scale < 1:
        advice = f"at least 1/{int(viewers)}" if viewers >= 1 else "a window where somebody arrives"
        what = f"leaves no viewer of the {round(viewers)} in the window; write {advice}"
        yield Misfit(what, "scale")


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


def segments_hold_what_is_fetched(scenario: Scenario) -> Iterator[Misfit]:
    """A range beyond the end of the smallest segment is no part of it."""
    wanted, stack = scenario.viewing.segment_bytes, scenario.stack
    if wanted is None or stack is None:
        return
    smallest = stack.stream.bit_rates[0] * stack.stream.target_duration
    if wanted > smallest:
        what = f"the smallest segment has {write_bytes(smallest)}; write at most that"
        yield Misfit(what, "viewing", "segment_bytes")


def devices_can_play_something(scenario: Scenario) -> Iterator[Misfit]:
    """A cap below the lowest rendition leaves a device nothing to play."""
    if scenario.stack is None:
        return
    lowest = scenario.stack.stream.bit_rates[0]
    for name, device in scenario.devices.items():
        if device.bit_rate_cap is not None and device.bit_rate_cap < lowest:
            what = f"is below the lowest rendition; write at least {plain(lowest * 8 / 1e3)} kbit/s"
            yield Misfit(what, "devices", name, "bit_rate_cap")


RULES: Rules = {
    Event: (kick_off_is_a_moment,),
    Estimate: (estimate_lies_within_its_range,),
    Audience: (affected_rises, share_on_the_app_is_a_share),
    Span: (ends_after_it_begins,),
    Surge: (ends_after_it_begins, rates_are_for_straight),
    Objective: (bound_is_of_the_metric_s_kind, step_fits_the_metric, quantile_fits_the_metric),
    Scenario: (
        arrivals_add_up,
        devices_add_up,
        window_meets_the_arrivals,
        somebody_is_left,
        objectives_are_played,
        viewers_can_stay,
        black_screens_are_failures,
        segments_hold_what_is_fetched,
        devices_can_play_something,
    ),
}
"""Every rule, by the record it is about."""
