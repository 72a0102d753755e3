"""What the stack refuses on purpose, and its desk for those who call, as a scenario writes it."""

from dataclasses import dataclass, field, replace
from typing import Annotated

from loadtests.binding import Misfit, about
from loadtests.units import Count, Lasting, Offset, Range, Share, Whole

_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRule:
    """Devices with the trait `outside` are refused at `entitlement` (`not_in_household`).

    Once a device has entered a code, it is let in for `code_life`.
    """

    start: Offset = field(metadata=about("in force from then on", clock="event", name="from"))
    code_life: Lasting = field(
        default=14 * _DAY, metadata=about("how long a code lets a device in", clock="event")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadRules:
    """What may be kept for offline viewing, and how often its license may be renewed."""

    license_life: Lasting = field(
        default=2 * _DAY,
        metadata=about(
            "from the first viewing of an unfinished title until its license expires", clock="event"
        ),
    )
    renewals: Whole = field(
        default=1, metadata=about("of one title on one account, within `per` of its first download")
    )
    per: Lasting = field(default=365 * _DAY, metadata=about("see `renewals`", clock="event"))
    not_downloadable: Share = field(
        default=0.0, metadata=about("share of the titles that cannot be downloaded")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """Boxes with the trait `unplugged` are told at `boot` to `register` on another platform."""

    start: Offset = field(metadata=about("from then on", clock="event", name="from"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An automatic message that answers callers before an agent does."""

    satisfies: Share = field(metadata=about("share of the callers for whom it is enough"))
    length: Lasting = field(default=5.0, metadata=about("how long it takes", clock="client"))
    fails: tuple[Offset, Offset] | None = field(
        default=None,
        metadata=about("from when to when it does not work, as [from, to]", clock="event"),
    )

    def __post_init__(self) -> None:
        if self.fails is not None and self.fails[0] >= self.fails[1]:
            raise Misfit("ends before it begins; write [from, to], such as [-5m, +2h]", "fails")

    def works(self, offset: Offset) -> bool:
        """Whether it does at that time of the evening."""
        return self.fails is None or not self.fails[0] <= offset < self.fails[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportDesk:
    """A telephone desk: calls take an agent or wait on a line; without a line, the engaged tone.

    Calls last on the client's clock: a call is as long as a call, however fast the calendar goes.
    """

    agents: Count = field(metadata=about("who answer"))
    lines: Count = field(
        metadata=about(
            "calls at once: hearing the message, waiting or being served; at least `agents`"
        )
    )
    handle_time: Annotated[Lasting, Range(above=0)] = field(
        metadata=about("of a call, on average (exponential)", clock="client")
    )
    message: Message | None = field(
        default=None, metadata=about("an automatic message before; absent: none")
    )

    def __post_init__(self) -> None:
        if self.lines < self.agents:
            what = f"{self.lines} lines for {self.agents} agents; write at least as many lines"
            raise Misfit(what, "lines")

    def sized(self, factor: float) -> "SupportDesk":
        """For `factor` times the calls, in whole people and lines: at least one of each.

        Larger desks do better at the same load for each agent, so this is no exact copy.
        """
        agents = max(1, round(self.agents * factor))
        return replace(self, agents=agents, lines=max(agents, round(self.lines * factor)))
