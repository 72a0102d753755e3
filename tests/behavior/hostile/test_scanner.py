from raids import TARGET, attack, raid

from loadtests.behavior.hostile.scanner import PATHS
from loadtests.scenario.hostile import Pattern
from loadtests.vocabulary import Outcome


def test_every_path_is_asked_for_in_turn_and_none_is_there() -> None:
    sent = raid(attack(Pattern.SCANNER))
    assert {reply.fetch.url for reply in sent} == {TARGET.url + path for path in PATHS}
    assert {reply.outcome for reply in sent} == {Outcome.NOT_FOUND}
    assert len(sent) == 120
