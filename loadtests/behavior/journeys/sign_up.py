"""A new account, and then watching."""

from functools import partial

from loadtests.behavior.journeys.watch import join, watch
from loadtests.behavior.session import Session
from loadtests.behavior.speech import has
from loadtests.behavior.steps import Journey
from loadtests.vocabulary import Step


def sign_up(session: Session) -> Journey:
    """Watch as anybody does, but sign up where others sign in."""
    steps = session.arrival.device.join
    if has(session, Step.SIGN_UP):
        if Step.SIGN_IN not in steps:
            steps = (Step.SIGN_IN, *steps)
        steps = tuple(Step.SIGN_UP if step is Step.SIGN_IN else step for step in steps)
    return watch(session, partial(join, steps=steps))
