"""The master's side of a run on Locust: prepares it, deals out the shares, files the windows, ends it."""

import logging
import os
import sys
from collections.abc import Mapping
from math import ceil
from typing import Any
from uuid import uuid4

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore
from locust.env import Environment
from locust.rpc import Message
from locust.runners import (
    STATE_CLEANUP,
    STATE_INIT,
    STATE_MISSING,
    STATE_SPAWNING,
    MasterRunner,
)

from loadtests.errors import ExitStatus
from loadtests.export.archive import Archive
from loadtests.export.report import write_report
from loadtests.export.text import text
from loadtests.scenario.read import load
from loadtests.swarm import locust_stats, messages
from loadtests.swarm.clock import now
from loadtests.swarm.edge import guarded, spawn
from loadtests.swarm.messages import Parcel, Plan
from loadtests.swarm.metrics import MetricsServer
from loadtests.swarm.options import Options
from loadtests.swarm.preparation import Stage, agreement, manifest, prepare
from loadtests.swarm.rehearsal import Reason, Rehearsal
from loadtests.swarm.worker import failure
from loadtests.units import Seconds

log = logging.getLogger(__name__)

BARRIER_AHEAD: Seconds = 1.0  # for workers to make their share ready
STOP_WITHIN: Seconds = 2.0  # for last windows to come in when a run is stopped
OVERTIME: Seconds = 8.0  # after the end: who has not delivered by then never will
SETTLE_WITHIN: Seconds = 15.0  # Locust's own start, at the slowest
LOOK_EVERY: Seconds = 0.25

STATUSES = {
    Reason.FINISHED: ExitStatus.PASSED,
    Reason.INTERRUPTED: ExitStatus.INTERRUPTED,
    Reason.FAILED: ExitStatus.INVALID_RUN,
    Reason.WITHDRAWN: ExitStatus.UNREACHABLE,
}
"""What the process answers its supervisor, which reads everything else from the folder."""


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
        self._ending = BoundedSemaphore()
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
        record = manifest(self._stage, self._options, workers=len(crew), command=sys.argv)
        archive = Archive.create(self._stage.folder, record, load(self._stage.path))
        seconds = ceil(self._stage.scenario.duration)
        self._rehearsal = Rehearsal(uuid4().hex, archive, crew, seconds=seconds)
        self._metrics = MetricsServer(self._rehearsal.timeline, self._options.metrics_port)
        log.info("rehearsing %s in %s", self._stage.scenario.name, self._stage.folder)
        spawn(self._look_after, self._bug, self._rehearsal)
        if self._options.consent is not None:
            asked = agreement(self._stage.target, self._options)
            spawn(asked.watch, self._bug, self._agreement_gone)

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
            scenario=load(stage.path),
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
        spawn(self._fail, _report, msg.data)

    def _withdrawn(self, environment: Environment, msg: Message) -> None:
        del environment
        spawn(self._end, _report, Reason.WITHDRAWN, text=msg.data["why"])

    # how a run goes on, and ends

    def _look_after(self, rehearsal: Rehearsal) -> None:
        """Until it stops: notice workers and stacks that are gone, and the end of the window."""
        while rehearsal.reason is None:
            self._news.wait(LOOK_EVERY)
            self._news.clear()
            self._miss_workers(rehearsal)
            if rehearsal.is_deserted:
                self._end(Reason.FAILED, text="no worker is left")
            elif rehearsal.start is not None and not rehearsal.awaited():
                self._end(Reason.FINISHED)
            elif (testbed := self._stage and self._stage.testbed) and testbed.status is not None:
                problem = f"the embedded stack ended by itself, with status {testbed.status}"
                rehearsal.notice("testbed", now(), problem=problem)
                self._end(Reason.FAILED, text=problem)

    def _agreement_gone(self, why: str) -> None:
        self._end(Reason.WITHDRAWN, text=why)

    def _miss_workers(self, rehearsal: Rehearsal) -> None:
        for worker in rehearsal.awaited():
            is_missing = self._is_gone(worker) or self._is_overdue(rehearsal)
            if is_missing and rehearsal.lose(worker, now()):
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

    def interrupt(self) -> None:
        """Ctrl-C: end the run in order, before Locust shuts down as it would have at once."""
        self._environment.process_exit_code = ExitStatus.INTERRUPTED
        self._end(Reason.INTERRUPTED)

    def _bug(self, bug: BaseException) -> None:
        spawn(self._fail, _report, failure(bug))

    def _fail(self, why: Mapping[str, Any]) -> None:
        """The run cannot go on, or could not begin."""
        log.error("matchnight: %s", why["text"])
        if why["traceback"]:
            log.error("%s", why["traceback"])
        if self._rehearsal is not None and self._rehearsal.reason is None:
            self._end(Reason.FAILED, text=why["text"])
        self._leave(ExitStatus(why["status"]))

    def _end(self, reason: Reason, **facts: Any) -> None:  # noqa: ANN401 - any JSON value
        """Stop what still plays, take in the last windows, write the last word, leave. Only the first call counts."""
        with self._ending:
            rehearsal = self._rehearsal
            if rehearsal is None or rehearsal.reason is not None:
                return
            self._collect_last_windows(rehearsal)
            if reason is Reason.FINISHED:
                rehearsal.finish(now())
            else:
                rehearsal.stop(reason, now(), **facts)
            log.info("the run has stopped: %s", rehearsal.reason)
            if self._metrics is not None:
                self._metrics.close()
            self._leave(self._conclude(rehearsal.reason or reason))

    def _collect_last_windows(self, rehearsal: Rehearsal) -> None:
        for worker in rehearsal.awaited():
            self._runner.send_message(messages.STOP, {"run": rehearsal.run}, client_id=worker)
        deadline = now() + STOP_WITHIN
        while rehearsal.start is not None and rehearsal.awaited() and now() < deadline:
            self._news.wait(0.1)
            self._news.clear()

    def _conclude(self, reason: Reason) -> ExitStatus:
        """The exit status. A supervisor has the testbed to end and the report to write; else both are done here."""
        stage = self._stage
        if self._is_supervised or stage is None:
            return STATUSES[reason]
        if stage.testbed is not None:
            stage.testbed.end()
        summary = write_report(stage.folder)
        log.info("\n%s", text(summary, folder=str(stage.folder)))
        return ExitStatus(summary.exit_status)

    def _leave(self, status: ExitStatus) -> None:
        """End Locust's test as well, and without a web UI the process, with this status."""
        self._environment.process_exit_code = status
        spawn(self._end_test, _report)

    def _end_test(self) -> None:
        deadline = now() + SETTLE_WITHIN
        # stopped before everybody is spawned, Locust waits a minute for users that never came
        while (
            self._runner.state in {STATE_INIT, STATE_SPAWNING, STATE_CLEANUP} and now() < deadline
        ):
            gevent.sleep(0.05)
        if self._environment.parsed_options.headless:
            self._runner.quit()
        else:
            self._runner.stop()


def _report(bug: BaseException) -> None:
    """A mistake made while ending: nothing is left to be ended."""
    log.critical("matchnight failed while ending", exc_info=bug)
    os._exit(ExitStatus.INVALID_RUN)
