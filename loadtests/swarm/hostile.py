"""One worker's hostile traffic: a stream of its own beside the viewers', on wires of its own.

So nothing of it gets into a viewer's figures: an attack's wire tells the recorder what was played
as ground truth, and each request once more, unlabeled like everybody's, as the edge could see it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from loadtests.audience.hostile import Action, actions
from loadtests.behavior.hostile.table import Hostile
from loadtests.behavior.target import Target
from loadtests.behavior.walk import Walk
from loadtests.collect.recorder import Recorder
from loadtests.scenario.hostile import Attack
from loadtests.scenario.model import Scenario
from loadtests.swarm.edge import OnBug
from loadtests.swarm.messages import Plan
from loadtests.swarm.timers import Timers
from loadtests.swarm.usher import Usher
from loadtests.swarm.wire.engine import Wire
from loadtests.swarm.wire.fence import Fence
from loadtests.swarm.wire.options import Silence, WireOptions
from loadtests.units import Seconds

if TYPE_CHECKING:
    from loadtests.swarm.wire.line import Line


class HostileShare:
    """The hostile clients of one worker: `open` lets them in, `close` ends all they do.

    Nothing happens where a scenario has none.
    """

    def __init__(  # noqa: PLR0913 - what it shares with the viewers beside it, each named
        self,
        plan: Plan,
        scenario: Scenario,
        target: Target,
        *,
        recorder: Recorder,
        timers: Timers,
        on_bug: OnBug,
        on_stop: Callable[[str], None],
    ) -> None:
        """`timers` and `recorder` are the worker's; `on_stop` is told why no more may be sent."""
        self._start = plan.start
        self._recorder = recorder
        self._fence = Fence(workers=plan.workers, sockets=lambda: self.sockets)
        self._journeys = Hostile(scenario, target, plan.start)
        self._wires = [
            self._wire(plan, number, attack, timers=timers, on_bug=on_bug, on_stop=on_stop)
            for number, attack in enumerate(scenario.hostile)
        ]
        self._usher = Usher(actions(scenario, plan.worker, plan.workers), timers, self._begin)
        self._under_way: dict[int, tuple[Walk, Line]] = {}
        self._number = 0  # of the last action

    @property
    def sockets(self) -> int:
        """Open now."""
        return sum(wire.sockets for wire in self._wires)

    def open(self) -> None:
        """Let them in, each at its time."""
        self._usher.open(self._start)

    def notice(self) -> str | None:
        """What the report should mention: what was more than the numbers in code allow."""
        return self._fence.held_back

    def close(self) -> None:
        """Nobody comes any more, and who is there breaks off: that is recorded nowhere."""
        self._usher.close()
        under_way, self._under_way = self._under_way, {}
        for wire in self._wires:
            wire.recorder = Silence()
        for walk, line in under_way.values():
            walk.cancel()
            line.close()
        for wire in self._wires:
            wire.close()

    def ended(self, index: int, result: object, at: Seconds) -> None:
        """One has done what it came for."""
        del result, at
        _, line = self._under_way.pop(index)
        line.close()

    def _begin(self, action: Action, late: Seconds) -> None:
        self._recorder.lagged(late)
        self._number = number = self._number + 1
        line = self._wires[action.campaign].line(action.source)
        due = self._start + action.at
        walk = Walk(self._journeys.journey(action), line, due, self, number)
        self._under_way[number] = walk, line
        walk.resume(None, due)

    def _wire(
        self,
        plan: Plan,
        number: int,
        attack: Attack,
        *,
        timers: Timers,
        on_bug: OnBug,
        on_stop: Callable[[str], None],
    ) -> Wire:
        return Wire(
            recorder=self._recorder.hostile(attack.pattern),
            gate=self._fence,
            run_id=plan.run,
            # request numbers of its own, told apart as another worker's are
            worker=plan.worker + plan.workers * (number + 1),
            on_bug=on_bug,
            on_stop=on_stop,
            options=WireOptions(resolve=plan.resolve, verify=not plan.insecure),
            timers=timers,
        )
