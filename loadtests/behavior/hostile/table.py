"""All patterns of hostile traffic, and whoever plays a scenario's."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from loadtests.audience.hostile import Action
from loadtests.behavior.credentials import INVENTED
from loadtests.behavior.hostile.cache_busting import cache_busting
from loadtests.behavior.hostile.campaign import Campaign
from loadtests.behavior.hostile.credential_stuffing import credential_stuffing
from loadtests.behavior.hostile.flood import flood
from loadtests.behavior.hostile.imitation import imitation
from loadtests.behavior.hostile.license_farming import license_farming
from loadtests.behavior.hostile.scanner import scanner
from loadtests.behavior.hostile.slow import slow_read, slow_request
from loadtests.behavior.hostile.token_replay import token_replay
from loadtests.behavior.steps import Journey
from loadtests.behavior.target import Target
from loadtests.scenario.hostile import Pattern
from loadtests.scenario.model import Scenario
from loadtests.units import Seconds

PATTERNS: Mapping[Pattern, Callable[[Action, Campaign], Journey]] = {
    Pattern.CREDENTIAL_STUFFING: credential_stuffing,
    Pattern.FLOOD: flood,
    Pattern.CACHE_BUSTING: cache_busting,
    Pattern.SLOW_REQUEST: slow_request,
    Pattern.SLOW_READ: slow_read,
    Pattern.TOKEN_REPLAY: token_replay,
    Pattern.LICENSE_FARMING: license_farming,
    Pattern.SCANNER: scanner,
    Pattern.IMITATION: imitation,
}
"""What each pattern's clients do."""


class Hostile:
    """The hostile clients of one worker: gives each action of `audience.hostile` its journey."""

    def __init__(self, scenario: Scenario, target: Target, start: Seconds) -> None:
        """`start` is the epoch second actions count from."""
        target = replace(target, credentials=INVENTED)
        self._campaigns = [Campaign(scenario, target, start) for _ in scenario.hostile]

    def journey(self, action: Action) -> Journey:
        """What it does, from `action.at` on; it tells no observer."""
        return PATTERNS[action.attack.pattern](action, self._campaigns[action.campaign])
