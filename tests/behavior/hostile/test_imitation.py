from raids import attack, of, raid

from loadtests.scenario.hostile import Pattern
from loadtests.vocabulary import Outcome, Step


def test_each_goes_the_whole_way_of_a_viewer() -> None:
    sent = raid(attack(Pattern.IMITATION, rate=0.5, lasts=20.0), until=40.0)
    assert {reply.outcome for reply in sent} == {Outcome.OK}
    for step in (Step.HOME, Step.REFRESH, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE):
        assert len(of(sent, step)) == 10
    assert len(of(sent, Step.SEGMENT)) > 50
