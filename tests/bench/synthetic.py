"""What a worker would have seen: windows as wide as real ones, without anything played."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from statistics import NormalDist

from loadtests.chance import Chance
from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Cohort, Tally, Window
from loadtests.export.archive import Manifest
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import parse_scenario
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact, Outcome, Purpose, Step

VARIANTS = 24
"""Windows of a kind that differ by chance; who asks for more gets the first again."""

SCENARIO = """
title: Two hours of a match
event:
  name: Match
  kick_off: 2026-01-01 21:00
  marks: [{at: +5m, label: "1-0"}, {at: +60m, label: second half}]
audience:
  published: 400_000
  people_per_account: {value: 1, low: 1, high: 2}
  share_on_app: {value: 15 %, low: 8 %, high: 30 %}
scale: 1/1
speed: 1
window: [-30m, +90m]
arrivals:
  - {shape: rise, from: -30m, to: -3m, share: 20 %}
  - {shape: rush, from: -3m, to: 0m, share: 40 %}
  - {shape: fall, from: 0m, to: +15m, share: 36 %}
  - {shape: wave, from: +45m, to: +60m, share: 4 %}
devices:
  tv: {share: 100 %, player: hls_js, signs_in: 40 %}
abort:
  - {metric: error_ratio, at_most: 90 %, for: 30s}
"""

MANIFEST = Manifest(
    scenario="match", workers=4, target="http://127.0.0.1", embedded=False, created="2026-01-01"
)

_NORMAL = NormalDist()
_COHORTS = [
    Cohort(region, device, Purpose.WATCH, "")
    for region in ("north", "south")
    for device in ("phone", "tv", "web", "set_top_box")
]


@dataclass(frozen=True, slots=True)
class Series:
    """One row of a window's `ended`: what share of the requests it is, and how long they take."""

    step: Step
    outcome: Outcome
    retry: bool
    share: float
    median: Seconds
    size: int = 800  # bytes of a body


EVENING = (
    Series(Step.SEGMENT, Outcome.OK, False, 0.44, 0.035, 750_000),
    Series(Step.PLAYLIST, Outcome.OK, False, 0.44, 0.012),
    Series(Step.HEARTBEAT, Outcome.OK, False, 0.04, 0.018),
    Series(Step.INIT, Outcome.OK, False, 0.01, 0.012),
    Series(Step.MASTER, Outcome.OK, False, 0.01, 0.015),
    Series(Step.HOME, Outcome.OK, False, 0.01, 0.040),
    Series(Step.CATALOG, Outcome.OK, False, 0.01, 0.060),
    Series(Step.SIGN_IN, Outcome.OK, False, 0.01, 0.250),
    Series(Step.ENTITLEMENT, Outcome.OK, False, 0.01, 0.080),
    Series(Step.LICENSE, Outcome.OK, False, 0.01, 0.090),
)
"""Of an evening on which all is well: ten series."""

FAILING = (
    Series(Step.SIGN_IN, Outcome.OVERLOAD, False, 0.008, 1.5),
    Series(Step.SIGN_IN, Outcome.OVERLOAD, True, 0.008, 1.5),
    Series(Step.SIGN_IN, Outcome.OK, True, 0.004, 2.5),
    Series(Step.SIGN_IN, Outcome.TIMEOUT, False, 0.003, 10.0),
    Series(Step.ENTITLEMENT, Outcome.SERVER_ERROR, False, 0.003, 0.9),
    Series(Step.ENTITLEMENT, Outcome.OK, True, 0.003, 0.9),
    Series(Step.SEGMENT, Outcome.NOT_FOUND, False, 0.004, 0.02),
    Series(Step.SEGMENT, Outcome.CANCELED, False, 0.005, 0.5),
    Series(Step.PLAYLIST, Outcome.RESET, False, 0.002, 0.05),
    Series(Step.PLAYLIST, Outcome.OK, True, 0.002, 0.05),
)
"""Of one on which sign-in is overloaded: ten more."""


def times(chance: Chance, values: int, median: float, spread: float = 0.35) -> Distribution:
    """Log-normally distributed; `spread` is the standard deviation of the logarithm."""
    made = Distribution()
    for _ in range(values):
        made.add(median * math.exp(spread * _NORMAL.inv_cdf(chance.uniform() or 0.5)))
    return made


def scenario() -> Scenario:
    """The evening all this belongs to."""
    return parse_scenario(SCENARIO, file="match.yaml", name=MANIFEST.scenario)


class Pool:
    """Windows of one worker in one situation: `requests` a second, in these series."""

    def __init__(self, series: Sequence[Series], requests: int, *, seed: int = 1) -> None:
        chances = (Chance(seed, number) for number in count())
        self._made = [_window(series, requests, next(chances)) for _ in range(VARIANTS)]
        self._startups = [times(next(chances), 4, 1.2, 0.6) for _ in range(VARIANTS)]

    def window(self, second: int, variant: int, *, minute: int, joins: int, black: int) -> Window:
        """Of a second, with so many who join in that minute of the event; `black` never start."""
        made = Window(0)
        made.merge(self._made[variant % VARIANTS])
        made.second = second
        made.arrived[minute] = joins
        for number in range(joins):
            end = End.NEVER_STARTED if number < black else End.IN_TIME
            made.ends[minute, end] += 1
            made.cohorts[minute, _COHORTS[(second + number) % len(_COHORTS)], end] += 1
        if joins > black:
            made.startup[minute] = Distribution()
            made.startup[minute].merge(self._startups[variant % VARIANTS])
        return made


def _window(series: Iterable[Series], requests: int, chance: Chance) -> Window:
    made = Window(0, workers=1)
    for kind in series:
        # of what is rare there is one in most seconds: no series is missing
        number = max(1, round(requests * kind.share * chance.between(0.8, 1.2)))
        made.sent[kind.step, kind.retry] += number
        made.ended[kind.step, kind.outcome, kind.retry] = Tally(
            number, number * kind.size, times(chance, number, kind.median)
        )
    made.lag = times(chance, requests, 0.0004, 0.8)
    made.live_latency = times(chance, requests // 10, 12.0, 0.1)
    made.playlist_age = times(chance, requests // 4, 3.0, 0.4)
    made.stalled_ratios = times(chance, max(1, requests // 500), 0.01, 1.0)
    made.facts[Fact.SIGNED_IN_AGAIN] = 1
    made.watched, made.stalled = requests * 1.0, requests * 0.001
    made.bits_watched = requests * 3e5
    made.cpu, made.sockets, made.in_flight = 0.4, requests, requests // 50
    made.connections, made.handshakes, made.resumed = 8, 5, 3
    return made
