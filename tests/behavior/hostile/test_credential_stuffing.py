import json
from collections import Counter

import pytest
from raids import attack, number_of, raid

from loadtests.scenario.hostile import Pattern
from loadtests.vocabulary import Outcome, Step

STUFFING = attack(Pattern.CREDENTIAL_STUFFING, rate=20.0, sources=300, unknown_users=0.3, hits=0.05)


def test_every_action_is_one_attempt_to_sign_in_and_nothing_follows() -> None:
    sent = raid(STUFFING)
    assert len(sent) == 1200
    assert {reply.fetch.step for reply in sent} == {Step.SIGN_IN}
    assert {reply.fetch.attempt for reply in sent} == {1}


def test_as_many_are_of_nobody_and_hit_as_is_written() -> None:
    said = Counter(json.loads(reply.body).get("error", "") for reply in raid(STUFFING))
    assert said["unknown_user"] / 1200 == pytest.approx(0.3, abs=0.04)
    assert said[""] / 1200 == pytest.approx(0.05, abs=0.02)
    assert said["bad_credentials"] == 1200 - said["unknown_user"] - said[""]


def test_hardly_any_name_is_tried_twice_and_each_address_tries_as_often() -> None:
    sent = raid(STUFFING)
    names = Counter(json.loads(reply.fetch.body)["account"] for reply in sent)
    assert len(names) > 0.99 * len(sent)
    assert set(Counter(number_of(reply.fetch) for reply in sent).values()) == {4}


def test_where_failures_are_answered_with_200_the_body_alone_says_so() -> None:
    sent = raid(STUFFING, denies_with_200=True)
    assert {reply.status for reply in sent} == {200}
    outcomes = Counter(reply.outcome for reply in sent)
    assert outcomes.keys() == {Outcome.OK, Outcome.GARBAGE}
    assert outcomes[Outcome.OK] < 0.1 * len(sent)
