"""How many met a black screen, and what that would have been of the real audience."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import floor

from loadtests.audience.curve import evening
from loadtests.collect.window import Window
from loadtests.diagnosis.interval import wilson
from loadtests.scenario.model import Estimate, Scenario, Span
from loadtests.units import Offset, Ratio
from loadtests.vocabulary import End


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """Those who joined in one event minute, counted from kick-off."""

    minute: int
    arrived: int
    black: int
    decided: int

    @property
    def share(self) -> float | None:
        """Black screens among the decided; None if nobody is."""
        return self.black / self.decided if self.decided else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """Viewers of the real event; `low` and `high` join sampling interval and assumed ranges."""

    value: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackScreens:
    """Share of the decided viewers, its 95 % interval (Wilson), and what that means for real.

    `share`, `low` and `high` are None when nobody is decided; `scaled` also when the run was played
    faster than `faithful_up_to_speed`.
    """

    share: Ratio | None
    low: Ratio | None
    high: Ratio | None
    scaled: Scaled | None
    assumptions: tuple[str, ...]
    by_minute: tuple[Minute, ...]
    faithful_up_to_speed: float


def black(window: Window, ends: Collection[End], minute: int | None = None) -> int:
    """Viewers who met a black screen, as `ends` define it; of one join minute, or all."""
    return sum(n for (of, end), n in window.ends.items() if end in ends and minute in {None, of})


def decided(window: Window, minute: int | None = None) -> int:
    """Viewers whose end is known; of one join minute, or all."""
    return sum(n for (of, _), n in window.ends.items() if minute in {None, of})


def black_screens(
    scenario: Scenario, total: Window, *, until: Offset, faithful_up_to_speed: float
) -> BlackScreens:
    """The figure of a run whose windows add up to `total` and which was played up to `until`."""
    known = decided(total)
    met = black(total, scenario.black_screens)
    low, high = wilson(met, known)
    may_scale = bool(known) and scenario.speed <= faithful_up_to_speed
    joined = evening(scenario).area(scenario.window.start, until)
    return BlackScreens(
        share=met / known if known else None,
        low=low if known else None,
        high=high if known else None,
        scaled=_scaled(scenario, joined, (low, met / known, high)) if may_scale else None,
        assumptions=tuple(_assumptions(scenario, until, joined, faithful_up_to_speed)),
        by_minute=tuple(_by_minute(scenario, total)),
        faithful_up_to_speed=faithful_up_to_speed,
    )


def _scaled(scenario: Scenario, joined: float, shares: tuple[Ratio, Ratio, Ratio]) -> Scaled:
    app, people = scenario.audience.share_on_app, scenario.audience.people_per_account
    low, share, high = shares
    least = joined * (app.low / app.value) * (people.value / people.high)
    most = joined * (app.high / app.value) * (people.value / people.low)
    return Scaled(value=round(share * joined), low=round(low * least), high=round(high * most))


def _by_minute(scenario: Scenario, total: Window) -> Iterator[Minute]:
    for minute in sorted({*total.arrived, *(of for of, _ in total.ends)}):
        yield Minute(
            minute=minute,
            arrived=total.arrived[minute],
            black=black(total, scenario.black_screens, minute),
            decided=decided(total, minute),
        )


def _assumptions(
    scenario: Scenario, until: Offset, joined: float, faithful_up_to_speed: float
) -> Iterator[str]:
    yield from _crowd(scenario, Span(start=scenario.window.start, stop=until), joined)
    yield (
        "The share is taken to be the same whatever the size of the crowd: the range joins "
        "sampling error (95 %) and the ranges above, not the unknown capacity of the real stack."
    )
    yield from _check(scenario)
    if scenario.speed > faithful_up_to_speed:
        yield (
            f"Not scaled: the run was played at speed {scenario.speed:g}, and the timers of people "
            "and devices do not compress; this scenario may be scaled up to speed "
            f"{floor(10 * faithful_up_to_speed) / 10:g}."
        )


def _crowd(scenario: Scenario, played: Span, joined: float) -> Iterator[str]:
    audience = scenario.audience
    yield (
        f"{audience.viewers:,.0f} viewers over the evening: {audience.published:,} people, as "
        f"published, of whom {_range(audience.share_on_app, 100, ' %')} are assumed to be on the "
        f"app, with {_range(audience.people_per_account)} to an account."
    )
    yield (
        f"{joined:,.0f} of them join in the part of the evening that was played: "
        f"{_minutes(played.start)} to {_minutes(played.stop)} from kick-off."
    )


def _check(scenario: Scenario) -> Iterator[str]:
    audience = scenario.audience
    if audience.affected is None:
        return
    low, high = audience.affected
    least, most = (100 * affected / audience.viewers for affected in audience.affected)
    yield (
        f"Check: the {low:,}-{high:,} said to have been affected would be "
        f"{least:.0f}-{most:.0f} % of that crowd."
    )


def _range(estimate: Estimate, factor: float = 1, unit: str = "") -> str:
    value, low, high = (factor * x for x in (estimate.value, estimate.low, estimate.high))
    return f"{value:g}{unit}" if low == high else f"{value:g}{unit} ({low:g}-{high:g}{unit})"


def _minutes(offset: Offset) -> str:
    return f"{round(offset / 60, 1):+g} min"
