from dataclasses import replace

from raids import TARGET, attack, of, raid, token_of, traits_of
from scripted import device

from loadtests.behavior.language import Language
from loadtests.behavior.target import Target
from loadtests.scenario.hostile import Pattern
from loadtests.scenario.targets import default, shipped
from loadtests.vocabulary import Outcome, Step, Trait


def strange() -> Target:
    """A target that speaks as the testbed does, but is not known to."""
    profile, files = shipped(default(TARGET.url))
    own = replace(profile, title="somebody's own")
    return replace(TARGET, language=Language(own, TARGET.url, files=files))


def test_a_token_that_is_not_there_beforehand_is_got_once_for_each_account() -> None:
    sent = raid(attack(Pattern.FLOOD, step=Step.ENTITLEMENT), target=strange())
    signed_in = of(sent, Step.SIGN_IN) + of(sent, Step.REFRESH)
    assert len(signed_in) == 5
    asked = of(sent, Step.ENTITLEMENT)
    assert len(asked) == 120
    assert {reply.outcome for reply in asked} == {Outcome.OK}
    assert len({token_of(reply.fetch) for reply in asked}) == 5


def test_a_bare_stream_can_be_busted_and_has_no_steps_to_flood() -> None:
    bare = Target.parse("http://t.invalid/live/master.m3u8")
    busted = raid(attack(Pattern.CACHE_BUSTING), target=bare)
    assert len([r for r in of(busted, Step.SEGMENT) if "?" in r.fetch.url]) == 120
    assert raid(attack(Pattern.FLOOD, step=Step.HOME), target=bare) == []
    assert raid(attack(Pattern.SLOW_REQUEST), target=bare) == []


def test_of_a_stream_that_is_down_everybody_gives_up() -> None:
    bare = Target.parse("http://t.invalid/live/nothing.m3u8")
    sent = raid(attack(Pattern.CACHE_BUSTING), attack(Pattern.SLOW_READ), target=bare)
    assert {reply.fetch.step for reply in sent} == {Step.MASTER}
    assert {reply.outcome for reply in sent} == {Outcome.NOT_FOUND}


def test_clients_are_like_the_crowd_but_behind_no_gateway() -> None:
    tv = replace(device(), traits={Trait.GATEWAY: 1.0, Trait.ROOTED: 1.0})
    sent = raid(attack(Pattern.FLOOD, step=Step.HOME), devices={"tv": tv})
    assert {traits_of(reply.fetch) for reply in sent} == {frozenset({Trait.ROOTED})}
