"""Whose approval a run against somebody's stack has: what it may touch, when, and how hard.

A target on loopback needs none. Any other is touched only under a consent whose digest it serves
itself; `swarm` asks and enforces. Here it is only read.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from loadtests.binding import Misfit, Rules, about, bind
from loadtests.binding.scalars import quoted
from loadtests.scenario.read import load
from loadtests.units import (
    Bytes,
    BytesPerSecond,
    Count,
    Lasting,
    Moment,
    PerSecond,
    Whole,
    write_moment,
)
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One host a run may touch, and the approval of whoever runs it."""

    name: str = field(metadata=about("host name or address, without scheme, port or wildcard"))
    approval: str = field(metadata=about("reference of its approval, such as a ticket or contract"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The time a run may take place."""

    start: Moment = field(metadata=about("not before", name="from"))
    stop: Moment = field(metadata=about("not after", name="to"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """What no moment of it may exceed, all runs against the target together."""

    viewers: Count = field(metadata=about("viewers at once"))
    joins: PerSecond = field(metadata=about("viewers who arrive per second"))
    bit_rate: BytesPerSecond = field(metadata=about("answers, all together"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What all of it may amount to."""

    bytes: Bytes = field(metadata=about("of answers"))
    requests: Whole = field(metadata=about("requests sent"))
    licenses: Whole = field(metadata=about("license requests: somebody pays for each"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """An approval as its file says it."""

    owner: str = field(metadata=about("who answers for the run, and how to reach them now"))
    hosts: tuple[Host, ...] = field(metadata=about("every host a run may touch: API, CDN, DRM ..."))
    window: Hours = field(metadata=about("when, ISO 8601 with the offset from UTC"))
    ceilings: Ceilings = field(metadata=about("never more than this"))
    totals: Totals = field(metadata=about("in all no more than this"))
    side_effects: Mapping[Step, Whole] = field(
        default_factory=dict,
        metadata=about(
            "steps that create, cancel, text or call, each with how often a run may ask for it, "
            "such as `sign_up: 20`; those not listed are not done"
        ),
    )
    grace: Lasting = field(
        default=60.0,
        metadata=about("how long the target may be too busy to repeat its agreement"),
    )

    def forbidden(self, side_effects: frozenset[Step]) -> frozenset[Step]:
        """Those of a target's steps with side effects that may not be done even once."""
        return frozenset(step for step in side_effects if not self.side_effects.get(step))

    def covers(self, host: str) -> bool:
        """Whether a host, as a URL spells it, is one of those approved."""
        return host.lower().rstrip(".") in {each.name.lower().rstrip(".") for each in self.hosts}

    def allows(self, moment: float) -> bool:
        """Whether a run may take place at `moment`, seconds since the epoch."""
        return self.window.start <= moment <= self.window.stop

    def digest(self) -> str:
        """SHA-256, in hex, of what it says rather than how: what the target serves."""
        canonical = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def read_consent(path: Path) -> Consent:
    """The consent of a file; InvalidFile has every problem, MatchnightError: it is not there."""
    return parse_consent(load(path), file=str(path))


def parse_consent(text: str, *, file: str) -> Consent:
    """The consent a text describes; InvalidFile has every problem of it."""
    return bind(text, file=file, into=Consent, rules=_RULES)


def _ends_after_it_begins(hours: Hours) -> Iterator[Misfit]:
    if hours.stop <= hours.start:
        yield Misfit(f"not after {write_moment(hours.start)}; write a later moment", "to")


def _is_a_host(host: Host) -> Iterator[Misfit]:
    if not host.name or any(sign in host.name for sign in "/*@ ?#%"):
        what = f"{quoted(host.name)} is not one host; write such as api.example.org"
        yield Misfit(what, "name")
    if not host.approval.strip():
        yield Misfit("nobody approved it; write the reference of the approval", "approval")


def _names_somebody(consent: Consent) -> Iterator[Misfit]:
    if not consent.owner.strip():
        yield Misfit("nobody answers for it; write a name and a telephone number", "owner")
    if not consent.hosts:
        yield Misfit("no host may be touched; write at least one", "hosts")


_RULES: Rules = {
    Hours: (_ends_after_it_begins,),
    Host: (_is_a_host,),
    Consent: (_names_somebody,),
}
