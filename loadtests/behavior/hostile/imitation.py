"""Hostile clients that do all a viewer does, at a viewer's pace: nobody can tell them apart."""

from loadtests.audience.hostile import Action
from loadtests.behavior.hostile.campaign import UNHEARD, Campaign
from loadtests.behavior.steps import Journey
from loadtests.behavior.viewer import visit


def imitation(action: Action, campaign: Campaign) -> Journey:
    """A whole visit, with an account of its own."""
    session = campaign.session(action)
    return visit(session.arrival, campaign.scenario, campaign.target, campaign.start, UNHEARD)
