"""`matchnight check --probe`: one viewer walked through a target, step by step, for people to see.

It goes the way of a viewer who signs in, watches a few segments and leaves, and asks on the way for
whatever else the target has. It stops at the first step that does not do what the profile says.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from loadtests.behavior.credentials import PASSWORD, REFRESH_TOKEN
from loadtests.behavior.journeys.titles import title
from loadtests.behavior.media import play, tune_in
from loadtests.behavior.session import Session, Stop
from loadtests.behavior.speech import UNSAID, has, master_url, perform
from loadtests.behavior.steps import Journey, Race, Reply, Wait
from loadtests.behavior.target import Target
from loadtests.behavior.track import Track
from loadtests.errors import ExitStatus
from loadtests.swarm.accounts import Dealt, read_accounts
from loadtests.swarm.advice import UNREACHED, advice, expectation
from loadtests.swarm.edge import on_interrupt
from loadtests.swarm.lock import hold
from loadtests.swarm.options import Options
from loadtests.swarm.outing import Outing, target_of
from loadtests.swarm.reach import check_target
from loadtests.swarm.redact import Redactor, is_secret_name
from loadtests.swarm.transcript import Transcript
from loadtests.units import Seconds, write_duration
from loadtests.vocabulary import Outcome, Step

BEFORE = (
    Step.WEBSITE, Step.BOOT, Step.REGISTER, Step.HOME, Step.SIGN_UP, Step.SIGN_IN, Step.REFRESH,
    Step.CATALOG, Step.ACCOUNT, Step.HOUSEHOLD_CODE, Step.HOUSEHOLD, Step.ENTITLEMENT,
    Step.SESSION, Step.LICENSE, Step.DOWNLOAD, Step.RENEWAL,
)  # fmt: skip
AFTER = (Step.HEARTBEAT, Step.LEAVE, Step.SUPPORT, Step.CANCEL)
"""The order of a probe: what ends something comes last."""

NEEDED = frozenset({Step.HOME, Step.SIGN_IN, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE})
"""Steps a viewer cannot watch without: refused on purpose, nothing that follows means anything."""

SEGMENTS = 3  # of each track, and it is believed to play
WATCHED: Seconds = 10.0  # at most
LONGEST_WAIT: Seconds = 60.0  # in a waiting room
TURNS = 5  # there
ON_HOLD = "5"  # seconds a probe waits for somebody at the support desk


def probe(given: Mapping[str, Any]) -> ExitStatus:
    """Walk one viewer through the target; `given`: the command line's texts.

    PASSED if every step did what the profile says, MISSED if one did not, UNREACHABLE if the target
    could not be spoken to. MatchnightError if it may not, or something is missing.
    """
    options = Options.of(given)
    with ExitStack() as held:
        hold(held, consent=options.consent, accounts=options.accounts)
        target = _with_account(target_of(options), options)
        check_target(target.url, options, viewers=1)
        redactor = Redactor(_hidden(target))
        transcript = Transcript(sys.stdout.write, target.url, redactor)
        seen = _Seen(transcript, redactor)
        outing = Outing(
            target, options, viewers=1, device=given.get("device"), on_reply=seen.replied
        )
        held.callback(outing.close)
        on_interrupt(lambda: None)  # raised where it is waited, not in a callback of the loop's
        guest = _Guest(seen, target.side_effects if _spares(given, options) else frozenset())
        _begin(transcript, target, outing)
        wrong: Reply | None = outing.result(outing.send(0, guest.walk))
    return _end(transcript, target, guest, wrong)


class _Seen:
    """Hears every reply, and tells it."""

    def __init__(self, transcript: Transcript, redactor: Redactor) -> None:
        self.transcript = transcript
        self.replies: list[Reply] = []
        self._redactor = redactor

    def replied(self, reply: Reply, _viewer: int) -> None:
        """A request has ended."""
        if type(reply.value) is dict:
            self._redactor.learn(v for k, v in reply.value.items() if is_secret_name(k))
        self.replies.append(reply)
        self.transcript.request(reply)

    def segments(self) -> int:
        """How many segments have come, of all tracks."""
        return sum(reply.ok and reply.fetch.step is Step.SEGMENT for reply in self.replies)

    @property
    def last(self) -> Reply:
        """The latest that failed, or the latest of all."""
        failed = [r for r in self.replies if r.outcome not in {Outcome.OK, Outcome.CANCELED}]
        return (failed or self.replies)[-1]


class _Guest:
    """The viewer of a probe."""

    def __init__(self, seen: _Seen, spared: frozenset[Step]) -> None:
        """`spared` are steps that are left out although the target has them."""
        self.started_after: Seconds | None = None  # the first frame; None: none came
        self.spared = spared
        self.skipped: dict[Step, str] = {}  # why
        self._seen = seen
        self._say = seen.transcript.line

    def walk(self, session: Session, now: Seconds) -> Journey:
        """All of it. Returns the Reply that is not as it should be; None: all are."""
        born = now
        now, wrong = yield from self._steps(session, BEFORE, now)
        if wrong is None:
            stop, now, tracks = yield from tune_in(session, master_url(session))
            if stop is not Stop.STARTED:
                return self._seen.last
            self.started_after = now - born
            stop, now = yield from self._watch(tracks, now)
            if stop is Stop.FAILED:
                return self._seen.last
            now, wrong = yield from self._steps(session, AFTER, now)
        return wrong

    def _steps(self, session: Session, steps: tuple[Step, ...], now: Seconds) -> Journey:
        """These steps. Returns (when, the Reply that is not as it should be or None)."""
        for step in steps:
            if not self._does(session, step):
                continue
            reply: Reply = yield from self._step(session, step, now)
            now = reply.done
            if not reply.ok and (reply.outcome is not Outcome.POLICY or step in NEEDED):
                return now, reply
        return now, None

    def _step(self, session: Session, step: Step, now: Seconds) -> Journey:
        """One step, and again when told to come back. Returns the last Reply."""
        for _ in range(TURNS):
            said = _said(session, step)
            reply: Reply = yield from perform(session, step, now, said, once=True)
            if reply.outcome is not Outcome.QUEUED or float(reply.value) > LONGEST_WAIT:
                break
            self._say(f"      told to come back in {write_duration(float(reply.value))}")
            now = yield Wait(reply.done + float(reply.value))
        return reply

    def _does(self, session: Session, step: Step) -> bool:
        """Whether the step is probed; why not is remembered."""
        if step in self.spared:
            self.skipped[step] = "side effects: --side-effects, and a count each in the consent"
        elif not has(session, step):
            if step in session.target.language.phrases:
                self.skipped[step] = "the consent has no count left for them"
        elif step is Step.REFRESH and not _refresh_token(session):
            self.skipped[step] = "nothing keeps a refresh_token"
        elif step is Step.HOUSEHOLD and not session.held("code"):
            self.skipped[step] = "the code is on its way to a person"
        return step not in self.skipped and has(session, step)

    def _watch(self, tracks: tuple[Track, ...], now: Seconds) -> Journey:
        """Play some segments. Returns (Stop, when)."""
        wanted = SEGMENTS * len(tracks)
        _, (stop, at, *_) = yield Race(*(play(t, now) for t in tracks), self._enough(wanted, now))
        return stop, at

    def _enough(self, wanted: int, now: Seconds) -> Journey:
        """Until so many segments are there. Returns (Stop, when)."""
        until = now + WATCHED
        while self._seen.segments() < wanted and now < until:
            now = yield Wait(now + 0.1)
        return Stop.LEFT, now


def _refresh_token(session: Session) -> str:
    held = session.target.credentials.of(session.arrival.index)
    return session.held(REFRESH_TOKEN) or held.get(REFRESH_TOKEN, "")


def _said(session: Session, step: Step) -> dict[str, str]:
    """What a viewer has to say in a step."""
    box = f"box-{session.arrival.index:07d}"
    habits = session.scenario.downloads
    wanted = {"title": title(0.0, habits.titles, habits.popularity)}
    return {
        Step.BOOT: {"box": box},
        Step.REGISTER: {"box": box, "platform": session.held("platform")},
        Step.HOUSEHOLD: {"code": session.held("code")},
        Step.SUPPORT: {"patience": ON_HOLD},
        Step.DOWNLOAD: wanted,
        Step.RENEWAL: {**wanted, "license": session.held("license")},
        Step.HEARTBEAT: {"position": "1.000"},
    }.get(step, {})


def _with_account(target: Target, options: Options) -> Target:
    """The target as the first account sees it, if any were brought."""
    if options.accounts is None:
        return target
    accounts = read_accounts(options.accounts)
    return replace(target, credentials=Dealt(accounts.share([0])))


def _hidden(target: Target) -> Iterator[str]:
    """What is not shown at all: passwords and the profile's secrets."""
    yield target.credentials.of(0).get(PASSWORD, "")
    yield from target.language.secrets


def _spares(given: Mapping[str, Any], options: Options) -> bool:
    """Whether side effects are left out: beyond this machine, unless they are asked for."""
    return options.consent is not None and not given.get("side_effects")


def _begin(transcript: Transcript, target: Target, outing: Outing) -> None:
    transcript.line(f"{target.url}, spoken to as: {target.language.profile.title}")
    transcript.line(f"One viewer, on a device of the kind {outing.device}")
    transcript.line()


def _end(transcript: Transcript, target: Target, guest: _Guest, wrong: Reply | None) -> ExitStatus:
    transcript.line()
    if wrong is not None:
        _tell_wrong(transcript, target, wrong)
    else:
        transcript.line(
            f"Everything works: a first frame {guest.started_after or 0:.2f} s after the app starts"
        )
    for why in dict.fromkeys(guest.skipped.values()):
        steps = ", ".join(step for step in guest.skipped if guest.skipped[step] == why)
        transcript.paragraph(f"{steps} ({why})", lead="Left out: ")
    if target.blind_spots:
        steps = ", ".join(target.blind_spots)
        transcript.paragraph(f"{steps} (the profile has no such step)", lead="Blind spots: ")
    if wrong is None:
        return ExitStatus.PASSED
    return ExitStatus.UNREACHABLE if wrong.outcome in UNREACHED else ExitStatus.MISSED


def _tell_wrong(transcript: Transcript, target: Target, wrong: Reply) -> None:
    fetch = wrong.fetch
    transcript.line(f"It goes wrong at {fetch.step}.")
    phrase = fetch.phrase
    where = "" if phrase is None else str(phrase.where)
    if fetch.url != UNSAID:
        transcript.paragraph(f"{fetch.method} {transcript.clean(fetch.url)}", lead="  asked     ")
    elif phrase is None:
        master = target.language.profile.stream.master.text
        where = f"stream.master: {master}: no answer so far has left what stands in it"
    for exchange in target.language.profile.exchanges(fetch.step):
        if phrase is not None and exchange.where == phrase.where:
            transcript.paragraph(expectation(exchange), lead="  expected  ")
    transcript.paragraph(transcript.answer(wrong), lead="  came      ")
    if wrong.outcome is Outcome.GARBAGE and isinstance(wrong.value, str):
        where = wrong.value
    if where:
        transcript.paragraph(where, lead="  profile   ")
    transcript.paragraph(advice(wrong), lead="  look at   ")
