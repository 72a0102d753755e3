"""The master's side of a run on Locust: prepares it, deals out the shares, files the windows, ends it."""

import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import gevent
from gevent.event import Event
from locust.env import Environment
from locust.rpc import Message
from locust.runners import STATE_MISSING, STATE_RUNNING, STATE_STOPPED, MasterRunner

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export.archive import Archive
from loadtests.export.report import write_report
from loadtests.export.text import text
from loadtests.swarm import locust_stats, messages
from loadtests.swarm.clock import now
from loadtests.swarm.edge import guarded, spawn
from loadtests.swarm.messages import Parcel, Plan
from loadtests.swarm.metrics import MetricsServer
from loadtests.swarm.options import Options
from loadtests.swarm.preparation import Stage, manifest, prepare
from loadtests.swarm.rehearsal import Reason, Rehearsal
from loadtests.swarm.worker import failure
from loadtests.units import Seconds

log = logging.getLogger(__name__)

BARRIER_AHEAD: Seconds = 1.0  # for workers to make their share ready
STOP_WITHIN: Seconds = 2.0  # for last windows to come in when a run is stopped
OVERTIME: Seconds = 8.0  # after the end: who has not delivered by then never will
LOOK_EVERY: Seconds = 0.25


class Master:
    """Runs one rehearsal at a time, as often as Locust starts a test; in a local run the worker is beside it."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._runner = environment.runner
        self._stage: Stage | None = None
        self._options: Options | None = None
        self._rehearsal: Rehearsal | None = None
        self._metrics: MetricsServer | None = None
        self._news = Event()  # something came in
        for name, handler in (
            (messages.GREETING, self._greeted),
            (messages.WINDOW, self._window),
            (messages.FAILED, self._failed),
            (messages.WITHDRAWN, self._withdrawn),
        ):
            self._runner.register_message(name, guarded(handler, self._bug))
        events = environment.events
        events.test_start.add_listener(guarded(self._test_started, self._bug))
        events.test_stopping.add_listener(guarded(self._test_stopping, self._bug))
        events.quitting.add_listener(guarded(self._test_stopping, self._bug))

    @property
    def _is_supervised(self) -> bool:
        return bool(self._environment.parsed_options.supervised)

    # what Locust calls

    def _test_started(self, **_: Any) -> None:
        """Locust waits for this before it tells the workers: the target is ready when they are."""
        given = vars(self._environment.parsed_options)
        crew = self._crew()
        self._runner.target_user_count = len(crew)  # whatever number was asked for: one each
        self._options = Options.of(given)
        self._stage = self._set_stage(self._options, given, len(crew))
        record = manifest(
            self._stage, self._options, workers=len(crew), command=_command()
        )
        archive = Archive.create(
            self._stage.folder, record, self._stage.path.read_text(encoding="utf-8")
        )
        self._rehearsal = Rehearsal(uuid4().hex, archive, crew)
        self._metrics = MetricsServer(self._rehearsal.timeline, self._options.metrics_port)
        log.info("rehearsing %s in %s", self._stage.scenario.name, self._stage.folder)
        spawn(self._look_after, self._bug, self._rehearsal)

    def _test_stopping(self, **_: Any) -> None:
        """Somebody pressed stop, or Locust quits: if the run goes on, it ends here."""
        self._end(Reason.INTERRUPTED)

    def _set_stage(self, options: Options, given: dict[str, Any], workers: int) -> Stage:
        if not self._is_supervised:
            return prepare(options, workers=workers)
        path, scenario = options.read_scenario()
        assert options.report_dir is not None  # noqa: S101 - the supervisor names both
        assert options.target is not None  # noqa: S101 - as above
        return Stage(
            path=path,
            scenario=scenario,
            folder=options.report_dir,
            target=options.target,
            embedded=bool(given["embedded"]),
        )

    def _crew(self) -> list[str]:
        if not isinstance(self._runner, MasterRunner):
            return ["local"]
        clients = self._runner.clients
        ids = [node.id for node in (*clients.ready, *clients.running, *clients.spawning)]
        return sorted(ids, key=self._runner.get_worker_index)

    # what workers say

    def _greeted(self, environment: Environment, msg: Message) -> None:
        del environment
        rehearsal = self._rehearsal
        if rehearsal is not None and rehearsal.greet(msg.node_id):
            start = now() + BARRIER_AHEAD
            rehearsal.begin(start, lambda worker, index: self._send_plan(worker, index, start))

    def _send_plan(self, worker: str, index: int, start: Seconds) -> None:
        stage, options, rehearsal = self._stage, self._options, self._rehearsal
        assert stage is not None and options is not None and rehearsal is not None  # noqa: S101, PT018 - set together
        plan = Plan(
            run=rehearsal.run,
            folder=str(stage.folder.absolute()),
            file=str(stage.path),
            scenario=stage.path.read_text(encoding="utf-8"),
            name=stage.scenario.name,
            variant=options.variant,
            scale=options.scale,
            speed=options.speed,
            seed=options.seed,
            target=stage.target,
            consent=options.consent and options.consent.read_text(encoding="utf-8"),
            resolve=dict(options.resolve),
            insecure=options.insecure,
            request_log=options.request_log,
            start=start,
            worker=index,
            workers=rehearsal.workers,
        )
        self._runner.send_message(messages.PLAN, plan.to_json(), client_id=worker)

    def _window(self, environment: Environment, msg: Message) -> None:
        del environment
        parcel = Parcel.from_json(msg.data)
        rehearsal = self._rehearsal
        if rehearsal is not None and rehearsal.run == msg.data["run"] and rehearsal.reason is None:
            window = rehearsal.accept(msg.node_id, parcel)
            if window is not None and rehearsal.start is not None:
                locust_stats.merge(self._runner.stats, window, rehearsal.start)
        # whatever it was, the worker need not send it again
        accepted = {"run": msg.data["run"], "number": parcel.number}
        self._runner.send_message(messages.ACCEPTED, accepted, client_id=msg.node_id)
        self._news.set()

    def _failed(self, environment: Environment, msg: Message) -> None:
        del environment
        self._fail(msg.data)

    def _withdrawn(self, environment: Environment, msg: Message) -> None:
        del environment
        spawn(self._end, self._bug, Reason.WITHDRAWN, text=msg.data["why"])

    # how a run goes on, and ends

    def _look_after(self, rehearsal: Rehearsal) -> None:
        """Until it stops: notice workers and stacks that are gone, and the end of the window."""
        while rehearsal.reason is None:
            self._news.wait(LOOK_EVERY)
            self._news.clear()
            self._miss_workers(rehearsal)
            if rehearsal.is_deserted:
                self._end(Reason.FAILED, text="no worker is left")
            elif rehearsal.start is not None and not list(rehearsal.awaited()):
                self._end(Reason.FINISHED)
            elif (testbed := self._stage and self._stage.testbed) and testbed.status is not None:
                problem = f"the embedded stack ended by itself, with status {testbed.status}"
                rehearsal.notice("testbed", now(), problem=problem)
                self._end(Reason.FAILED, text=problem)

    def _miss_workers(self, rehearsal: Rehearsal) -> None:
        for worker in list(rehearsal.awaited()):
            if self._is_gone(worker) or self._is_overdue(rehearsal):
                if rehearsal.lose(worker, now()):
                    log.error("worker %s is lost", worker)

    def _is_gone(self, worker: str) -> bool:
        if not isinstance(self._runner, MasterRunner):
            return False
        node = self._runner.clients.get(worker)
        return node is None or node.state == STATE_MISSING

    def _is_overdue(self, rehearsal: Rehearsal) -> bool:
        if rehearsal.start is None or self._stage is None:
            return False
        return now() > rehearsal.start + self._stage.scenario.duration + OVERTIME

    def _end(self, reason: Reason, *, status: ExitStatus | None = None, **facts: Any) -> None:
        """Stop what still plays, take in the last windows, write the last word, leave. Only the first call counts."""
        rehearsal = self._rehearsal
        if rehearsal is None or rehearsal.reason is not None:
            return
        self._collect_last_windows(rehearsal)
        if rehearsal.reason is not None:  # somebody else was quicker, while we waited
            return
        rehearsal.stop(reason, now(), **facts)
        log.info("the run has stopped: %s", reason)
        self._leave(status or self._conclude(reason))

    def _collect_last_windows(self, rehearsal: Rehearsal) -> None:
        for worker in rehearsal.awaited():
            self._runner.send_message(messages.STOP, {"run": rehearsal.run}, client_id=worker)
        deadline = now() + STOP_WITHIN
        while rehearsal.start is not None and list(rehearsal.awaited()) and now() < deadline:
            self._news.wait(0.1)
            self._news.clear()
