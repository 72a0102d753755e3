"""URLs no cache has seen, so that every request is the origin's to answer."""

from loadtests.audience.hostile import Action
from loadtests.behavior.hostile.campaign import Campaign
from loadtests.behavior.steps import Journey
from loadtests.chance import Chance
from loadtests.vocabulary import Step


def cache_busting(action: Action, campaign: Campaign) -> Journey:
    """One of the stream's URLs, with a query that stands for nothing."""
    session, chance = campaign.session(action), Chance(action.seed)
    urls, _ = yield from campaign.listed(session, session.born)
    if not urls:
        return
    step = action.attack.aim
    assert step is not None  # noqa: S101 - it has an usual one
    url: str = urls[int(chance.uniform() * len(urls))]
    if step is Step.PLAYLIST:
        url = f"{url.rpartition('/')[0]}/playlist.m3u8"
    joint = "&" if "?" in url else "?"
    yield campaign.fetch(session, step, f"{url}{joint}x={int(chance.uniform() * 2**53):x}")
