"""What a locustfile needs: our options, our hooks, and the one user class Locust insists on."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

import gevent
from locust import User, task
from locust.env import Environment

from loadtests.errors import MatchnightError
from loadtests.swarm.edge import on_interrupt
from loadtests.swarm.locust_environment import Locust
from loadtests.swarm.master import Master
from loadtests.swarm.options import FLAGS, SCENARIO, SUPERVISED, Options
from loadtests.swarm.worker import Worker

LOOPBACK = "127.0.0.1"
LOG_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Carrier(User):
    """Locust's idea of a user: one on each worker, asleep. Viewers are started by the usher."""

    @task
    def carry(self) -> None:
        """Nothing: the crowd lives on the worker's loop."""
        gevent.sleep(3600)


def add_options(parser: Any, **_: Any) -> None:  # noqa: ANN401 - Locust's signature
    """Our flags on Locust's command line; those of a scenario in its web UI as well."""
    # unless asked otherwise, nobody but this machine starts a crowd or joins it
    parser.set_defaults(web_host=LOOPBACK, master_bind_host=LOOPBACK)
    # Locust has a `--profile` of its own, which names groups of runs for its web UI: ours wins
    group = parser.add_argument_group("matchnight options", conflict_handler="resolve")
    for flag in (SCENARIO, *FLAGS, *SUPERVISED):
        # Locust looks for this attribute; actions of groups do not have it
        action: Any = flag.add_to(group)
        action.include_in_web_ui = flag.form


def set_up(environment: Environment, **_: Any) -> None:  # noqa: ANN401 - Locust's signature
    """Make this process of Locust's carry our crowd: as master, as worker, or as both."""
    locust = Locust(environment)
    given = locust.given
    if given["skip_log_setup"]:
        # by force: Locust's own first words may have set up what drops all but warnings
        logging.basicConfig(level=logging.INFO, format=LOG_LINE, force=True)
    if locust.is_worker:
        on_interrupt(Worker(locust).deliver)
        return
    if given["headless"] or given["scenario"]:
        _check(given)
    on_interrupt(Master(locust).interrupt)
    if locust.is_local:
        Worker(locust)


def _check(given: Mapping[str, Any]) -> None:
    """A mistake on the command line ends the process here, as Locust's own parser would."""
    try:
        Options.of(given).read_scenario()
    except MatchnightError as error:
        sys.stderr.write(f"matchnight: {error}\n")
        sys.exit(error.status)
