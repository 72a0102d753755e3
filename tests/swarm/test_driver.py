"""Each viewer's journey is walked from when it was due, and settled when the run ends."""

from math import inf

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.steps import Fetch, Journey, RunOver, Wait
from loadtests.behavior.walk import Pending, Walk
from loadtests.scenario.model import Device
from loadtests.swarm.driver import Driver
from loadtests.vocabulary import Player

START = 1000.0


def arrival(*, index: int, at: float = 0.0) -> Arrival:
    return Arrival(
        index=index,
        at=at,
        offset=at,
        device_name="web",
        device=Device(share=1.0, player=Player.HLS_JS, signs_in=0.0),
        signs_in=False,
        patience=inf,
        stay=inf,
        seed=1,
    )


class Line:
    """Keeps what a journey asks for, and answers when told."""

    def __init__(self) -> None:
        self.waits: list[tuple[float, Walk]] = []
        self.canceled = 0
        self.closed = 0

    def fetch(self, fetch: Fetch, walk: Walk) -> Pending:
        raise NotImplementedError(fetch, walk)

    def wait(self, until: float, walk: Walk) -> Pending:
        self.waits.append((until, walk))
        return self

    def cancel(self) -> None:
        self.canceled += 1

    def close(self) -> None:
        self.closed += 1


class Register:
    def __init__(self) -> None:
        self.arrivals: list[tuple[int, bool]] = []
        self.lags: list[float] = []

    def arrived(self, arrival: Arrival, *, late: bool) -> None:
        self.arrivals.append((arrival.index, late))

    def lagged(self, late: float) -> None:
        self.lags.append(late)


class Stage:
    """A driver over scripted journeys: each waits `stay` seconds, then leaves."""

    def __init__(self, stay: float = 5.0) -> None:
        self.lines: dict[int, Line] = {}
        self.register = Register()
        self.settled: list[tuple[int, float]] = []
        self._stay = stay
        self.driver = Driver(
            start=START, line=self._line, visit=self._visit, register=self.register
        )

    def _line(self, arrival: Arrival) -> Line:
        return self.lines.setdefault(arrival.index, Line())

    def _visit(self, arrival: Arrival) -> Journey:
        try:
            yield Wait(START + arrival.at + self._stay)
        except RunOver as over:
            self.settled.append((arrival.index, over.at))

    def end_of_stay(self, index: int) -> None:
        until, walk = self.lines[index].waits.pop()
        walk.resume(until, until)


def test_a_journey_counts_from_when_the_viewer_was_due_however_late_the_tester_is() -> None:
    stage = Stage()
    stage.driver.begin(arrival(index=7, at=3.0), 1.5)
    [(until, walk)] = stage.lines[7].waits
    assert (walk.now, until) == (START + 3.0, START + 8.0)


def test_a_viewer_started_over_a_tenth_of_a_second_late_is_a_late_arrival() -> None:
    stage = Stage()
    stage.driver.begin(arrival(index=0), 0.1)
    stage.driver.begin(arrival(index=1), 0.11)
    assert stage.register.arrivals == [(0, False), (1, True)]
    assert stage.register.lags == [0.1, 0.11]


def test_a_viewer_who_leaves_hangs_up_and_is_there_no_more() -> None:
    stage = Stage()
    stage.driver.begin(arrival(index=4), 0.0)
    assert len(stage.driver) == 1
    stage.end_of_stay(4)
    assert len(stage.driver) == 0
    assert stage.lines[4].closed == 1


def test_a_viewer_who_leaves_at_once_is_not_kept() -> None:
    stage = Stage()

    def nothing(_: Arrival) -> Journey:
        return
        yield Wait(0.0)

    stage.driver._visit = nothing
    stage.driver.begin(arrival(index=1), 0.0)
    assert len(stage.driver) == 0
    assert stage.lines[1].closed == 1


def test_at_the_end_everybody_still_there_settles_and_nobody_goes_on() -> None:
    stage = Stage()
    for index in range(3):
        stage.driver.begin(arrival(index=index), 0.0)
    stage.end_of_stay(1)
    stage.driver.finish(START + 4.0)
    assert stage.settled == [(0, START + 4.0), (2, START + 4.0)]
    assert [line.canceled for line in stage.lines.values()] == [1, 0, 1]
    assert [line.closed for line in stage.lines.values()] == [1, 1, 1]
    assert len(stage.driver) == 0


def test_who_has_something_to_say_at_the_end_keeps_the_line_for_it() -> None:
    stage = Stage()

    def polite(arrival: Arrival) -> Journey:
        try:
            yield Wait(START + 5.0)
        except RunOver:
            return goodbye if arrival.index else None

    def farewell() -> Journey:
        return (yield Wait(START + 6.0))

    goodbye = farewell()
    stage.driver._visit = polite
    for index in range(2):
        stage.driver.begin(arrival(index=index), 0.0)
    assert stage.driver.finish(START + 4.0) == [(stage.lines[1], goodbye)]
    assert [line.closed for line in stage.lines.values()] == [1, 0]
