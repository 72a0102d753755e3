"""How many met a black screen, and what that would have been of the real audience."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import floor

from loadtests.audience.curve import evening
from loadtests.collect.window import Window
from loadtests.diagnosis.interval import wilson
from loadtests.scenario.demand import Recording
from loadtests.scenario.model import Estimate, Scenario, Span
from loadtests.units import Offset, Ratio
from loadtests.vocabulary import End


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """Those who joined in one event minute, counted from kick-off, and not on an errand."""

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
    return sum(
        n
        for (of, end), n in window.ends.items()
        if end in ends and end.is_of_a_watcher and minute in {None, of}
    )


def decided(window: Window, minute: int | None = None) -> int:
    """Viewers who came to watch and whose end is known; of one join minute, or all.

    Whoever came on another errand is no part of it: errands must not dilute black screens.
    """
    return sum(
        n for (of, end), n in window.ends.items() if end.is_of_a_watcher and minute in {None, of}
    )


@dataclass(slots=True)
class Joined:
    """Of those who joined in one minute, those whose end is known."""

    black: int = 0
    decided: int = 0  # came to watch
    errands: int = 0


def by_join_minute(total: Window, ends: Collection[End]) -> dict[int, Joined]:
    """All whose end is known; `ends` are the black screens."""
    found: dict[int, Joined] = {}
    for (minute, end), n in total.ends.items():
        joined = found.setdefault(minute, Joined())
        if end.is_of_a_watcher:
            joined.decided += n
            joined.black += n if end in ends else 0
        else:
            joined.errands += n
    return found


def by_region(total: Window, ends: Collection[End]) -> dict[str, dict[int, Joined]]:
    """The same for each of the scenario's regions; empty without any."""
    parts: dict[str, Window] = {}
    for (minute, cohort, end), n in total.cohorts.items():
        if cohort.region:
            parts.setdefault(cohort.region, Window(0)).ends[minute, end] += n
    return {region: by_join_minute(part, ends) for region, part in sorted(parts.items())}


def black_screens(
    scenario: Scenario, total: Window, *, until: Offset, faithful_up_to_speed: float
) -> BlackScreens:
    """The figure of a run whose windows add up to `total` and which was played up to `until`."""
    known = decided(total)
    met = black(total, scenario.black_screens)
    low, high = wilson(met, known)
    may_scale = bool(known) and scenario.speed <= faithful_up_to_speed
    joined = watchers(scenario, total, until)
    return BlackScreens(
        share=met / known if known else None,
        low=low if known else None,
        high=high if known else None,
        scaled=_scaled(scenario, joined, (low, met / known, high)) if may_scale else None,
        assumptions=(*assumptions(scenario, until), *_too_fast(scenario, faithful_up_to_speed)),
        by_minute=tuple(_by_minute(scenario, total)),
        faithful_up_to_speed=faithful_up_to_speed,
    )


def watchers(scenario: Scenario, total: Window, until: Offset) -> float:
    """Viewers of the real event who joined in the part played and came to watch.

    They are taken to be as large a part of all as among those whose end is known.
    """
    joined = evening(scenario).area(scenario.window.start, until)
    known = total.ends.total()
    return joined * decided(total) / known if known else joined


def audience_range(scenario: Scenario) -> tuple[Ratio, Ratio]:
    """The least and the most the audience may be, of what it is assumed to be."""
    app, people = scenario.audience.share_on_app, scenario.audience.people_per_account
    return (
        (app.low / app.value) * (people.value / people.high),
        (app.high / app.value) * (people.value / people.low),
    )


def assumptions(scenario: Scenario, until: Offset) -> tuple[str, ...]:
    """What every figure of the real event rests on that is made from a run played up to `until`."""
    return tuple(_assumptions(scenario, Span(start=scenario.window.start, stop=until)))


def _scaled(scenario: Scenario, joined: float, shares: tuple[Ratio, Ratio, Ratio]) -> Scaled:
    least, most = audience_range(scenario)
    low, share, high = (share * joined for share in shares)
    return Scaled(value=round(share), low=round(low * least), high=round(high * most))


def _by_minute(scenario: Scenario, total: Window) -> Iterator[Minute]:
    known = by_join_minute(total, scenario.black_screens)
    for minute in sorted({*total.arrived, *known}):
        joined = known.get(minute, Joined())
        yield Minute(
            minute=minute,
            arrived=total.arrived[minute] - joined.errands,
            black=joined.black,
            decided=joined.decided,
        )


def _assumptions(scenario: Scenario, played: Span) -> Iterator[str]:
    yield from _crowd(scenario, played)
    yield (
        "The share is taken to be the same whatever the size of the crowd: the range joins "
        "sampling error (95 %) and the ranges above, not the unknown capacity of the real stack."
    )
    yield from _check(scenario)


def _too_fast(scenario: Scenario, faithful_up_to_speed: float) -> Iterator[str]:
    if scenario.speed > faithful_up_to_speed:
        yield (
            f"Not scaled: the run was played at speed {scenario.speed:g}, and the timers of people "
            "and devices do not compress; this scenario may be scaled up to speed "
            f"{floor(10 * faithful_up_to_speed) / 10:g}."
        )


def _crowd(scenario: Scenario, played: Span) -> Iterator[str]:
    audience = scenario.audience
    joined = evening(scenario).area(played.start, played.stop)
    yield (
        f"{audience.viewers:,.0f} viewers over the evening: {audience.published:,} people, "
        f"{audience.basis}, of whom {_range(audience.share_on_app, 100, ' %')} are assumed to be "
        f"on the app, with {_range(audience.people_per_account)} to an account."
    )
    arrivals = scenario.arrivals
    if isinstance(arrivals, Recording):
        yield (
            f"They come as counted in {arrivals.recorded} ({arrivals.column}), scaled: "
            f"{evening(scenario).total:,.0f} of them in the whole series."
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
        f"Check: the {_from_to(f'{low:,}', f'{high:,}')} said to have been affected would be "
        f"{_from_to(f'{least:.0f}', f'{most:.0f}')} % of that crowd."
    )


def _from_to(low: str, high: str) -> str:
    return low if low == high else f"{low}-{high}"


def _range(estimate: Estimate, factor: float = 1, unit: str = "") -> str:
    value, low, high = (factor * x for x in (estimate.value, estimate.low, estimate.high))
    return f"{value:g}{unit}" if low == high else f"{value:g}{unit} ({low:g}-{high:g}{unit})"


def _minutes(offset: Offset) -> str:
    hours = offset / 3600
    return f"{hours:+g} h" if hours.is_integer() and hours else f"{round(offset / 60, 1):+g} min"
