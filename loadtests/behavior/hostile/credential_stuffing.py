"""Names and passwords leaked elsewhere, tried one after the other (OWASP OAT-008)."""

from loadtests.audience.hostile import Action
from loadtests.behavior.credentials import ACCOUNT, INVENTED, PASSWORD
from loadtests.behavior.hostile.campaign import Campaign
from loadtests.behavior.speech import perform
from loadtests.behavior.steps import Journey
from loadtests.chance import Chance
from loadtests.vocabulary import Step

LEAKED = 1_000_000
"""Accounts the list has names of; viewers of the evening are among them. [A]"""


def credential_stuffing(action: Action, campaign: Campaign) -> Journey:
    """One attempt: hardly ever the right password, often a name nobody has. Nothing follows it."""
    session, chance = campaign.session(action), Chance(action.seed)
    rank, number = chance.uniform(), int(chance.uniform() * LEAKED)
    held, attack = INVENTED.of(number), action.attack
    said = {ACCOUNT: held[ACCOUNT], PASSWORD: f"leaked-{number}"}
    if rank < attack.unknown_users:
        said[ACCOUNT] = f"somebody-{number}@mail.example"
    elif rank >= 1 - attack.hits:
        said[PASSWORD] = held[PASSWORD]
    yield from perform(session, Step.SIGN_IN, session.born, said, once=True)
