"""Where the ads are: held against a walk through the stream, segment by segment."""

from math import ceil
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loadtests.binding import Misfit
from loadtests.stack.ad_breaks import AdBreaks, Breaks, Spot
from loadtests.stack.event_clock import Calendar, EventClock
from loadtests.stack.model import Stack, Stream


class Case(NamedTuple):
    """A plan, and a stream and an evening it fits."""

    plan: AdBreaks
    target: float
    speed: float
    began: float

    @property
    def clock(self) -> EventClock:
        clock = EventClock(Calendar(start=-300.0, speed=self.speed))
        clock.begin(self.began)
        return clock

    @property
    def breaks(self) -> Breaks:
        return Breaks(self.plan, self.target, self.clock)

    @property
    def whole(self) -> int:
        """Segments of a break."""
        return self.plan.ads * self.plan.length(self.target)

    @property
    def before(self) -> int:
        """A segment that begins up to two target durations before the first break."""
        return ceil(self.clock.moment(self.plan.start) / self.target) - 2


@st.composite
def cases(draw: st.DrawFn) -> Case:
    target = draw(st.sampled_from([1.0, 1.92, 2.0, 2.5, 4.0, 6.006]))
    speed = draw(st.sampled_from([1.0, 2.0, 5.0, 7.3]))
    plan = AdBreaks(
        every=1.0,
        start=draw(st.sampled_from([-300.0, -60.0, 0.0, 47.3])),
        ads=draw(st.integers(1, 4)),
        duration=draw(st.floats(0.5, 30.0)),
    )
    least = plan.least_every(target, speed)
    every = draw(st.just(least) | st.floats(least, least * 10))
    plan = AdBreaks(every=every, start=plan.start, ads=plan.ads, duration=plan.duration)
    # half of them exactly where a segment begins: there rounding could go either way
    began = draw(st.integers(400_000_000, 500_000_000).map(lambda n: n * target))
    return Case(plan, target, speed, began + draw(st.just(0.0) | st.floats(0.0, 10.0)))


@given(cases())
def test_a_break_is_its_ads_one_after_the_other_each_from_beginning_to_end(case: Case) -> None:
    breaks, length = case.breaks, case.plan.length(case.target)
    spots = [breaks.spot(case.before + n) for n in range(4 * case.whole + 20)]
    ads = [spot for spot in spots if spot is not None]
    assert (
        ads[: 2 * case.whole]
        == [Spot(number, part) for number in range(2 * case.plan.ads) for part in range(length)][
            : len(ads)
        ]
    )
    assert len(ads) >= case.whole
    assert spots[0] is None


@given(cases(), st.integers(0, 50))
def test_a_break_begins_with_the_first_segment_after_the_moment_the_clock_says(
    case: Case, number: int
) -> None:
    moment = case.clock.moment(case.plan.start + number * case.plan.every)
    near = round(moment / case.target)
    begins = [
        sequence
        for sequence in range(near - 2, near + 3)
        if case.breaks.spot(sequence) == Spot(number * case.plan.ads, 0)
    ]
    assert len(begins) == 1
    assert -1e-5 <= begins[0] * case.target - moment < case.target + 1e-5


@given(cases(), st.integers(0, 50))
def test_live_media_is_left_between_two_breaks(case: Case, number: int) -> None:
    moment = case.clock.moment(case.plan.start + number * case.plan.every)
    begins = round(moment / case.target) - 2
    around = [case.breaks.spot(begins + n) is None for n in range(case.whole + 5)]
    assert True in around[2 + case.whole - 1 :]


@given(cases())
def test_every_ad_and_what_follows_the_last_begins_with_a_discontinuity(case: Case) -> None:
    breaks, first = case.breaks, case.before
    last = None
    for sequence in range(first, first + 4 * case.whole + 20):
        spot = breaks.spot(sequence)
        changes = (spot is None) != (last is None) or (spot is not None and spot.part == 0)
        if sequence > first:
            assert breaks.is_discontinuity(sequence) is changes
        last = spot


@given(cases())
def test_discontinuities_are_counted_from_the_first_on(case: Case) -> None:
    breaks, first = case.breaks, case.before
    seen = 0
    for sequence in range(first, first + 4 * case.whole + 20):
        assert breaks.discontinuities(sequence) == seen
        seen += breaks.is_discontinuity(sequence)
    assert seen >= case.plan.ads + 1


@given(cases(), st.integers(1, 1_000_000))
def test_nothing_comes_before_the_first_break(case: Case, earlier: int) -> None:
    sequence = case.before - earlier
    assert case.breaks.spot(sequence) is None
    assert case.breaks.discontinuities(sequence) == 0


def test_without_a_run_there_is_no_evening_and_no_break() -> None:
    breaks = Breaks(AdBreaks(every=60.0), 4.0, EventClock(None))
    assert breaks.spot(450_000_000) is None
    assert breaks.discontinuities(450_000_000) == 0


@pytest.mark.parametrize(
    ("duration", "target", "segments"), [(20.0, 4.0, 5), (15.0, 4.0, 4), (1.0, 4.0, 1)]
)
def test_an_ad_takes_the_nearest_number_of_segments_at_least_one(
    duration: float, target: float, segments: int
) -> None:
    assert AdBreaks(every=600.0, duration=duration).length(target) == segments


def test_breaks_that_would_leave_nothing_between_them_are_refused() -> None:
    stream = Stream(ad_breaks=AdBreaks(every=68.0))  # three times 20 s and two segments of 4 s
    assert Stack(stations={}, stream=stream).stream is stream
    with pytest.raises(Misfit) as problem:
        Stack(stations={}, stream=stream, calendar=Calendar(start=0.0, speed=2.0))
    assert problem.value.path == ("stream", "ad_breaks", "every")
    assert problem.value.what == (
        "at speed 2 nothing would be left between the breaks; write at least 2m16s"
    )


@given(cases(), st.floats(1.01, 4.0))
def test_what_is_told_to_write_is_enough(case: Case, faster: float) -> None:
    calendar = Calendar(start=0.0, speed=case.speed * faster)
    least = case.plan.least_every(case.target, calendar.speed)
    assume(case.plan.every < least)
    with pytest.raises(Misfit):
        Stack(
            stations={},
            stream=Stream(target_duration=case.target, ad_breaks=case.plan),
            calendar=calendar,
        )
    enough = AdBreaks(every=least, ads=case.plan.ads, duration=case.plan.duration)
    stream = Stream(target_duration=case.target, ad_breaks=enough)
    assert Stack(stations={}, stream=stream, calendar=calendar).stream is stream
