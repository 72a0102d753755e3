"""One account's token in many hands: somebody else's subscription, sold on or streamed again."""

from loadtests.audience.hostile import Action
from loadtests.behavior.hostile.campaign import Campaign
from loadtests.behavior.journeys.patience import leave
from loadtests.behavior.media import play, tune_in
from loadtests.behavior.session import Stop
from loadtests.behavior.steps import Journey, Race


def token_replay(action: Action, campaign: Campaign) -> Journey:
    """One stay on a token that others hold as well; keys and rights are got elsewhere."""
    shared = action.source - action.client + action.number % action.attack.accounts
    session = campaign.session(action, shared)
    now = yield from campaign.equip(session, session.born)
    url, _ = yield from campaign.master(session, now)
    stop, now, tracks = yield from tune_in(session, url)
    if stop is Stop.STARTED:
        leaving = leave(session.born + action.attack.holds)
        yield Race(*(play(track, now) for track in tracks), leaving)
