from collections import Counter, defaultdict

from raids import START, attack, of, raid, token_of

from loadtests.scenario.hostile import Pattern
from loadtests.vocabulary import Outcome, Step

REPLAY = attack(Pattern.TOKEN_REPLAY, rate=1.0, lasts=30.0, sources=15, accounts=2, holds=10.0)


def test_a_few_tokens_fetch_the_stream_in_many_hands_and_nobody_asks_for_a_license() -> None:
    sent = raid(REPLAY, until=120.0)
    assert {reply.outcome for reply in sent} == {Outcome.OK}
    tokens = {token_of(reply.fetch) for reply in of(sent, Step.SEGMENT)}
    assert len(tokens) == 2
    assert len(of(sent, Step.MASTER)) == 30
    counts = Counter(reply.fetch.step for reply in sent)
    assert counts.keys() == {Step.SESSION, Step.MASTER, Step.PLAYLIST, Step.INIT, Step.SEGMENT}
    assert counts[Step.SESSION] == 1


def test_a_stay_lasts_as_long_as_it_is_held() -> None:
    sent = raid(REPLAY, until=120.0)
    stops = max(reply.due for reply in sent) - START
    assert 30.0 < stops <= 40.0
    by_token = defaultdict(list)
    for reply in of(sent, Step.SEGMENT):
        by_token[token_of(reply.fetch)].append(reply.due)
    assert all(len(times) > 30 for times in by_token.values())
