from raids import attack, of, raid

from loadtests.behavior.hostile.slow import DRIBBLE, SIP
from loadtests.scenario.hostile import Pattern
from loadtests.vocabulary import Step


def test_a_slow_request_is_good_but_dribbles_for_as_long_as_it_is_held() -> None:
    sent = raid(attack(Pattern.SLOW_REQUEST, holds=45.0))
    assert len(sent) == 120
    for reply in sent:
        slow = reply.fetch.slow
        assert slow is not None
        assert slow.writes == DRIBBLE
        assert slow.reads is None
        assert reply.fetch.timeouts.whole == 45.0
        assert len(reply.fetch.body) / DRIBBLE > 45.0
        assert reply.fetch.step is Step.SIGN_IN


def test_without_a_body_it_is_the_headers_that_dribble() -> None:
    fetch = raid(attack(Pattern.SLOW_REQUEST, step=Step.HOME))[0].fetch
    assert (fetch.step, fetch.method, fetch.body) == (Step.HOME, "GET", b"")
    assert fetch.headers


def test_a_slow_read_asks_for_a_segment_and_sips_it() -> None:
    sent = raid(attack(Pattern.SLOW_READ, holds=45.0))
    slow = [reply.fetch for reply in of(sent, Step.SEGMENT) if reply.fetch.slow is not None]
    assert len(slow) == 120
    assert {fetch.slow.reads for fetch in slow if fetch.slow} == {SIP}
    assert {fetch.timeouts.whole for fetch in slow} == {45.0}
