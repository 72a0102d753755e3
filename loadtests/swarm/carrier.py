"""What a locustfile needs: our options, our hooks, and the one user class Locust insists on."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

import gevent
from locust import User, task
from locust.env import Environment
from locust.runners import LocalRunner, WorkerRunner

from loadtests.errors import MatchnightError
from loadtests.swarm.dispatcher import OneEach
from loadtests.swarm.edge import on_interrupt
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


def add_options(parser: Any, **_: Any) -> None:  # noqa: ANN401 - Locust's parser has no type
    """Our flags on Locust's command line; those of a scenario in its web UI as well."""
    # unless asked otherwise, nobody but this machine starts a crowd or joins it
    parser.set_defaults(web_host=LOOPBACK, master_bind_host=LOOPBACK)
    group = parser.add_argument_group("matchnight options")
    for flag in (SCENARIO, *FLAGS, *SUPERVISED):
        # Locust looks for this attribute; actions of groups do not have it
        flag.add_to(group).include_in_web_ui = flag.form


def set_up(environment: Environment, **_: Any) -> None:
    """Make this process of Locust's carry our crowd: as master, as worker, or as both."""
    options = environment.parsed_options
    if options.skip_log_setup:
        # by force: Locust's own first words may have set up what drops all but warnings
        logging.basicConfig(level=logging.INFO, format=LOG_LINE, force=True)
    environment.dispatcher_class = OneEach  # type: ignore[assignment] - all that runners call
    _remove_recorder(environment)
    if isinstance(environment.runner, WorkerRunner):
        on_interrupt(Worker(environment).interrupt)
        return
    if options.headless or options.scenario:
        _check(vars(options))
    on_interrupt(Master(environment).interrupt)
    if isinstance(environment.runner, LocalRunner):
        Worker(environment)


def _remove_recorder(environment: Environment) -> None:
    """Take Locust's own listener off `request`: it would count each request again, one by one."""
    event = environment.events.request
    for handler in list(event._handlers):  # noqa: SLF001 - Locust has no other way to find it
        if handler.__qualname__ == "Runner.__init__.<locals>.on_request":
            event.remove_listener(handler)


def _check(given: Mapping[str, Any]) -> None:
    """A mistake on the command line ends the process here, as Locust's own parser would."""
    try:
        Options.of(given).read_scenario()
    except MatchnightError as error:
        sys.stderr.write(f"matchnight: {error}\n")
        sys.exit(error.status)
