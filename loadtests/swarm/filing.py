"""Where workers' windows go on the master: folder and timeline, tripwires, Locust's tables.

They are added up as they come and filed a few times a second: what a window costs must not depend
on how many look at it.
"""

from locust.stats import RequestStats

from loadtests.swarm import locust_stats
from loadtests.swarm.locust_environment import Body
from loadtests.swarm.messages import Parcel
from loadtests.swarm.rehearsal import Rehearsal
from loadtests.swarm.watch import Watch


class Filing:
    """Of one run: `take` what comes in, `file` it every LOOK_EVERY, and before the last word."""

    def __init__(self, rehearsal: Rehearsal, watch: Watch, stats: RequestStats) -> None:
        """`stats`: Locust's tables."""
        self._rehearsal = rehearsal
        self._watch = watch
        self._stats = stats

    def take(self, worker: str, body: Body) -> None:
        """Count a parcel's window, if it is new, of this run, and the run still plays."""
        rehearsal = self._rehearsal
        if rehearsal.plays and rehearsal.run == body["run"]:
            rehearsal.accept(worker, Parcel.from_json(body))

    def file(self) -> None:
        """Show everybody what came since the last call."""
        start = self._rehearsal.start
        if start is None:
            return  # nothing is taken before the barrier
        for window in self._rehearsal.file():
            self._watch.add(window)
            locust_stats.merge(self._stats, window, start)
