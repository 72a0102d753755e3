"""A title kept offline: the license, 48 hours from the first viewing on, the one renewal."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from scripted import ALWAYS, Said, World, arrival, device
from visits import NEAR, START, answering, come, facts, in_turn, refusal

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.steps import Fetch
from loadtests.scenario.habits import Calls, Downloads
from loadtests.stack.model import Stack
from loadtests.stack.policies import DownloadRules
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact, Purpose, Step

SPEED = 3600.0  # an hour a second
LIFE = 48 * 3600 / SPEED
LIMIT = refusal("download_limit_reached")
ALL_RENEW = Downloads(first_play=43_200.0, unfinished=1.0, renew=1.0)
EXPIRED = Said(status=401, body=b'{"error": "expired"}')


def traveler(index: int = 7) -> Arrival:
    return arrival(index=index, purpose=Purpose.DOWNLOAD)


def said(world: World, step: Step) -> list[Mapping[str, object]]:
    return [json.loads(r.fetch.body) for r in world.sent if r.fetch.step is step]


def test_a_license_is_got_on_the_devices_way_to_it() -> None:
    steps = (Step.HOME, Step.SIGN_IN, Step.CATALOG, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE)
    viewer = replace(traveler(), device=replace(device(), join=steps))
    world, diary = come(viewer, until=1.0, downloads=Downloads(first_play=9e9))
    assert world.steps() == [Step.REFRESH, Step.CATALOG, Step.ENTITLEMENT, Step.DOWNLOAD]
    assert diary.ends == [(End.SERVED, START)]
    assert diary.facts == [(Fact.DOWNLOADED, START)]
    assert diary.left_at == []


def test_a_license_expires_forty_eight_hours_after_the_first_viewing() -> None:
    """Of the calendar: of hundreds of downloads, by when the first viewing was on average."""
    shifts = []
    for index in range(400):
        _, diary = come(
            traveler(index),
            answering(Step.RENEWAL, LIMIT),
            until=5_000.0,
            speed=SPEED,
            downloads=ALL_RENEW,
        )
        assert facts(diary)[:2] == [Fact.DOWNLOADED, Fact.EXPIRED]
        shifts.append(diary.facts[1][1] - START - LIFE)
    assert min(shifts) > 0
    assert sum(shifts) / 400 == NEAR(12.0, abs=4 * 12.0 / 400**0.5)


@pytest.mark.parametrize("life", [86_400.0, 172_800.0])
def test_the_clock_runs_from_the_viewing_for_as_long_as_the_stack_says(life: Seconds) -> None:
    stack = Stack(stations={}, downloads=DownloadRules(license_life=life))
    at_once = replace(ALL_RENEW, first_play=1e-6)
    _, diary = come(
        traveler(), answering(Step.RENEWAL, LIMIT), speed=SPEED, downloads=at_once, stack=stack
    )
    fact, at = diary.facts[1]
    assert fact is Fact.EXPIRED
    assert at - START == NEAR(life / SPEED)


def test_the_first_renewal_is_granted_with_a_warning_and_the_next_one_refused() -> None:
    world, diary = come(
        traveler(),
        in_turn(Step.RENEWAL, None, LIMIT),
        until=5_000.0,
        speed=SPEED,
        downloads=ALL_RENEW,
    )
    assert facts(diary) == [
        Fact.DOWNLOADED,
        Fact.EXPIRED,
        Fact.FIRST_RENEWAL_GRANTED,
        Fact.WARNED,
        Fact.EXPIRED,
        Fact.LATER_RENEWAL_REFUSED,
    ]
    assert len(world.results) == 1
    first, second = world.times(Step.RENEWAL)
    assert (first - START > LIFE, second - first > LIFE) == (True, True)
    assert diary.ends == [(End.SERVED, START)]


def test_a_renewal_names_its_title_and_the_license_it_replaces() -> None:
    world, _ = come(
        traveler(),
        in_turn(Step.RENEWAL, None, LIMIT),
        until=5_000.0,
        speed=SPEED,
        downloads=ALL_RENEW,
    )
    titles = {one["title"] for one in said(world, Step.DOWNLOAD) + said(world, Step.RENEWAL)}
    assert len(titles) == 1
    assert [one["license"] for one in said(world, Step.RENEWAL)] == ["l0", "l1"]


def test_a_first_renewal_that_is_refused_is_told_as_such_and_ends_it() -> None:
    world, diary = come(
        traveler(),
        answering(Step.RENEWAL, LIMIT),
        until=5_000.0,
        speed=SPEED,
        downloads=ALL_RENEW,
        calls=Calls(after_refusal=1.0, after=10.0),
    )
    assert len(world.times(Step.RENEWAL)) == 1
    assert facts(diary)[1:] == [
        Fact.EXPIRED,
        Fact.FIRST_RENEWAL_REFUSED,
        Fact.CALLED,
        Fact.CALL_ANSWERED,
    ]


def test_a_refusal_with_another_code_is_none_of_the_limit() -> None:
    other = answering(Step.RENEWAL, refusal("account_on_hold"))
    _, diary = come(traveler(), other, until=5_000.0, speed=SPEED, downloads=ALL_RENEW)
    assert facts(diary) == [Fact.DOWNLOADED, Fact.EXPIRED]


def test_a_renewal_that_fails_is_tried_again_as_the_same_one() -> None:
    down = Said(status=500)
    world, diary = come(
        traveler(),
        in_turn(Step.RENEWAL, down, down, None, LIMIT),
        until=5_000.0,
        speed=SPEED,
        downloads=ALL_RENEW,
    )
    times = world.times(Step.RENEWAL)[:3]
    assert [at - times[0] for at in times] == NEAR([0.0, 8.0, 16.0])
    assert facts(diary).count(Fact.FIRST_RENEWAL_GRANTED) == 1
    assert [one["license"] for one in said(world, Step.RENEWAL)] == ["l0", "l0", "l0", "l1"]


def test_a_token_that_expired_in_between_is_renewed_first() -> None:
    new = ALWAYS[Step.REFRESH][1].replace(b"one", b"two")

    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        if now == START:
            return None
        if fetch.step is Step.REFRESH:
            return Said(body=new)
        if fetch.step is not Step.RENEWAL:
            return None
        return LIMIT if b"two" in fetch.headers else EXPIRED

    world, diary = come(traveler(), twist, until=5_000.0, speed=SPEED, downloads=ALL_RENEW)
    assert world.steps()[-3:] == [Step.RENEWAL, Step.REFRESH, Step.RENEWAL]
    assert facts(diary)[-1] is Fact.FIRST_RENEWAL_REFUSED


@pytest.mark.parametrize("code", ["restricted_device", "not_downloadable"])
def test_a_device_or_a_title_that_is_restricted_turns_the_viewer_away(code: str) -> None:
    world, diary = come(traveler(), answering(Step.DOWNLOAD, refusal(code)), speed=SPEED)
    assert world.steps()[-1] is Step.DOWNLOAD
    assert (facts(diary), diary.ends) == ([], [(End.TURNED_AWAY, START)])


def test_finishing_and_renewing_have_the_shares_the_scenario_says() -> None:
    habits = Downloads(first_play=1.0, unfinished=0.4, renew=0.8)
    told: Counter[Fact] = Counter()
    for index in range(1_000):
        _, diary = come(
            traveler(index), answering(Step.RENEWAL, LIMIT), speed=SPEED, downloads=habits
        )
        told.update(facts(diary))
    # four standard deviations of a share of a thousand
    assert told[Fact.EXPIRED] / 1_000 == NEAR(0.4, abs=0.062)
    assert told[Fact.FIRST_RENEWAL_REFUSED] / 1_000 == NEAR(0.32, abs=0.059)


def test_popular_titles_are_taken_by_their_share() -> None:
    habits = Downloads(titles=3, popularity=1.0, first_play=9e9)
    taken: Counter[object] = Counter()
    for index in range(1_100):
        world, _ = come(traveler(index), until=0.5, downloads=habits)
        taken.update(one["title"] for one in said(world, Step.DOWNLOAD))
    for number, share in ((1, 6 / 11), (2, 3 / 11), (3, 2 / 11)):
        assert taken[f"title-{number:04d}"] / 1_100 == NEAR(share, abs=0.061)
