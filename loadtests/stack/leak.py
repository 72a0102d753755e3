"""A leak: a station that slows down with the work it has done, and never gets over it."""

from dataclasses import dataclass, field, replace
from typing import Annotated

from loadtests.binding import about
from loadtests.units import Count, Range, Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """The service time grows evenly with the requests taken, by a share of what it was at first."""

    slower: Annotated[Ratio, Range(above=0)] = field(
        metadata=about("what `every` requests add to the service time, as a share of the first's")
    )
    every: Count = field(default=1_000, metadata=about("requests, see `slower`"))

    def pace(self, taken: int) -> Ratio:
        """How long a request takes beside the first, when so many were taken before it."""
        return 1 + self.slower * taken / self.every

    def sized(self, factor: float) -> "Leak":
        """For a station that is asked `factor` times as much: as slow after the same time."""
        return replace(self, slower=self.slower / factor)
