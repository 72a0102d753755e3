"""The scheduler all worlds share: walks a journey through any world that can fetch and wait."""

from inspect import GEN_RUNNING, getgeneratorstate
from typing import Any, Protocol

from loadtests.behavior.steps import Fetch, Journey, Race, Reply, RunOver, Together, Wait
from loadtests.units import Seconds


class Pending(Protocol):
    """Something under way that can be called off; twice, or too late, it does nothing."""

    def cancel(self) -> None:
        """Call it off: nobody will be resumed for it."""


class World(Protocol):
    """One viewer's view of a world. It calls `walk.resume` later, never from within these calls."""

    def fetch(self, fetch: Fetch, walk: "Walk") -> Pending:
        """Perform the exchange, due at `walk.now`; then `walk.resume(reply, reply.done)`."""

    def wait(self, until: Seconds, walk: "Walk") -> Pending:
        """Then `walk.resume(until, until)`: lateness is the tester's, no journey sees it."""


class Parent(Protocol):
    """Whoever started a walk."""

    def ended(self, index: int, result: Any, at: Seconds) -> None:  # noqa: ANN401 - what a journey returns is its own
        """The walk numbered `index` returned `result` at `at` (journey time)."""


def _is_running(journey: Journey) -> bool:
    """Whether the journey itself calls this, so that it can neither be closed nor thrown at."""
    return getgeneratorstate(journey) == GEN_RUNNING


class Walk:
    """One journey on its way. `now` is the journey's own clock: when what it does next is *due*."""

    __slots__ = ("_index", "_journey", "_over", "_parent", "_pending", "now", "world")

    def __init__(
        self, journey: Journey, world: World, now: Seconds, parent: Parent, index: int = 0
    ) -> None:
        self._journey = journey
        self._parent = parent
        self._index = index
        self._pending: Pending | None = None
        self._over = False
        self.world = world
        self.now = now

    def resume(self, value: Reply | Seconds | None, at: Seconds) -> None:
        """Send the journey what it waited for (None to begin) and take up what it yields.

        Does nothing once the journey has ended or was canceled.
        """
        if self._over:
            return
        self.now = at
        self._pending = None
        answer: Any = value
        while True:
            try:
                step = self._journey.send(answer)
            except StopIteration as end:
                self._end(end.value)
                return
            if self._over:  # canceled by what it did just now: it could not be closed while it ran
                self._journey.close()
                return
            if type(step) is Fetch:
                self._pending = self.world.fetch(step, self)
                return
            if type(step) is Wait:
                until, now = step.until, self.now
                until = until if until > now else now  # noqa: FURB136 - a call, for every wait
                self._pending = self.world.wait(until, self)
                return
            assert not isinstance(step, Fetch | Wait)  # noqa: S101 - for the type checker
            group = _Group(step, self)
            self._pending = group
            if not group.begin() or self._over:
                return
            self._pending = None
            answer, self.now = group.result, group.at

    def cancel(self) -> None:
        """Stop here: what is pending is called off, the journey's `finally` blocks run."""
        if self._stop() and not _is_running(self._journey):
            self._journey.close()

    def finish(self, at: Seconds) -> Any:  # noqa: ANN401 - what a journey returns is its own
        """Stop because the run ends at `at`: the journey settles its accounts, and no end is told.

        It is thrown `RunOver`; what it returns then is handed on, None if nothing. From within the
        journey's own doing it is a plain `cancel`.
        """
        if self._stop() and not _is_running(self._journey):
            try:
                self._journey.throw(RunOver(at))
            except StopIteration as end:
                return end.value
            except RunOver:
                return None
            self._journey.close()
        return None

    def _end(self, result: Any) -> None:  # noqa: ANN401 - what a journey returns is its own
        if not self._over:
            self._over = True
            self._parent.ended(self._index, result, self.now)

    def _stop(self) -> bool:
        if self._over:
            return False
        self._over = True
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.cancel()
        return True


class _Group:
    """Journeys side by side: all of them (Together) or the first (Race)."""

    __slots__ = ("_begun", "_first_wins", "_left", "_results", "_walk", "_walks", "at", "result")

    def __init__(self, step: Together | Race, walk: Walk) -> None:
        self._walk = walk
        self._first_wins = type(step) is Race
        self._walks = [Walk(j, walk.world, walk.now, self, i) for i, j in enumerate(step.journeys)]
        self._results: list[Any] = [None] * len(self._walks)
        self._left = len(self._walks)
        self._begun = False
        self.result: Any = None
        self.at = walk.now

    def begin(self) -> bool:
        """Start them in order; whether the group ended in doing so: see `result` and `at`."""
        for walk in self._walks:
            walk.resume(None, walk.now)
            if self._over:
                break
        self._begun = True
        if self._left == 0 and not self._first_wins:
            self.result = self._results
        return self._over

    @property
    def _over(self) -> bool:
        return self._left <= 0

    def ended(self, index: int, result: Any, at: Seconds) -> None:  # noqa: ANN401 - a journey's result is its own
        """One of them returned; the group ends with the first of a race, the last of a together."""
        self._results[index] = result
        self.at = max(self.at, at)
        self._left = 0 if self._first_wins else self._left - 1
        if not self._over:
            return
        self.result = (index, result) if self._first_wins else self._results
        self._cancel_others(index)
        if self._begun:
            self._walk.resume(self.result, self.at)

    def cancel(self) -> None:
        """Call all of them off."""
        self._cancel_others(-1)

    def _cancel_others(self, index: int) -> None:
        # let go of them: cycles wait for the collector, and a full collection holds up the crowd
        walks, self._walks = self._walks, []
        for i, walk in enumerate(walks):
            if i != index:
                walk.cancel()
