"""Calls: engaged, abandoned, informed, answered, and made again."""

import json

import pytest
from scripted import Said, arrival, device
from visits import NEAR, START, answering, come, facts, in_turn, since

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.journeys.support import MOST_CALLS
from loadtests.behavior.steps import Fetch
from loadtests.scenario.habits import Calls
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact, Player, Purpose, Step

BUSY = Said(status=503, body=b'{"error": "busy"}')
ALWAYS_REDIALS = Calls(redial=1.0, redial_after=15.0)


def caller(index: int = 7, player: Player = Player.HLS_JS) -> Arrival:
    return arrival(device(player), index=index, purpose=Purpose.SUPPORT)


def picked_up(by: str, after: Seconds = 0.0) -> Said:
    return Said(body=json.dumps({"by": by, "waited": after, "takes": 60}).encode(), after=after)


def patience(fetch: Fetch) -> object:
    return json.loads(fetch.body)["patience"]


@pytest.mark.parametrize(
    ("by", "fact", "end"),
    [
        ("agent", Fact.CALL_ANSWERED, End.SERVED),
        ("message", Fact.CALL_INFORMED, End.SERVED),
        ("nobody", Fact.CALL_ABANDONED, End.UNSERVED),
    ],
)
def test_a_call_is_what_the_answer_says_of_it(by: str, fact: Fact, end: End) -> None:
    _, diary = come(caller(), answering(Step.SUPPORT, picked_up(by, after=300.0)), until=900.0)
    assert diary.facts == [(Fact.CALLED, START), (fact, START + 300.0)]
    assert diary.ends == [(end, START + 300.0)]


@pytest.mark.parametrize("player", list(Player))
def test_a_busy_tone_is_repeated_by_nobody_but_the_caller(player: Player) -> None:
    world, diary = come(caller(player=player), answering(Step.SUPPORT, BUSY))
    assert (since(world, Step.SUPPORT), world.attempts(Step.SUPPORT)) == ([0.0], [1])
    assert facts(diary) == [Fact.CALLED, Fact.CALL_BLOCKED]
    assert diary.ends == [(End.UNSERVED, START)]


def test_people_redial_until_somebody_helps() -> None:
    twist = in_turn(Step.SUPPORT, BUSY, picked_up("nobody", 5.0), picked_up("message"))
    world, diary = come(caller(), twist, calls=ALWAYS_REDIALS)
    assert facts(diary) == [
        Fact.CALLED,
        Fact.CALL_BLOCKED,
        Fact.CALLED,
        Fact.REDIALED,
        Fact.CALL_ABANDONED,
        Fact.CALLED,
        Fact.REDIALED,
        Fact.CALL_INFORMED,
    ]
    assert diary.ends == [(End.SERVED, world.sent[-1].done)]
    assert world.attempts(Step.SUPPORT) == [1, 1, 1]


def test_nobody_redials_for_ever() -> None:
    world, diary = come(
        caller(), answering(Step.SUPPORT, BUSY), until=9_999.0, calls=ALWAYS_REDIALS
    )
    assert len(world.sent) == MOST_CALLS
    assert diary.ends == [(End.UNSERVED, world.sent[-1].done)]


def test_half_of_the_callers_not_served_redial_each_time() -> None:
    calls, made = Calls(redial=0.5, redial_after=1.0), 0
    for index in range(400):
        world, _ = come(caller(index), answering(Step.SUPPORT, BUSY), calls=calls)
        made += len(world.sent)
    # geometric with mean 2 and variance 2
    assert made / 400 == NEAR(2.0, abs=4 * (2 / 400) ** 0.5)


def test_callers_wait_for_an_agent_as_long_as_the_scenario_says_on_average() -> None:
    waits = []
    for index in range(400):
        world, _ = come(caller(index), calls=Calls(patience=90.0))
        waits.append(float(str(patience(world.sent[0].fetch))))
    assert sum(waits) / 400 == NEAR(90.0, abs=4 * 90.0 / 400**0.5)
    assert min(waits) < 90.0 * 0.1 < 90.0 * 2 < max(waits)


def test_without_a_limit_callers_wait_for_ever() -> None:
    world, diary = come(caller(), delays={Step.SUPPORT: 1800.0}, until=2_000.0)
    assert patience(world.sent[0].fetch) in {"", None}
    assert diary.ends == [(End.SERVED, START + 1800.0)]
