"""What a fault on a timetable costs, and how many of these a faster calendar serves after all.

While a fault lasts, whoever it meets is refused, at any load and any speed. When it ends, everybody
still trying is let in: those who joined within `trying` seconds of their own before, which are
`trying x speed` seconds of the evening.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadtests.diagnosis.persistence import persistence
from loadtests.scenario.model import Scenario
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.whom import Recovery, Whom
from loadtests.stack.model import Stack
from loadtests.units import Offset, Ratio, Seconds
from loadtests.vocabulary import Step

_ALWAYS = frozenset({Step.HOME, Step.REFRESH, Step.MASTER, Step.PLAYLIST, Step.INIT, Step.SEGMENT})
"""On the way to a first frame, whatever the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The end of a fault, for all or for one cell, in viewers of the real event."""

    met: Sequence[float]  # in each event second it lasts, those it turns away
    trying: Seconds
    is_seen: bool  # it ends within the window

    @property
    def black(self) -> float:
        """Viewers it costs."""
        return sum(self.met)

    def late(self, speed: float) -> float:
        """Viewers served when it ends whom the evening's own pace would have lost."""
        near = round(self.trying * (speed - 1))
        return sum(self.met[-near:]) if near > 0 and self.is_seen else 0.0


def edges(scenario: Scenario, stack: Stack, arrivals: Sequence[float]) -> Iterator[Edge]:
    """Of every fault that meets people on their way; `arrivals` in each second of the window.

    Whoever is met by several faults counts for each: so the speed is rather too low than too high.
    """
    on_the_way = _ALWAYS.union(*(device.join for device in scenario.devices.values()))
    for fault in stack.faults:
        step = min(_steps(fault, on_the_way), default=None, key=list(Step).index)
        if step is not None and hasattr(fault.plan, "stop"):
            yield from _edges(scenario, fault, arrivals, persistence(scenario, step, 0.0).trying)


def _steps(fault: Fault, on_the_way: frozenset[Step]) -> frozenset[Step]:
    """Steps on the way to a first frame that it meets."""
    plan = fault.plan
    met = {*getattr(plan, "steps", ()), *filter(None, [getattr(plan, "step", None)])}
    return on_the_way & met if met else on_the_way


def _edges(
    scenario: Scenario, fault: Fault, arrivals: Sequence[float], trying: Seconds
) -> Iterator[Edge]:
    window, ends = scenario.window, _ends(fault)
    share = _share(fault) / len(ends)
    for end in ends:
        start, stop = (max(0, round(at - window.start)) for at in (fault.plan.start, end))
        met = [share * came for came in arrivals[start:stop]]
        yield Edge(met=met, trying=trying, is_seen=end < window.stop)


def _ends(fault: Fault) -> list[Offset]:
    """When each cell is back: the first when the fault ends, the last at `until`."""
    plan = fault.plan
    recovery: Recovery | None = getattr(plan, "recovery", None)
    if recovery is None:
        return [plan.stop]
    between = (recovery.until - plan.stop) / (recovery.cells - 1)
    return [plan.stop + cell * between for cell in range(recovery.cells)]


def _share(fault: Fault) -> Ratio:
    plan = fault.plan
    whom: Whom = getattr(plan, "whom", None) or Whom()
    people = max([whom.share, *whom.regions.values()])
    share: Ratio = getattr(plan, "share", 1.0)
    return people * share
