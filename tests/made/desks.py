"""Windows of a trial against desks of known capacity: what a tester would have counted."""

from collections.abc import Iterator, Mapping, Sequence
from math import floor

from loadtests.audience.curve import Curve
from loadtests.audience.trial import Trial
from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Tally, Window
from loadtests.stack.model import Station
from loadtests.stack.station import Desk
from loadtests.units import PerSecond, Ratio, Seconds
from loadtests.vocabulary import End, Outcome, Step

Stations = Mapping[Step, Station]


def station(capacity: PerSecond, *, places: int = 1_000, servers: int = 2) -> Station:
    """One that completes so many requests a second."""
    return Station(servers=servers, service_time=servers / capacity, queue=places)


def windows(trial: Trial, stations: Stations, *, background: Ratio = 0.0) -> list[Window]:
    """Of the whole trial: its viewers come evenly and meet the desks in order, refused or not.

    `background`: so many fail at each step whatever the load, evenly spread.
    """
    return play(_moments(trial), stations, seconds=floor(trial.duration), background=background)


def _moments(trial: Trial) -> list[Seconds]:
    curve = Curve(trial.phases)
    return [curve.inverse(n + 0.5) for n in range(floor(curve.total))]


def play(
    moments: Sequence[Seconds], stations: Stations, *, seconds: int, background: Ratio = 0.0
) -> list[Window]:
    """Windows of viewers who come at these moments."""
    made = [Window(second, workers=1) for second in range(seconds)]
    for at in moments:
        if at < seconds:
            made[int(at)].arrived[0] += 1
    for step, of in stations.items():
        moments = list(_meet(made, step, sorted(moments), Desk(of), background))
    for at in moments:
        if at < seconds:
            made[int(at)].ends[0, End.IN_TIME] += 1
    return made


def _meet(
    made: Sequence[Window], step: Step, moments: Sequence[Seconds], desk: Desk, background: Ratio
) -> Iterator[Seconds]:
    """When those who were served are done."""
    for number, at in enumerate(moments):
        done = desk.offer(at)
        fails = floor((number + 1) * background) > floor(number * background)
        outcome = Outcome.OVERLOAD if done is None or fails else Outcome.OK
        end = at if done is None else done
        if at < len(made):
            made[int(at)].sent[step, False] += 1
        if end < len(made):
            _end(made[int(end)], step, outcome, end - at)
        if outcome is Outcome.OK:
            yield end


def _end(window: Window, step: Step, outcome: Outcome, took: Seconds) -> None:
    tally = window.ended.setdefault((step, outcome, False), Tally(0, 0, Distribution()))
    tally.count += 1
    tally.times.add(took)
