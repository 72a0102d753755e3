"""Every purpose played through against the stack's own arithmetic: viewers and facts add up."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from loadtests.collect.qoe import arrived, ended, still_starting
from loadtests.collect.requests import ended as requests_ended
from loadtests.collect.requests import sent
from loadtests.collect.window import Window
from loadtests.paper.simulate import simulate
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.habits import AccountPages, Calls, Downloads, Refusals
from loadtests.scenario.model import Scenario, Span
from loadtests.stack.model import Stack, Station
from loadtests.stack.policies import (
    DownloadRules,
    HouseholdRule,
    Message,
    Migration,
    SupportDesk,
)
from loadtests.vocabulary import End, Fact, Player, Purpose, Step, Trait

SPEED = 60.0
CROWD = 300
SLOW = Station(servers=1, service_time=1.0, queue=2)
CALLS = Calls(after_failure=0.5, after_refusal=0.5, after=3.0, patience=20.0, redial=0.5)


def evening(match: Scenario, purpose: Purpose, stack: Stack, **more: Any) -> Scenario:  # noqa: ANN401 - any field
    """CROWD viewers of one purpose in the first ten minutes of an hour."""
    return replace(
        match,
        audience=replace(match.audience, published=CROWD),
        scale=1.0,
        speed=SPEED,
        window=Span(start=0.0, stop=3600.0),
        arrivals=(Surge(shape=Shape.STEADY, start=0.0, stop=600.0, share=1.0, purpose=purpose),),
        stack=stack,
        stack_sized_for=None,
        **more,
    )


def on_a_device(match: Scenario, **what: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any field
    """The scenario's one device, changed."""
    changed = {name: replace(device, **what) for name, device in match.devices.items()}
    return MappingProxyType(changed)


def stack(stations: Mapping[Step, Station] | None = None, **more: Any) -> Stack:  # noqa: ANN401 - any field
    return Stack(stations=MappingProxyType(dict(stations or {})), **more)


def adds_up(total: Window) -> None:
    ends = Counter({end: ended(total, end) for end in End})
    assert arrived(total) == CROWD == ends.total() + still_starting(total)
    assert sum(w for w in total.sent.values()) == requests_ended(total) + total.in_flight
    facts = total.facts
    told = (Fact.CALL_BLOCKED, Fact.CALL_ABANDONED, Fact.CALL_INFORMED, Fact.CALL_ANSWERED)
    on_the_line = facts[Fact.CALLED] - sum(facts[fact] for fact in told)
    assert 0 <= on_the_line <= total.in_flight
    assert facts[Fact.CALLED] == total.sent[Step.SUPPORT, False]


@pytest.mark.parametrize("purpose", list(Purpose))
def test_on_a_stack_without_a_fault_everybody_gets_what_they_came_for(
    match: Scenario, purpose: Purpose
) -> None:
    total = simulate(evening(match, purpose, stack(), calls=CALLS)).total
    adds_up(total)
    good = End.IN_TIME if purpose in {Purpose.WATCH, Purpose.BOOT, Purpose.SIGN_UP} else End.SERVED
    assert ended(total, good) == CROWD - still_starting(total)
    assert still_starting(total) <= 2
    assert all(tally.count == 0 for (_, o, _), tally in total.ended.items() if o.is_failure)


@pytest.mark.parametrize(
    ("purpose", "step"),
    [
        (Purpose.WATCH, Step.ENTITLEMENT),
        (Purpose.BOOT, Step.BOOT),
        (Purpose.DOWNLOAD, Step.DOWNLOAD),
        (Purpose.ACCOUNT, Step.ACCOUNT),
        (Purpose.SIGN_UP, Step.SIGN_UP),
        (Purpose.WEBSITE, Step.WEBSITE),
    ],
)
def test_under_overload_viewers_and_calls_add_up(
    match: Scenario, purpose: Purpose, step: Step
) -> None:
    desk = SupportDesk(agents=3, lines=8, handle_time=5.0)
    total = simulate(evening(match, purpose, stack({step: SLOW}, support=desk), calls=CALLS)).total
    adds_up(total)
    bad = (
        End.NEVER_STARTED
        if purpose in {Purpose.WATCH, Purpose.BOOT, Purpose.SIGN_UP}
        else (End.UNSERVED)
    )
    assert ended(total, bad) > CROWD / 4
    assert total.facts[Fact.CALL_BLOCKED] > 0
    assert total.facts[Fact.REDIALED] > 0


def test_inside_the_household_nothing_changes_and_outside_it_people_do_as_they_do(
    match: Scenario,
) -> None:
    outside = on_a_device(match, traits={Trait.OUTSIDE: 0.5})
    habits = Refusals(verify=0.4, code_after=2.0, sign_up=0.3)
    rule = HouseholdRule(start=-60.0)
    total = simulate(
        evening(match, Purpose.WATCH, stack(household=rule), devices=outside, refusals=habits)
    ).total
    adds_up(total)
    refused = ended(total, End.REFUSED)
    verified, signed_up = total.facts[Fact.VERIFIED], total.facts[Fact.SIGNED_UP]
    met = total.policies[Step.ENTITLEMENT, "not_in_household"]
    assert met == refused + verified + signed_up
    assert met / CROWD == pytest.approx(0.5, abs=0.12)
    assert verified / met == pytest.approx(0.4, abs=0.17)
    assert signed_up / met == pytest.approx(0.3, abs=0.17)
    assert ended(total, End.IN_TIME) == CROWD - refused - still_starting(total)


def test_each_renewal_after_the_first_is_refused_and_no_first_one_is(match: Scenario) -> None:
    rules = DownloadRules(license_life=600.0)
    habits = Downloads(titles=5, first_play=60.0, unfinished=1.0, renew=1.0)
    total = simulate(
        evening(
            match,
            Purpose.DOWNLOAD,
            # one renewal a second: hundreds wait, fail and try again
            stack({Step.RENEWAL: SLOW}, downloads=rules),
            downloads=habits,
        )
    ).total
    adds_up(total)
    facts = total.facts
    assert facts[Fact.DOWNLOADED] == ended(total, End.SERVED)
    assert facts[Fact.FIRST_RENEWAL_GRANTED] > 10
    assert facts[Fact.LATER_RENEWAL_REFUSED] > 10
    assert (facts[Fact.FIRST_RENEWAL_REFUSED], facts[Fact.LATER_RENEWAL_GRANTED]) == (0, 0)
    assert facts[Fact.WARNED] == facts[Fact.FIRST_RENEWAL_GRANTED]
    assert total.policies == {
        (Step.RENEWAL, "download_limit_reached"): facts[Fact.LATER_RENEWAL_REFUSED]
    }


def test_unplugged_boxes_are_moved_and_the_others_are_not(match: Scenario) -> None:
    boxes = on_a_device(match, player=Player.SET_TOP_BOX, traits={Trait.UNPLUGGED: 0.3})
    total = simulate(
        evening(match, Purpose.BOOT, stack(migration=Migration(start=-60.0)), devices=boxes)
    ).total
    adds_up(total)
    assert total.facts[Fact.MIGRATED] / CROWD == pytest.approx(0.3, abs=0.11)
    assert total.facts[Fact.BOX_STARTED] >= CROWD - 2
    assert total.facts[Fact.BOX_FAILED] == 0


def test_a_full_desk_blocks_informs_and_loses_callers(match: Scenario) -> None:
    desk = SupportDesk(
        agents=5, lines=20, handle_time=10.0, message=Message(satisfies=0.3, length=2.0)
    )
    calls = Calls(patience=5.0, redial=0.5, redial_after=3.0)
    total = simulate(evening(match, Purpose.SUPPORT, stack(support=desk), calls=calls)).total
    adds_up(total)
    for fact in (Fact.CALL_BLOCKED, Fact.CALL_ABANDONED, Fact.CALL_INFORMED, Fact.CALL_ANSWERED):
        assert total.facts[fact] > 0, fact
    served = total.facts[Fact.CALL_INFORMED] + total.facts[Fact.CALL_ANSWERED]
    assert ended(total, End.SERVED) == served
    assert total.facts[Fact.CALLED] == CROWD + total.facts[Fact.REDIALED]


def test_some_cancel_on_their_account_pages(match: Scenario) -> None:
    pages = AccountPages(pages=2, reading=1.0, cancel=0.5)
    total = simulate(evening(match, Purpose.ACCOUNT, stack(), account_pages=pages)).total
    adds_up(total)
    assert total.facts[Fact.CANCELED] / CROWD == pytest.approx(0.5, abs=0.12)
    assert sent(total) >= CROWD * 3
