"""How Locust's own users are handed out: one placeholder to each worker, once.

Locust spawns in one-second bursts, and when a worker is lost it dispatches its users again, to
the others: half a crowd twice, or a running carrier moved. Our viewers are started by the usher;
Locust's users only carry it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    # importing Locust patches the process: only those who run on it do
    from locust import User
    from locust.runners import WorkerNode

Users = dict[str, dict[str, int]]
"""By worker, by user class."""


class OneEach:
    """One user of the first class on every worker there is at the start, whoever comes or goes.

    A stand-in for `locust.dispatch.UsersDispatcher`: all that Locust's runners call.
    """

    def __init__(self, worker_nodes: list["WorkerNode"], user_classes: list["type[User]"]) -> None:
        name = user_classes[0].__name__
        self._users: Users = {node.id: {name: 1} for node in worker_nodes}
        self._rounds: Iterator[Users] = iter(())

    @property
    def dispatch_in_progress(self) -> bool:
        """Always, or Locust would start a round for each worker that comes or goes."""
        return True

    def new_dispatch(
        self,
        target_user_count: int,
        spawn_rate: float,
        user_classes: list["type[User]"] | None = None,
    ) -> None:
        """Hand out the same users, whatever number was asked for."""
        del target_user_count, spawn_rate, user_classes
        self._rounds = iter([self._users])

    def __iter__(self) -> "OneEach":
        return self

    def __next__(self) -> Users:
        users = next(self._rounds)
        return {worker: counts.copy() for worker, counts in users.items()}

    def add_worker(self, worker_node: "WorkerNode") -> None:
        """Leave a latecomer idle: its share was given out."""

    def remove_worker(self, worker_node: "WorkerNode") -> None:
        """Leave a lost worker's share lost: the master reports it."""
