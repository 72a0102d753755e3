"""A trial: one load, held to see whether the target holds; a capacity search is a row of them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from math import ceil

from loadtests.audience.curve import Curve
from loadtests.audience.errands import Errand, errands
from loadtests.audience.shapes import Piece
from loadtests.errors import MatchnightError
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.model import Audience, Estimate, Metric, Objective, Scenario, Span
from loadtests.scenario.read import describe
from loadtests.units import PerSecond, Ratio, Seconds, plain
from loadtests.vocabulary import Purpose

BASE: Ratio = 1 / 3
"""Of a surge's height: what comes before it and after it."""

STAIRS: tuple[Ratio, ...] = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
"""What follows an overload, in shares of it, one after the other, each `least` long."""

_EXACTLY_ONE = Estimate(value=1.0, low=1.0, high=1.0)


class Joins(StrEnum):
    """How the crowd of a trial comes to its load: capacity is told for each apart."""

    RAMP = "ramp"  # rises evenly from nothing, then stays
    STEP = "step"  # is there from one second to the next, then stays
    SURGE = "surge"  # a third of it, then all of it for a short while, then a third again


class Aim(StrEnum):
    """What a trial is to show."""

    LEVEL = "level"  # whether the target carries the load
    OVERLOAD = "overload"  # what it does beyond its knee, and at which load it comes back
    AGAIN = "again"  # whether a low load costs what it cost in the beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One load and how it is played. Everybody who starts to watch leaves after `stay`."""

    number: int  # from 1 within its search; names its folder
    joins: Joins
    rate: PerSecond  # viewers who arrive a second, at the height of it
    aim: Aim = Aim.LEVEL
    stay: Seconds = 10.0
    rise: Seconds = 20.0  # of a ramp; of the others: how long a surge lasts
    settle: Seconds = 5.0  # after the rise: for those who came first to have met every step
    least: Seconds = 15.0  # it is held at least so long,
    most: Seconds = 60.0  # and at most, where it stays unclear whether it is steady

    @property
    def phases(self) -> tuple[Piece, ...]:
        """The arrival rate, in viewers a second; offsets are seconds from the trial's start.

        Before a load is judged, those who came first must have met every step (`settle`) and
        begun to leave (`stay`). An overload ends with the STAIRS down; a surge with its base.
        """
        rate, before = self.rate, self.settle + self.stay
        if self.aim is Aim.OVERLOAD:
            stairs = [(self.least, step * rate) for step in STAIRS]
            return _pieces([(before + self.most, rate), *stairs])
        if self.joins is Joins.RAMP:
            stop = self.rise + before + self.most
            return Piece(0.0, self.rise, 0.0, rate), Piece(self.rise, stop, rate, rate)
        if self.joins is Joins.STEP:
            return _pieces([(before + self.most, rate)])
        base = BASE * rate
        return _pieces([(before, base), (self.rise, rate), (before + self.most, base)])

    @property
    def duration(self) -> Seconds:
        """How long it takes if nobody ends it early."""
        return self.phases[-1].stop

    def to_text(self) -> str:
        """All of it in one word, as a command line takes it; `from_text` reads it."""
        return ",".join(f"{f.name}={getattr(self, f.name)}" for f in fields(self))

    @classmethod
    def from_text(cls, text: str) -> "Trial":
        """The trial that `to_text` made this word of. ValueError if it is none."""
        values = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
        if set(values) != {f.name for f in fields(cls)}:
            raise ValueError(f"{text!r} is no trial; write what Trial.to_text makes")
        rest = {name: float(values[name]) for name in _SECONDS}
        return cls(
            number=int(values["number"]),
            joins=Joins(values["joins"]),
            aim=Aim(values["aim"]),
            rate=float(values["rate"]),
            **rest,
        )


_SECONDS = ("stay", "rise", "settle", "least", "most")


def trial_scenario(scenario: Scenario, trial: Trial) -> Scenario:
    """The rehearsal that plays the trial: this scenario's viewers, but only those who watch.

    They come as the trial says, one to one and at the pace of the clock. What protects the target
    stays (aborts, guards), and so do objectives about times, from when its load is there; what else
    judges or disturbs an evening goes (its other objectives, marks, hostile traffic). An embedded
    stack is the one the scenario was sized for: it is not sized for the trial. Raises
    MatchnightError if nobody of this scenario comes to watch.
    """
    viewers = sum(_area(piece) for piece in trial.phases)
    audience = Audience(
        published=max(1, ceil(viewers)),
        basis="a trial of a capacity search",
        people_per_account=_EXACTLY_ONE,
        share_on_app=_EXACTLY_ONE,
    )
    return replace(
        scenario,
        title=f"Trial {trial.number}, {trial.joins} to {plain(trial.rate)} viewers/s",
        event=replace(scenario.event, marks=()),
        audience=audience,
        scale=1.0,
        speed=1.0,
        window=Span(start=0.0, stop=trial.duration),
        arrivals=tuple(_surges(scenario, trial, audience.viewers)),
        viewing=replace(scenario.viewing, until=trial.duration),
        objectives=tuple(_objectives(scenario, trial)),
        hostile=(),
        stack=scenario.embedded_stack,
        stack_sized_for=None,
        trial_stay=trial.stay,
    )


def _objectives(scenario: Scenario, trial: Trial) -> Iterator[Objective]:
    start = trial.rise if trial.joins is Joins.RAMP else 0.0
    between = Span(start=start + trial.settle + trial.stay, stop=trial.duration)
    for objective in scenario.objectives:
        if objective.metric in {Metric.STARTUP_TIME, Metric.RESPONSE_TIME}:
            held = replace(objective, between=between)
            has_own_name = objective.name != describe(objective)
            yield held if has_own_name else replace(held, name=describe(held))


def _pieces(lasting: list[tuple[Seconds, PerSecond]]) -> tuple[Piece, ...]:
    """Steady rates, one after the other."""
    made, start = [], 0.0
    for seconds, rate in lasting:
        made.append(Piece(start, start + seconds, rate, rate))
        start += seconds
    return tuple(made)


def _area(piece: Piece) -> float:
    return (piece.first + piece.last) / 2 * (piece.stop - piece.start)


def _surges(scenario: Scenario, trial: Trial, viewers: float) -> Iterator[Surge]:
    """The trial's pieces, shared out among those who come to watch as the evening does."""
    parts = _watchers(scenario)
    for piece in trial.phases:
        for errand, part in parts.items():
            yield Surge(
                shape=Shape.STRAIGHT,
                start=piece.start,
                stop=piece.stop,
                share=part * _area(piece) / viewers,
                rates=(piece.first, piece.last),
                devices=errand.devices,
            )


def _watchers(scenario: Scenario) -> dict[Errand, Ratio]:
    """Who comes to watch, on which devices: their shares of the whole evening's watchers."""
    areas = {
        errand: Curve(pieces).total
        for errand, pieces in errands(scenario).items()
        if errand.purpose is Purpose.WATCH
    }
    everybody = sum(areas.values())
    if not everybody:
        raise MatchnightError(f"{scenario.name}: nobody comes to watch; capacity is told of those")
    return {errand: area / everybody for errand, area in areas.items() if area}
