import pytest
from raids import attack, number_of, raid, token_of

from loadtests.scenario.hostile import AIMS, Pattern
from loadtests.vocabulary import Outcome, Step

WITHOUT_TOKEN = {Step.HOME, Step.WEBSITE, Step.SIGN_IN, Step.REFRESH}


@pytest.mark.parametrize("step", AIMS[Pattern.FLOOD])
def test_each_action_is_one_good_request_of_its_step(step: Step) -> None:
    sent = raid(attack(Pattern.FLOOD, step=step))
    others = [reply for reply in sent if reply.fetch.step is not step]
    assert len(sent) - len(others) == 120
    assert {reply.outcome for reply in sent} == {Outcome.OK}
    # where the stream is, one finds out for all
    assert [reply.fetch.step for reply in others] == [Step.SESSION] * (step is Step.MASTER)


@pytest.mark.parametrize("step", AIMS[Pattern.FLOOD])
def test_every_address_has_an_account_of_its_own_where_one_is_needed(step: Step) -> None:
    sent = raid(attack(Pattern.FLOOD, step=step, sources=3))
    who = {number_of(r.fetch): token_of(r.fetch) for r in sent if r.fetch.step is step}
    assert len(who) == 3
    if step in WITHOUT_TOKEN | {Step.MASTER}:
        return
    assert len({token for token in who.values() if token}) == 3
