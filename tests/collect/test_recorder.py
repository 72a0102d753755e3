import math
import timeit
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.steps import Fetch, Progress, Reply, Timeouts
from loadtests.collect import qoe, requests
from loadtests.collect.policies import CODES, OTHER
from loadtests.collect.recorder import Recorder, minute_of
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Cohort, Window
from loadtests.scenario.hostile import Pattern
from loadtests.scenario.model import Device
from loadtests.vocabulary import End, Fact, Outcome, Player, Purpose, Step, Trait

START = 1_700_000_000.0
DEVICE = Device(share=1.0, player=Player.HLS_JS, signs_in=0.5)
TIMEOUTS = Timeouts(1.0, 1.0, 1.0)


def arrival(index: int = 0, at: float = 0.0, offset: float = 0.0) -> Arrival:
    return Arrival(
        index=index, at=at, offset=offset, device_name="tv", device=DEVICE, signs_in=True,
        patience=math.inf, stay=math.inf, seed=index,
    )  # fmt: skip


def fetch(step: Step = Step.HOME, attempt: int = 1) -> Fetch:
    return Fetch(step, "http://stack.invalid/", TIMEOUTS, attempt=attempt)


def reply(
    to: Fetch, outcome: Outcome = Outcome.OK, *, due: float = START, took: float = 0.25
) -> Reply:
    made = Reply(to, due)
    made.outcome, made.done, made.size = outcome, due + took, 100
    return made


def progress(
    *, watched: float = 0.0, stalled: float = 0.0, stalls: int = 0, age: float | None = None
) -> Progress:
    return Progress(
        watched=watched, stalled=stalled, stalls=stalls, bits_watched=watched * 1000,
        live_latency=age, playlist_age=age, switches=1, lost=2,
    )  # fmt: skip


def close(recorder: Recorder, second: int = 0) -> Window:
    return recorder.close(second, cpu=0.5, sockets=3, in_flight=2)


def test_a_request_is_counted_by_step_outcome_and_attempt_with_its_time_from_due() -> None:
    recorder = Recorder(START)
    for attempt in (1, 2, 3):
        request = fetch(Step.SIGN_IN, attempt)
        recorder.sent(request)
        recorder.answered(reply(request, Outcome.OVERLOAD, took=0.5 * attempt))
    window = close(recorder)
    assert window.sent == {(Step.SIGN_IN, False): 1, (Step.SIGN_IN, True): 2}
    retried = window.ended[Step.SIGN_IN, Outcome.OVERLOAD, True]
    assert (retried.count, retried.bytes, retried.times.total) == (2, 200, 2.5)
    assert window.ended[Step.SIGN_IN, Outcome.OVERLOAD, False].times.max == 0.5


def test_viewers_are_filed_by_the_event_minute_they_joined_in() -> None:
    recorder = Recorder(START)
    for offset in (-60.1, -60.0, -0.1, 0.0, 59.9, 60.0):
        recorder.arrived(arrival(offset=offset), late=offset == 0.0)
    window = close(recorder)
    assert window.arrived == {-2: 1, -1: 2, 0: 2, 1: 1}
    assert window.late_arrivals == 1


@given(st.floats(-1e5, 1e5))
@example(-5e-324)
def test_a_join_minute_begins_with_its_minute_and_lasts_one(offset: float) -> None:
    assert 60 * minute_of(offset) <= offset < 60 * (minute_of(offset) + 1)


def test_an_end_is_filed_by_the_kind_of_viewer_too() -> None:
    recorder = Recorder(START)
    who = replace(
        arrival(offset=61.0),
        purpose=Purpose.DOWNLOAD,
        region="brussels",
        traits=frozenset({Trait.ROOTED, Trait.OUTSIDE}),
    )
    recorder.decided(who, End.TURNED_AWAY, START + 1)
    kind = Cohort("brussels", "tv", Purpose.DOWNLOAD, "outside+rooted")
    assert close(recorder).cohorts == {(1, kind, End.TURNED_AWAY): 1}


def test_refusals_by_policy_are_filed_by_the_targets_code_and_facts_by_name() -> None:
    recorder = Recorder(START)
    for code, outcome in (("on_hold", Outcome.POLICY), ("on_hold", Outcome.OK)):
        said = reply(fetch(Step.ENTITLEMENT), outcome)
        said.value = code
        recorder.answered(said)
    recorder.noted(arrival(), Fact.EXPIRED, START)
    window = close(recorder)
    assert window.policies == {(Step.ENTITLEMENT, "on_hold"): 1}
    assert window.facts == {Fact.EXPIRED: 1}


def test_a_target_that_invents_codes_fills_no_memory() -> None:
    recorder = Recorder(START)
    for number in range(10 * CODES):
        said = reply(fetch(Step.ENTITLEMENT), Outcome.POLICY)
        said.value = f"viewer_{number}"
        recorder.answered(said)
        close(recorder, number)
    last = reply(fetch(Step.ENTITLEMENT), Outcome.POLICY)
    last.value = "viewer_0"
    recorder.answered(last)
    recorder.answered(said)
    assert close(recorder).policies == {
        (Step.ENTITLEMENT, "viewer_0"): 1,
        (Step.ENTITLEMENT, OTHER): 1,
    }


def test_startup_time_counts_from_when_the_viewer_was_to_arrive() -> None:
    recorder = Recorder(START)
    recorder.decided(arrival(at=10.0, offset=60.0), End.IN_TIME, START + 12.5)
    recorder.decided(arrival(at=10.0, offset=60.0), End.STARTED_LATE, START + 50.0)
    recorder.decided(arrival(at=10.0, offset=60.0), End.LEFT_WAITING, START + 11.0)
    window = close(recorder)
    assert window.ends == {(1, End.IN_TIME): 1, (1, End.STARTED_LATE): 1, (1, End.LEFT_WAITING): 1}
    assert (window.startup[1].count, window.startup[1].min, window.startup[1].max) == (2, 2.5, 40.0)


def test_a_viewer_who_stalls_again_is_one_stalled_viewer_also_over_windows() -> None:
    recorder = Recorder(START)
    recorder.played(arrival(1), progress(stalls=1, stalled=2.0), START)
    recorder.played(arrival(1), progress(stalls=2, stalled=1.0), START)
    first = close(recorder)
    recorder.played(arrival(1), progress(stalls=1), START)
    recorder.played(arrival(2), progress(stalled=0.5), START)  # goes on stalling: counted before
    second = close(recorder, 1)
    assert (first.stalls, first.stalled_viewers, first.stalled) == (3, 1, 3.0)
    assert (second.stalls, second.stalled_viewers, second.stalled) == (1, 0, 0.5)


def test_what_players_say_adds_up() -> None:
    recorder = Recorder(START)
    recorder.played(arrival(1), progress(watched=4.0, age=8.0), START)
    recorder.played(arrival(2), progress(watched=2.0), START)
    window = close(recorder)
    assert (window.watched, window.bits_watched, window.switches, window.lost) == (
        6.0,
        6000.0,
        2,
        4,
    )
    assert (window.live_latency.count, window.live_latency.max) == (1, 8.0)
    assert (window.playlist_age.count, window.playlist_age.max) == (1, 8.0)


def test_connections_are_plain_full_handshakes_or_resumed_ones() -> None:
    recorder = Recorder(START)
    for resumed in (None, None, False, True, True, True):
        recorder.connected(resumed)
    window = close(recorder)
    assert (window.connections, window.handshakes, window.resumed) == (6, 1, 3)


def test_closing_hands_out_the_second_and_begins_an_empty_one() -> None:
    recorder = Recorder(START)
    recorder.lagged(0.01)
    recorder.left(arrival(), START)
    window = close(recorder, 5)
    assert (window.second, window.workers, window.lag.max, window.left) == (5, 1, 0.01, 1)
    assert (window.cpu, window.sockets, window.in_flight) == (0.5, 3, 2)
    assert close(recorder, 6) == Window(6, workers=1, cpu=0.5, sockets=3, in_flight=2)


Calls = list[tuple[int, str, int]]
CALLS: st.SearchStrategy[Calls] = st.lists(
    st.tuples(
        st.integers(0, 2),  # the worker
        st.sampled_from(["send", "answer", "arrive", "decide", "leave", "close"]),
        st.integers(0, 200),  # which one
    ),
    max_size=150,
)


class Crowd:
    """Workers who do what they are told where it is possible, and remember what is true."""

    def __init__(self, workers: int) -> None:
        self.recorders = [Recorder(START) for _ in range(workers)]
        self.in_flight: list[list[Fetch]] = [[] for _ in range(workers)]
        self.starting: list[list[Arrival]] = [[] for _ in range(workers)]
        self.watching = [0] * workers
        self.seconds = [0] * workers
        self.windows: list[Window] = []

    def play(self, worker: int, call: str, which: int) -> None:
        recorder = self.recorders[worker]
        if call == "send":
            request = fetch(list(Step)[which % len(Step)], 1 + which % 3)
            recorder.sent(request)
            self.in_flight[worker].append(request)
        elif call == "answer" and self.in_flight[worker]:
            request = self.in_flight[worker].pop(which % len(self.in_flight[worker]))
            recorder.answered(reply(request, list(Outcome)[which % len(Outcome)]))
        elif call == "arrive":
            who = arrival(which, offset=60.0 * (which % 5 - 2))
            recorder.arrived(who, late=False)
            self.starting[worker].append(who)
        elif call == "decide" and self.starting[worker]:
            end = list(End)[which % len(End)]
            recorder.decided(self.starting[worker].pop(), end, START + 5)
            self.watching[worker] += end in qoe.STARTED
        elif call == "leave" and self.watching[worker]:
            recorder.left(arrival(which), START + 9)
            self.watching[worker] -= 1
        elif call == "close":
            self.close(worker)

    def close(self, worker: int) -> None:
        self.windows.append(close(self.recorders[worker], self.seconds[worker]))
        self.seconds[worker] += 1


@given(CALLS, st.randoms(use_true_random=False))
def test_nothing_is_lost_whatever_happens_and_in_whatever_order_windows_are_merged(
    calls: Calls, chance: Random
) -> None:
    crowd = Crowd(3)
    for call in calls:
        crowd.play(*call)
    for worker in range(3):
        crowd.close(worker)
    chance.shuffle(crowd.windows)
    total = Timeline(crowd.windows).total
    in_flight = sum(map(len, crowd.in_flight))
    assert requests.sent(total) == requests.ended(total) + in_flight
    for step in Step:
        under_way = sum(request.step is step for mine in crowd.in_flight for request in mine)
        assert requests.sent(total, step) == requests.ended(total, step) + under_way
    assert qoe.arrived(total) == sum(qoe.ended(total, end) for end in End) + qoe.still_starting(
        total
    )
    assert qoe.still_starting(total) == sum(map(len, crowd.starting))
    assert qoe.watching(total) == sum(crowd.watching)


def per_call(run: Callable[[], object], calls: int) -> float:
    return min(timeit.repeat(run, number=1, repeat=5)) / calls


def test_hostile_requests_are_in_no_viewer_s_figures_but_in_what_the_edge_sees() -> None:
    recorder = Recorder(START)
    hostile = recorder.hostile(Pattern.FLOOD)
    for record, step in ((recorder, Step.HOME), (hostile, Step.SIGN_IN)):
        answer = reply(fetch(step))
        answer.id = 1
        record.sent(answer.fetch)
        record.answered(answer)
    hostile.connected(None)
    window = close(recorder)
    assert (requests.sent(window), requests.ended(window), window.connections) == (1, 1, 0)
    assert window.hostile == {(Pattern.FLOOD, Step.SIGN_IN, Outcome.OK): 1}
    assert (window.edge.second, window.edge.total.requests) == (0, 2)


@pytest.mark.prove
def test_recording_a_request_takes_less_than_six_microseconds() -> None:
    recorder = Recorder(START)
    answers = [reply(fetch(step), took=0.001 * n) for n in range(1, 1000) for step in Step]
    for number, answer in enumerate(answers, 1):
        answer.id = number

    def record() -> None:
        for answer in answers:
            recorder.sent(answer.fetch)
            recorder.answered(answer)
        close(recorder)

    assert per_call(record, len(answers)) <= 6e-6
