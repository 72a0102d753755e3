"""The switchboard against a brute-force oracle and the route around it; Erlang: test_erlang."""

from math import inf, log
from typing import NamedTuple

import pytest
from evening import Evening, told
from hypothesis import given
from hypothesis import strategies as st

from loadtests.binding import Misfit
from loadtests.chance import Chance
from loadtests.stack.exchange import Stated
from loadtests.stack.policies import Message, SupportDesk
from loadtests.stack.support_desk import By, PickUp, Switchboard

MESSAGE = Message(satisfies=0.5, length=3.0, fails=(100.0, 200.0))


class Caller(NamedTuple):
    gap: float  # since the caller before
    patience: float


CALLERS = st.lists(
    st.builds(
        Caller,
        st.integers(0, 64).map(lambda n: n / 16),
        st.one_of(st.just(inf), st.integers(0, 80).map(lambda n: n / 16)),
    ),
    max_size=60,
)


@st.composite
def desks(draw: st.DrawFn) -> SupportDesk:
    agents = draw(st.integers(1, 5))
    return SupportDesk(
        agents=agents,
        lines=agents + draw(st.integers(0, 5)),
        handle_time=draw(st.sampled_from([0.5, 4.0, 20.0])),
        message=draw(st.sampled_from([None, MESSAGE, Message(satisfies=0.3, length=8.0)])),
    )


class Known(NamedTuple):
    """One call that had a line, as the oracle keeps it."""

    end: float
    with_agent_from: float  # infinity: never


class Oracle:
    """The same desk, second by second through everything that ever happened."""

    def __init__(self, desk: SupportDesk, seed: int) -> None:
        self.desk = desk
        self.chance = Chance(seed)
        self.past: list[Known] = []

    def offer(self, now: float, patience: float) -> PickUp | None:
        if sum(call.end > now for call in self.past) >= self.desk.lines:
            return None
        speaks = self.desk.message is not None and self.desk.message.works(now)
        satisfies, length = (
            (self.desk.message.satisfies, self.desk.message.length)
            if self.desk.message and speaks
            else (0.0, 0.0)
        )
        is_satisfied = self.chance.uniform() < satisfies
        takes = -log(1 - self.chance.uniform()) * self.desk.handle_time
        if is_satisfied:
            self.past.append(Known(now + length, inf))
            return PickUp(By.MESSAGE, 0.0, length)
        start = self.an_agent_is_free_from(now + length)
        if start > now + length + patience:
            self.past.append(Known(now + length + patience, inf))
            return PickUp(By.NOBODY, now + length + patience - now, 0.0)
        self.past.append(Known(start + takes, start))
        return PickUp(By.AGENT, start - now, takes)

    def an_agent_is_free_from(self, moment: float) -> float:
        """The first moment from then on at which some agent has nobody promised any more."""
        served = [call for call in self.past if call.with_agent_from < inf]
        for candidate in sorted({moment, *(call.end for call in served if call.end > moment)}):
            if sum(call.end > candidate for call in served) < self.desk.agents:
                return candidate
        raise AssertionError


@given(desks(), CALLERS, st.integers(0, 99))
def test_a_desk_answers_what_looking_through_its_whole_past_answers(
    desk: SupportDesk, callers: list[Caller], seed: int
) -> None:
    switchboard, oracle, now = Switchboard(desk, seed), Oracle(desk, seed), 0.0
    for caller in callers:
        now += caller.gap
        assert switchboard.offer(now, now, caller.patience) == oracle.offer(now, caller.patience)


def test_who_hangs_up_frees_the_line_and_takes_no_agent() -> None:
    switchboard = Switchboard(SupportDesk(agents=1, lines=2, handle_time=50.0))
    first = switchboard.offer(0.0, 0.0)
    assert first is not None
    assert first.takes > 4
    assert switchboard.offer(1.0, 1.0, 2.0) == (By.NOBODY, 2.0, 0.0)
    assert switchboard.offer(2.0, 2.0) is None
    third = switchboard.offer(3.0, 3.0)
    assert third is not None
    assert 3.0 + third.waited == first.takes


def test_while_the_message_fails_everybody_goes_on_to_an_agent_at_once() -> None:
    desk = SupportDesk(agents=99, lines=99, handle_time=0.01, message=MESSAGE)
    switchboard = Switchboard(desk)

    def picked_up(second: float) -> PickUp:
        found = switchboard.offer(second, second)
        assert found is not None
        return found

    at = {second: picked_up(second) for second in range(300)}
    working = [at[second] for second in range(300) if not 100 <= second < 200]
    assert {at[second][:2] for second in range(100, 200)} == {(By.AGENT, 0.0)}
    assert {found[:2] for found in working} == {(By.AGENT, 3.0), (By.MESSAGE, 0.0)}
    satisfied = sum(found.by is By.MESSAGE for found in working) / len(working)
    assert satisfied == pytest.approx(0.5, abs=0.1)


def test_a_line_is_held_from_the_message_on() -> None:
    desk = SupportDesk(
        agents=1, lines=1, handle_time=1.0, message=Message(satisfies=1.0, length=5.0)
    )
    switchboard = Switchboard(desk)
    answers = [switchboard.offer(at, at) for at in (0.0, 4.9, 5.0)]
    heard = (By.MESSAGE, 0.0, 5.0)
    assert answers == [heard, None, heard]


def test_handle_times_are_exponential_around_their_mean() -> None:
    switchboard = Switchboard(SupportDesk(agents=1, lines=1, handle_time=8.0))
    found = [switchboard.offer(second, second) for second in range(0, 20_000_000, 1_000)]
    times = sorted(call.takes for call in found if call)
    assert len(times) == 20_000
    assert sum(times) / len(times) == pytest.approx(8.0, rel=0.03)
    assert times[10_000] == pytest.approx(8.0 * log(2), rel=0.03)


def test_a_call_is_answered_when_somebody_picks_up() -> None:
    evening = Evening(support=SupportDesk(agents=1, lines=3, handle_time=60.0))
    first, second, third = (
        evening.post("/support", patience=patience) for patience in (None, None, 0.25)
    )
    now = first.at
    assert told(first) == {"by": "agent", "waited": 0.0, "takes": told(first)["takes"]}
    assert told(second)["by"] == "agent"
    assert told(second)["waited"] == second.at - now == pytest.approx(told(first)["takes"])
    assert told(third) == {"by": "nobody", "waited": pytest.approx(0.25), "takes": 0.0}
    assert third.at - now == pytest.approx(0.25)


def test_without_a_free_line_the_tone_is_engaged_at_once() -> None:
    evening = Evening(support=SupportDesk(agents=1, lines=1, handle_time=60.0))
    first, second = (evening.post("/support") for _ in range(2))
    assert first.outcome is Stated.OK
    assert (second.status, second.outcome, second.at) == (503, Stated.OVERLOAD, first.at)
    assert told(second) == {"error": "busy"}
    assert b"retry-after" not in dict(second.headers)


def test_without_a_desk_an_agent_is_there_at_once() -> None:
    assert told(Evening().post("/support")) == {"by": "agent", "waited": 0.0, "takes": 0.0}


def test_the_message_fails_by_the_clock_of_the_evening() -> None:
    message = Message(satisfies=1.0, length=2.0, fails=(3600.0, 7200.0))
    desk = SupportDesk(agents=1, lines=9, handle_time=1.0, message=message)
    evening = Evening(speed=360.0, support=desk)
    by = [told(evening.post("/support", at=at))["by"] for at in (3599.0, 3601.0, 7201.0)]
    assert by == ["message", "agent", "message"]


@pytest.mark.parametrize(
    ("said", "waits"), [(None, inf), ("", inf), ("0.5", 0.5), (0.5, 0.5), (0, 0.0)]
)
def test_patience_is_a_number_of_seconds_its_text_or_nothing(said: object, waits: float) -> None:
    evening = Evening(support=SupportDesk(agents=1, lines=2, handle_time=60.0))
    takes = told(evening.post("/support"))["takes"]
    answer = evening.post("/support", patience=said)
    assert told(answer)["waited"] == pytest.approx(min(waits, takes))


@pytest.mark.parametrize("said", [True, -1, "soon", "nan", [], {}, "-0.1"])
def test_other_patience_is_the_clients_error(said: object) -> None:
    answer = Evening().post("/support", patience=said)
    assert (answer.status, answer.outcome) == (400, Stated.CLIENT_ERROR)


def test_a_desk_has_a_line_for_each_agent() -> None:
    with pytest.raises(Misfit, match="2 lines for 3 agents; write at least as many"):
        SupportDesk(agents=3, lines=2, handle_time=1.0)


def test_a_message_cannot_work_again_before_it_fails() -> None:
    with pytest.raises(Misfit, match="ends before it begins"):
        Message(satisfies=0.5, fails=(10.0, 10.0))
