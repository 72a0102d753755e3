"""One request over and over, each of them good: only their number does harm (CAPEC-488)."""

from loadtests.audience.hostile import Action
from loadtests.behavior.hostile.campaign import Campaign
from loadtests.behavior.speech import perform
from loadtests.behavior.steps import Journey
from loadtests.vocabulary import Step

_NEED_NO_TOKEN = frozenset({Step.HOME, Step.WEBSITE, Step.SIGN_IN, Step.REFRESH})


def flood(action: Action, campaign: Campaign) -> Journey:
    """One such request, with an account of the flooder's own where one is needed."""
    step = action.attack.aim
    assert step is not None  # noqa: S101 - no flood without one
    session = campaign.session(action)
    now = session.born
    if step not in _NEED_NO_TOKEN:
        now = yield from campaign.equip(session, now)
    if step is Step.MASTER:
        url, now = yield from campaign.master(session, now)
        yield campaign.fetch(session, step, url)
    else:
        yield from perform(session, step, now, once=True)
