import json
from collections import Counter

import pytest
from raids import attack, raid, token_of

from loadtests.scenario.hostile import Pattern
from loadtests.vocabulary import Outcome, Step


@pytest.mark.parametrize("step", [Step.LICENSE, Step.DOWNLOAD])
def test_few_accounts_ask_for_many_licenses_and_for_nothing_else(step: Step) -> None:
    sent = raid(attack(Pattern.LICENSE_FARMING, step=step))
    assert Counter((reply.fetch.step, reply.outcome) for reply in sent) == {(step, Outcome.OK): 120}
    assert len({token_of(reply.fetch) for reply in sent}) == 5


def test_downloads_are_of_many_titles() -> None:
    sent = raid(attack(Pattern.LICENSE_FARMING, step=Step.DOWNLOAD))
    assert len({json.loads(reply.fetch.body)["title"] for reply in sent}) > 100
