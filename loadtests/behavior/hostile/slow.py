"""Requests that never quite end, and answers hardly read: what they use up is connections."""

from loadtests.audience.hostile import Action
from loadtests.behavior.hostile.campaign import Campaign, lasting
from loadtests.behavior.speech import write
from loadtests.behavior.steps import Journey, Slow
from loadtests.chance import Chance
from loadtests.units import BytesPerSecond
from loadtests.vocabulary import Step

DRIBBLE: BytesPerSecond = 0.1
"""A byte every ten seconds: inside the time-outs between two reads that servers ship with. [A]"""

SIP: BytesPerSecond = 10.0
"""[A]"""


def slow_request(action: Action, campaign: Campaign) -> Journey:
    """A body that dribbles (R-U-Dead-Yet), or headers where there is no body (Slowloris)."""
    session, step = campaign.session(action), action.attack.aim
    assert step is not None  # noqa: S101 - it has an usual one
    fetch = write(session, step, session.born)
    if fetch is None:
        return
    fetch.timeouts = lasting(action.attack.holds)
    fetch.slow = Slow(writes=DRIBBLE)
    yield fetch


def slow_read(action: Action, campaign: Campaign) -> Journey:
    """A segment through a window that is hardly ever opened (CAPEC-469)."""
    session = campaign.session(action)
    urls, _ = yield from campaign.listed(session, session.born)
    if not urls:
        return
    url = urls[int(Chance(action.seed).uniform() * len(urls))]
    fetch = campaign.fetch(session, Step.SEGMENT, url)
    fetch.timeouts = lasting(action.attack.holds)
    fetch.slow = Slow(reads=SIP)
    yield fetch
