"""Keys by the thousand and never a picture: what they open is played, or sold, elsewhere."""

from loadtests.audience.hostile import Action
from loadtests.behavior.hostile.campaign import Campaign
from loadtests.behavior.speech import perform
from loadtests.behavior.steps import Journey
from loadtests.chance import Chance

_TITLES = 1000


def license_farming(action: Action, campaign: Campaign) -> Journey:
    """One license, with the account of one of the farm's own devices."""
    session, step = campaign.session(action), action.attack.aim
    assert step is not None  # noqa: S101 - it has an usual one
    now = yield from campaign.equip(session, session.born)
    title = f"title-{int(Chance(action.seed).uniform() * _TITLES) + 1:04d}"
    yield from perform(session, step, now, {"title": title}, once=True)
