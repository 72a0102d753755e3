"""Hostile traffic as a scenario writes it: ground truth, which no diagnosis sees.

Against addresses of this machine only, whatever a consent says; and never more than the numbers
here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from loadtests.binding import Misfit, about
from loadtests.stack.model import WATCHING_STEPS
from loadtests.units import Count, Lasting, Offset, PerSecond, Range, Seconds, Share
from loadtests.vocabulary import Step

if TYPE_CHECKING:  # a scenario has attacks
    from loadtests.scenario.model import Scenario

MOST_REQUESTS: PerSecond = 2000.0
"""A second, of all patterns of a run together."""
MOST_CONNECTIONS = 2000
"""Held open at once."""
LONGEST: Seconds = 1800.0
"""Of run time."""
MOST_SOURCES = 600_000
"""Addresses, of all attacks together."""


class Pattern(StrEnum):
    """What hostile traffic can be rehearsed; each is a module of `behavior/hostile`."""

    CREDENTIAL_STUFFING = "credential_stuffing"
    FLOOD = "flood"  # of one step: sign_in, home ...
    CACHE_BUSTING = "cache_busting"
    SLOW_REQUEST = "slow_request"
    SLOW_READ = "slow_read"
    TOKEN_REPLAY = "token_replay"  # noqa: S105 - no password, the name of a pattern
    LICENSE_FARMING = "license_farming"
    SCANNER = "scanner"
    IMITATION = "imitation"  # walks the whole funnel at human pace: the hard negative


HOLDING = frozenset({Pattern.SLOW_REQUEST, Pattern.SLOW_READ, Pattern.TOKEN_REPLAY})
"""Patterns whose actions last: each holds a connection."""

AIMS: Mapping[Pattern, tuple[Step, ...]] = {
    Pattern.CREDENTIAL_STUFFING: (Step.SIGN_IN,),
    Pattern.FLOOD: (
        Step.HOME,
        Step.WEBSITE,
        Step.SIGN_IN,
        Step.REFRESH,
        Step.CATALOG,
        Step.ENTITLEMENT,
        Step.SESSION,
        Step.MASTER,
    ),
    Pattern.CACHE_BUSTING: (Step.SEGMENT, Step.PLAYLIST),
    Pattern.SLOW_REQUEST: (Step.SIGN_IN, Step.HOME),
    Pattern.SLOW_READ: (Step.SEGMENT,),
    Pattern.TOKEN_REPLAY: (Step.SEGMENT,),
    Pattern.LICENSE_FARMING: (Step.LICENSE, Step.DOWNLOAD),
    Pattern.SCANNER: (),
    Pattern.IMITATION: (),
}
"""Steps each pattern can be aimed at, its usual one first; none: it has none of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One pattern at work. `rate` is of the scale and speed the stack is sized for."""

    pattern: Pattern = field(metadata=about("which"))
    start: Offset = field(metadata=about("first moment", clock="event", name="from"))
    lasts: Lasting = field(metadata=about("how long", clock="event"))
    rate: Annotated[PerSecond, Range(above=0)] = field(
        metadata=about("actions begun a second: attempts, requests, connections, stays")
    )
    sources: Count = field(default=1, metadata=about("addresses it comes from"))
    step: Step | None = field(
        default=None,
        metadata=about("what it is aimed at; `flood` needs it, absent: the pattern's usual step"),
    )
    unknown_users: Share = field(
        default=0.0,
        metadata=about("share of attempts with names nobody has; of `credential_stuffing`"),
    )
    hits: Share = field(
        default=0.0,
        metadata=about("share of attempts with the right password; of `credential_stuffing`"),
    )
    accounts: Count = field(
        default=1, metadata=about("accounts whose tokens are passed on; of `token_replay`")
    )
    holds: Lasting = field(
        default=90.0,
        metadata=about(
            "how long a slow connection is held, or a stay on a token lasts", clock="client"
        ),
    )

    def __post_init__(self) -> None:
        if self.pattern is Pattern.FLOOD and self.step is None:
            raise Misfit("`flood` needs one; write what is flooded, such as sign_in", "step")
        aims = AIMS[self.pattern]
        if self.step is not None and self.step not in aims:
            what = f"write one of {', '.join(aims)}" if aims else "leave it out"
            raise Misfit(f"`{self.pattern}` is not aimed at `{self.step}`; {what}", "step")
        if self.unknown_users + self.hits > 1:
            raise Misfit("with `unknown_users` more than all attempts; write less", "hits")

    @property
    def stop(self) -> Offset:
        """The first moment after."""
        return self.start + self.lasts

    @property
    def aim(self) -> Step | None:
        """The step it is aimed at; None for those that have none."""
        return self.step or next(iter(AIMS[self.pattern]), None)

    def rate_in(self, scenario: "Scenario") -> PerSecond:
        """Actions begun a second of a rehearsal: scaled as the station it is aimed at is."""
        sizing = scenario.stack_sized_for
        if sizing is None:
            return self.rate
        rate = self.rate * scenario.scale / sizing.scale
        return rate if self.aim in WATCHING_STEPS else rate * scenario.speed / sizing.speed

    def span_in(self, scenario: "Scenario") -> tuple[Seconds, Seconds]:
        """From when to when it is at work, in seconds of the run; the window cuts it."""
        window = scenario.window
        start = min(max(self.start, window.start), window.stop)
        stop = max(start, min(self.stop, window.stop))
        return scenario.run_time(start), scenario.run_time(stop)
