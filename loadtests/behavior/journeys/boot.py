"""A set-top box is switched on, and then watched."""

from functools import partial

from loadtests.behavior.journeys.watch import join, watch
from loadtests.behavior.session import Session
from loadtests.behavior.steps import Journey
from loadtests.vocabulary import Step


def boot(session: Session) -> Journey:
    """Watch as anybody does, each start of the app being one of the box: off and on again."""
    steps = session.arrival.device.join
    if Step.BOOT not in steps:
        steps = (Step.BOOT, *steps)
    return watch(session, partial(join, steps=steps))
