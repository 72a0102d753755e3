"""A set-top box switched on: up, moved, or showing the error screen."""

import json
from dataclasses import replace

from scripted import Said, arrival, device
from visits import START, answering, come, facts, in_turn, refusal, since

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.steps import Fetch
from loadtests.scenario.habits import Calls, HumanRetry
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact, Player, Purpose, Step

MOVE = Said(body=b'{"platform": "a", "move_to": "b"}')
DOWN = Said(status=500)


def box(*, patience: Seconds = 9_999.0, player: Player = Player.SET_TOP_BOX) -> Arrival:
    return arrival(device(player), purpose=Purpose.BOOT, patience=patience, index=12)


def test_a_box_starts_and_is_watched() -> None:
    world, diary = come(box(), until=1.0)
    assert world.steps()[:3] == [Step.BOOT, Step.HOME, Step.REFRESH]
    assert json.loads(world.sent[0].fetch.body)["box"] == "box-0000012"
    assert diary.facts == [(Fact.BOX_STARTED, START)]
    assert diary.ends == [(End.IN_TIME, START)]


def test_a_box_told_to_move_registers_on_the_other_platform() -> None:
    world, diary = come(box(), answering(Step.BOOT, MOVE), until=1.0)
    assert world.steps()[:3] == [Step.BOOT, Step.REGISTER, Step.HOME]
    said = json.loads(world.sent[1].fetch.body)
    assert (said["box"], said["platform"]) == ("box-0000012", "b")
    assert facts(diary) == [Fact.MIGRATED, Fact.BOX_STARTED]


def test_a_box_keeps_trying_by_itself_and_its_owner_sees_one_error_screen() -> None:
    world, diary = come(box(), answering(Step.BOOT, DOWN, until=12.0))
    assert since(world, Step.BOOT) == [0.0, 5.0, 10.0, 15.0]
    assert world.attempts(Step.BOOT) == [1, 2, 3, 4]
    assert diary.facts == [(Fact.BOX_FAILED, START), (Fact.BOX_STARTED, START + 15.0)]
    assert diary.ends == [(End.IN_TIME, START + 15.0)]


def test_an_error_while_registering_is_an_error_screen_too() -> None:
    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        if fetch.step is Step.BOOT:
            return MOVE
        return DOWN if fetch.step is Step.REGISTER and now < START + 7 else None

    world, diary = come(box(), twist)
    assert since(world, Step.REGISTER) == [0.0, 5.0, 10.0]
    assert facts(diary) == [Fact.BOX_FAILED, Fact.MIGRATED, Fact.BOX_STARTED]


def test_being_told_to_wait_is_no_error_screen() -> None:
    wait = Said(status=503, headers={b"retry-after": b"4"})
    world, diary = come(box(), answering(Step.BOOT, wait, until=6.0))
    assert since(world, Step.BOOT) == [0.0, 4.0, 8.0]
    assert facts(diary) == [Fact.BOX_STARTED]


def test_who_loses_patience_with_a_box_that_does_not_start_has_a_black_screen() -> None:
    calls = Calls(after_failure=1.0, after=5.0)
    world, diary = come(box(patience=22.0), answering(Step.BOOT, DOWN), calls=calls)
    assert since(world, Step.BOOT) == [0.0, 5.0, 10.0, 15.0, 20.0]
    assert diary.ends == [(End.NEVER_STARTED, START + 22.0)]
    assert facts(diary) == [Fact.BOX_FAILED, Fact.CALLED, Fact.CALL_ANSWERED]


def test_who_is_shown_an_error_switches_the_box_off_and_on() -> None:
    app = arrival(device(retry=HumanRetry(times=3, after=8.0, spread=0.0)), purpose=Purpose.BOOT)
    world, diary = come(app, in_turn(Step.HOME, DOWN, DOWN))
    assert since(world, Step.BOOT) == since(world, Step.HOME) == [0.0, 8.0, 16.0]
    assert facts(diary) == [Fact.BOX_STARTED]


def test_a_device_whose_way_to_the_stream_begins_with_it_starts_once_a_visit() -> None:
    starting = replace(device(), join=(Step.BOOT, Step.HOME))
    for purpose in (Purpose.WATCH, Purpose.BOOT):
        world, diary = come(arrival(starting, purpose=purpose), until=1.0)
        assert world.steps()[:3] == [Step.BOOT, Step.HOME, Step.MASTER]
        assert facts(diary) == [Fact.BOX_STARTED]


def test_a_device_may_register_each_time_where_it_belongs() -> None:
    registering = replace(device(), join=(Step.BOOT, Step.REGISTER, Step.HOME))
    world, diary = come(arrival(registering), until=1.0)
    assert world.steps()[:3] == [Step.BOOT, Step.REGISTER, Step.HOME]
    assert json.loads(world.sent[1].fetch.body)["platform"] == "a"
    assert facts(diary) == [Fact.BOX_STARTED]


def test_a_box_the_target_will_not_have_is_refused() -> None:
    world, diary = come(box(), answering(Step.BOOT, refusal("account_on_hold")))
    assert (world.steps(), diary.ends) == ([Step.BOOT], [(End.REFUSED, START)])
    assert facts(diary) == [Fact.BOX_FAILED]
