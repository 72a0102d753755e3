"""The master's side of a run: prepares it, deals out the shares, files the windows, ends it."""

import logging
import os
from collections.abc import Mapping
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from gevent.event import Event
from gevent.lock import BoundedSemaphore

from loadtests.audience import crowd
from loadtests.errors import ExitStatus
from loadtests.export.archive import Archive
from loadtests.export.report import write_report
from loadtests.export.text import text
from loadtests.scenario.read import load, other_files
from loadtests.swarm import messages
from loadtests.swarm.canary import refuse_alone
from loadtests.swarm.clock import now
from loadtests.swarm.edge import OnBug, guarded, spawn
from loadtests.swarm.farewell import AT_THE_END, WHEN, WHEN_STOPPED, left_behind
from loadtests.swarm.filing import Filing
from loadtests.swarm.guards import posted
from loadtests.swarm.jury import Jury
from loadtests.swarm.locust_environment import Body, Locust
from loadtests.swarm.metrics import MetricsServer
from loadtests.swarm.options import Options
from loadtests.swarm.preparation import (
    Stage,
    manifest,
    plan,
    prepare,
    stop_folders,
    take_over,
)
from loadtests.swarm.reach import UNASKED_VIEWERS, agreement
from loadtests.swarm.rehearsal import Reason, Rehearsal
from loadtests.swarm.stack_clock import tell_start
from loadtests.swarm.watch import Watch
from loadtests.swarm.worker import failure
from loadtests.units import Seconds

if TYPE_CHECKING:
    import gevent

log = logging.getLogger(__name__)

BARRIER_AHEAD: Seconds = 1.0  # for workers to make their share ready
STOP_WITHIN: Seconds = 2.0  # for last windows to come in when a run is stopped
OVERTIME: Seconds = 8.0  # after the end: who has not delivered by then never will
LOOK_EVERY: Seconds = 0.25

STATUSES = {
    Reason.FINISHED: ExitStatus.PASSED,
    Reason.DECIDED: ExitStatus.PASSED,
    Reason.INTERRUPTED: ExitStatus.INTERRUPTED,
    Reason.FAILED: ExitStatus.INVALID_RUN,
    Reason.WITHDRAWN: ExitStatus.UNREACHABLE,
    Reason.ABORTED: ExitStatus.MISSED,
    Reason.SILENT: ExitStatus.INVALID_RUN,
}
"""What the process answers its supervisor, which reads everything else from the folder."""


class Master:
    """Runs one rehearsal after the other, as often as Locust starts a test."""

    def __init__(self, locust: Locust) -> None:
        self._locust = locust
        self._performance: _Performance | None = None
        locust.receive(messages.GREETING, guarded(self._greeted, self._bug))
        locust.receive(messages.WINDOW, guarded(self._window, self._bug))
        locust.receive(messages.FAILED, guarded(self._failed, self._bug))
        locust.receive(messages.WITHDRAWN, guarded(self._withdrawn, self._bug))
        locust.receive(messages.NOTICE, guarded(self._noticed, self._bug))
        locust.on("test_start", guarded(self._begin, self._bug))
        # somebody pressed stop, or Locust quits: if the run goes on, it ends here
        locust.on("test_stopping", guarded(self._interrupted, self._bug))
        locust.on("quitting", guarded(self._interrupted, self._bug))

    def interrupt(self) -> None:
        """Ctrl-C: end the run in order, before Locust shuts down as it would have at once."""
        self._locust.will_exit(ExitStatus.INTERRUPTED)
        self._interrupted()

    def _begin(self) -> None:
        """Locust waits for this before it tells the workers: the target is ready when they are."""
        self._performance = None
        given = self._locust.given
        crew = self._locust.crew()
        options = Options.of(given)
        if given["supervised"]:
            stage = take_over(options, embedded=given["embedded"])
        else:
            refuse_alone(options)
            stage = prepare(options, workers=len(crew))
        performance = _Performance(self._locust, options, stage, crew)
        self._performance = performance
        spawn(performance.look_after, self._bug)
        performance.keep_asking(self._bug)
        if options.consent is not None:
            asked = agreement(stage.target, options)
            watch = partial(asked.watch, is_needed=crowd.size(stage.scenario) > UNASKED_VIEWERS)
            performance.asks.append(spawn(watch, self._bug, self._agreement_gone))

    def _interrupted(self) -> None:
        self._end(Reason.INTERRUPTED)

    def _end(self, reason: Reason, **facts: Any) -> None:  # noqa: ANN401 - any JSON value
        if self._performance is not None:
            self._performance.end(reason, **facts)

    def _agreement_gone(self, why: str) -> None:
        self._end(Reason.WITHDRAWN, text=why)

    # what workers say

    def _greeted(self, worker: str, _body: Body) -> None:
        if self._performance is not None:
            self._performance.greet(worker)

    def _window(self, worker: str, body: Body) -> None:
        if self._performance is not None:
            self._performance.take(worker, body)
        self._locust.send(messages.ACCEPTED, messages.receipt(body), to=worker)

    def _failed(self, _worker: str, body: Body) -> None:
        spawn(self._fail, _give_up, body)

    def _withdrawn(self, _worker: str, body: Body) -> None:
        spawn(self._agreement_gone, _give_up, body["why"])

    def _noticed(self, _worker: str, body: Body) -> None:
        if self._performance is not None:
            self._performance.mention(body["run"], body["text"])

    def _bug(self, bug: BaseException) -> None:
        spawn(self._fail, _give_up, failure(bug))

    def _fail(self, why: Mapping[str, Any]) -> None:
        """The run cannot go on, or could not begin."""
        log.error("matchnight: %s", why["text"])
        if why["traceback"]:
            log.error("%s", why["traceback"])
        self._end(Reason.FAILED, text=why["text"])
        self._locust.will_exit(ExitStatus(why["status"]))
        self._locust.end_test()


class _Performance:
    """One run, from the stage being set to its last word."""

    def __init__(self, locust: Locust, options: Options, stage: Stage, crew: list[str]) -> None:
        self._locust = locust
        self._options = options
        self._stage = stage
        self._text = load(stage.path)
        self.asks: list[gevent.Greenlet[..., None]] = []  # others, again and again: may it go on?
        self._news = Event()  # something came in
        self._mentioned: set[str] = set()
        self._ending = BoundedSemaphore()
        record = manifest(stage, options, locust.given, workers=len(crew))
        archive = Archive.create(stage.folder, record, self._text, other_files(stage.path))
        seconds = ceil(stage.scenario.duration)
        self._rehearsal = Rehearsal(uuid4().hex, archive, crew, seconds=seconds)
        trial, timeline = options.plays_trial, self._rehearsal.timeline
        jury = None if trial is None else Jury(trial, timeline, stage.scenario.objectives)
        sentries = posted(stage.scenario, options)
        self._watch = Watch(stage.scenario, stop_folders(stage, options), sentries, jury)
        self._filing = Filing(self._rehearsal, self._watch, locust.stats)
        self._metrics = MetricsServer(timeline, options.metrics_port)
        log.info("rehearsing %s in %s", stage.scenario.name, stage.folder)

    def keep_asking(self, on_bug: OnBug) -> None:
        """Ask every guard until this has stopped."""
        for sentry in self._watch.sentries:
            self.asks.append(spawn(self._watch.keep_asking, on_bug, sentry))

    def greet(self, worker: str) -> None:
        """A worker is here; when all are, the barrier is set and the shares are dealt out."""
        if not self._rehearsal.greet(worker):
            return
        start = now() + BARRIER_AHEAD
        if self._stage.embedded and self._is_the_evening:
            tell_start(self._stage.target, start)
        self._rehearsal.begin(start)
        if (brought := self._stage.accounts) is not None and brought.notice is not None:
            self.mention(self._rehearsal.run, brought.notice)
        for index, member in enumerate(self._rehearsal.crew):
            share = plan(
                self._stage,
                self._options,
                run=self._rehearsal.run,
                scenario=self._text,
                start=start,
                worker=(index, len(self._rehearsal.crew)),
            )
            self._locust.send(messages.PLAN, share.to_json(), to=member)

    @property
    def _is_the_evening(self) -> bool:
        """Whether its timetable runs: faults of the evening are no part of what a stack carries."""
        return self._options.plays_canary is None and self._options.plays_trial is None

    def take(self, worker: str, body: Body) -> None:
        """A window came in; the last of a worker is worth a look at once."""
        self._filing.take(worker, body)
        if body["last"]:
            self._news.set()

    def mention(self, run: str, text: str) -> None:
        """Note what a worker has noticed; what several notice, once."""
        if self._rehearsal.run == run and text not in self._mentioned:
            self._mentioned.add(text)
            self._rehearsal.notice("notice", now(), text=text)

    def look_after(self) -> None:
        """Until it stops: notice workers and stacks that are gone, and the end of the window."""
        rehearsal, testbed = self._rehearsal, self._stage.testbed
        while rehearsal.reason is None:
            self._news.wait(LOOK_EVERY)
            self._news.clear()
            self._miss_workers()
            self._filing.file()
            if rehearsal.is_deserted:
                self.end(Reason.FAILED, text="no worker is left")
            elif rehearsal.start is not None and not rehearsal.awaited():
                self.end(Reason.FINISHED)
            elif testbed is not None and testbed.status is not None:
                problem = f"the embedded stack ended by itself, with status {testbed.status}"
                rehearsal.notice("testbed", now(), problem=problem)
                self.end(Reason.FAILED, text=problem)
            elif (cause := self._watch.look(rehearsal.seconds_complete, now())) is not None:
                self.end(cause.reason, text=cause.text)

    def _miss_workers(self) -> None:
        for worker in self._rehearsal.awaited():
            is_missing = self._locust.is_gone(worker) or self._is_overtime
            if is_missing and self._rehearsal.lose(worker, now()):
                log.error("worker %s is lost", worker)

    @property
    def _is_overtime(self) -> bool:
        start = self._rehearsal.start
        leaving = 0.0 if self._stage.embedded else AT_THE_END
        length = self._stage.scenario.duration + leaving + OVERTIME
        return start is not None and now() > start + length

    def end(self, reason: Reason, **facts: Any) -> None:  # noqa: ANN401 - any JSON value
        """Stop what still plays, take in the last windows, write the last word, leave; once."""
        with self._ending:
            rehearsal = self._rehearsal
            if rehearsal.reason is not None:
                return
            self._collect_last_windows(WHEN.get(reason, WHEN_STOPPED))
            self._filing.file()
            self._count_what_is_left_behind()
            if reason is Reason.FINISHED:
                reason = rehearsal.finish(now())
            else:
                rehearsal.stop(reason, now(), **facts)
            log.info("the run has stopped: %s", reason)
            self._metrics.close()
            for asks in self.asks:
                asks.kill(block=False)
            self._locust.will_exit(self._conclude(reason))
            spawn(self._locust.end_test, _give_up)

    def _collect_last_windows(self, leave: Seconds) -> None:
        """Of those who still play; `leave`: how long they may take to say farewell."""
        rehearsal = self._rehearsal
        for worker in rehearsal.awaited():
            self._locust.send(messages.STOP, {"run": rehearsal.run, "leave": leave}, to=worker)
        deadline = now() + leave + STOP_WITHIN
        while rehearsal.start is not None and rehearsal.awaited() and now() < deadline:
            self._news.wait(0.1)
            self._news.clear()

    def _count_what_is_left_behind(self) -> None:
        if not self._stage.embedded and (sessions := left_behind(self._rehearsal.timeline.total)):
            self._rehearsal.notice("left_behind", now(), sessions=sessions)

    def _conclude(self, reason: Reason) -> ExitStatus:
        """The exit status. Without a supervisor, end the testbed and write the report as well."""
        if self._locust.given["supervised"]:
            return STATUSES[reason]
        self._stage.end()
        summary = write_report(self._stage.folder)
        log.info("\n%s", text(summary, folder=str(self._stage.folder)))
        return ExitStatus(summary.exit_status)


def _give_up(bug: BaseException) -> None:
    """A mistake made while ending: nothing is left that could be ended."""
    log.critical("matchnight failed while ending", exc_info=bug)
    os._exit(ExitStatus.INVALID_RUN)
