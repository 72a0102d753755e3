from raids import attack, of, raid

from loadtests.scenario.hostile import Pattern
from loadtests.url import split
from loadtests.vocabulary import Outcome, Step


def test_no_url_is_asked_for_twice_and_each_is_a_segment_there_is() -> None:
    sent = raid(attack(Pattern.CACHE_BUSTING, rate=5.0))
    busting = [reply for reply in of(sent, Step.SEGMENT) if "?" in reply.fetch.url]
    assert len(busting) == 300
    assert len({reply.fetch.url for reply in busting}) == 300
    assert {reply.outcome for reply in busting} == {Outcome.OK}
    paths = {split(reply.fetch.url).target.partition("?")[0] for reply in busting}
    assert len(paths) < 100


def test_the_playlist_is_looked_up_now_and_then_by_one_for_all() -> None:
    sent = raid(attack(Pattern.CACHE_BUSTING, rate=5.0))
    assert 7 <= len(of(sent, Step.MASTER)) <= 8
    assert len(of(sent, Step.SESSION)) == 1


def test_playlists_can_be_busted_too() -> None:
    sent = raid(attack(Pattern.CACHE_BUSTING, step=Step.PLAYLIST))
    busting = [reply for reply in of(sent, Step.PLAYLIST) if "?" in reply.fetch.url]
    assert len(busting) == 120
    assert {reply.outcome for reply in busting} == {Outcome.OK}
