"""A capacity search made by hand: sign-in carries 16.5 requests/s, entitlement would be next."""

from loadtests.audience.trial import Aim, Joins, Trial
from loadtests.collect.window import Cohort, Tally, Window
from loadtests.diagnosis.explore import Capacity, Slowed
from loadtests.diagnosis.knee import Knee, Moved
from loadtests.diagnosis.level import Found, Level, StepLoad
from loadtests.diagnosis.sign import Told, sign
from loadtests.export.capacity_record import Search
from loadtests.scenario.library import find
from loadtests.scenario.read import read_scenario
from loadtests.vocabulary import End, Outcome, Purpose, Step

KNEE = 41.25
SIGNS_IN = 0.4
PER_JOIN = {Step.HOME: 1.0, Step.SIGN_IN: SIGNS_IN, Step.ENTITLEMENT: 1.0, Step.PLAYLIST: 3.0}
TIMES = {Step.HOME: 0.02, Step.SIGN_IN: 0.2, Step.ENTITLEMENT: 0.05, Step.PLAYLIST: 0.01}


def load(step: Step, rate: float, *, carried: float) -> StepLoad:
    """A step that answers `carried` viewers' requests well of those of `rate` who join."""
    asked = PER_JOIN[step] * rate
    good = PER_JOIN[step] * carried
    short = 1 - good / asked
    refused = round(100 * short)
    return StepLoad(
        asked=asked,
        attempts=asked,
        good=good,
        failed=short,
        response_time=TIMES[step] * (1 if not short else 4),
        slowest=TIMES[step] * (2 if not short else 10),
        in_flight=good * TIMES[step],
        most_in_flight=int(2 * good * TIMES[step]) + 1,
        growth=0.0,
        shortfall=short,
        error=0.001,
        outcomes={Outcome.OK: 100 - refused, Outcome.OVERLOAD: refused} if short else {},
    )


def level(number: int, rate: float, joins: Joins = Joins.STEP, aim: Aim = Aim.LEVEL) -> Level:
    """What this target shows of a load: it holds up to its knee."""
    broke = rate > KNEE
    carried = min(rate, KNEE)
    through = {Step.HOME: rate, Step.SIGN_IN: carried}
    steps = {s: load(s, rate, carried=through.get(s, rate)) for s in PER_JOIN}
    back = 33.0 if aim is Aim.OVERLOAD else None
    return Level(
        trial=Trial(number=number, joins=joins, rate=rate, aim=aim),
        found=Found.BROKE if broke else Found.HELD,
        why="sign_in carried less than it was asked for" if broke else "every step kept up",
        joins=rate,
        carried=carried,
        shortfall=1 - carried / rate,
        error=0.001,
        first=Step.SIGN_IN if broke else None,
        steps=steps,
        little=1.01,
        start=12.0,
        stop=27.0,
        recovered_at=back,
    )


def knee(joins: Joins = Joins.STEP, *rates: float, number: int = 1) -> Knee:
    """The knee that loads of these rates, numbered from `number`, have shown."""
    levels = tuple(level(n, rate, joins) for n, rate in enumerate(rates, number))
    broke = min((x.trial.rate for x in levels if x.found is Found.BROKE), default=None)
    if broke is None:
        most = max(rates)
        return Knee(joins=joins, value=most, low=most, high=None, at_least=True, levels=levels)
    return Knee(
        joins=joins,
        value=KNEE,
        low=40.5,
        high=42.0,
        levels=levels,
        first=Step.SIGN_IN,
        next=Step.ENTITLEMENT,
        in_flight=8.25,
        broke_at=broke,
    )


def found() -> Capacity:
    """A search that found everything there is."""
    at_once = knee(Joins.STEP, 10.0, 20.0, 40.0, 80.0, 42.0)
    surge = knee(Joins.SURGE, 20.0, 40.0, number=6)
    overload = level(8, 55.0, aim=Aim.OVERLOAD)
    again = level(9, 10.0, aim=Aim.AGAIN)
    return Capacity(
        knees={Joins.STEP: at_once, Joins.SURGE: surge},
        levels=(*at_once.levels, *surge.levels, overload, again),
        lowest=at_once.levels[0],
        overload=overload,
        again=again,
        drift=1.02,
        slowed=(Slowed(step=Step.HOME, overloaded=Step.SIGN_IN, slower=2.0),),
        moved=Moved(before=41.25, after=82.5, took=40.0),
        notes=("The edge was warm.",),
    )


def searched() -> Search:
    """The record of that search, with its signature, as a folder keeps it."""
    scenario, capacity = read_scenario(find("psg-juventus"), variant="a"), found()
    created = "2026-11-23T02:00:00+00:00"
    told = Told(target="https://stage.example.org", embedded=False, created=created)
    return Search(
        scenario=scenario.name,
        title=scenario.title,
        variant=scenario.variant,
        target=told.target,
        embedded=False,
        started=created,
        duration=412.0,
        exit_status=0,
        complete=True,
        ceiling=200.0,
        lag_p99=0.004,
        cpu=0.31,
        folders={1: "trials/01-step-10"},
        capacity=capacity,
        signature=sign(capacity, scenario, low=low(), told=told),
    )


def low() -> Window:
    """The seconds of the lowest level in one: 100 viewers, four in ten sign in, one of ten wrong.

    Entitlement answers 2 kB, playlists 500 bytes; a viewer watches 5 s of 25 kB/s.
    """
    window = Window(14)
    window.arrived[0] = 100
    window.watched, window.bits_watched = 500.0, 500.0 * 25_000.0
    for step, size in (
        (Step.HOME, 1_000),
        (Step.SIGN_IN, 800),
        (Step.ENTITLEMENT, 2_000),
        (Step.PLAYLIST, 500),
    ):
        _ask(window, step, round(100 * PER_JOIN[step]), size)
    window.sent[Step.SIGN_IN, False] += 4
    denied = window.ended[Step.SIGN_IN, Outcome.DENIED, False] = Tally(count=4)
    denied.times.add(0.3, 4)
    window.sent[Step.HOME, True] = 16
    for device, n in (("phone", 75), ("tv", 25)):
        window.cohorts[0, Cohort("fr", device, Purpose.WATCH, ""), End.IN_TIME] = n
    return window


def _ask(window: Window, step: Step, count: int, size: int) -> None:
    window.sent[step, False] = count
    tally = window.ended[step, Outcome.OK, False] = Tally(count=count, bytes=count * size)
    tally.times.add(TIMES[step], count)
