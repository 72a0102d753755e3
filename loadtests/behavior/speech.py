"""Steps said in the target's own words, repeated as the viewer's player does."""

from collections.abc import Mapping

from loadtests.behavior.credentials import REFRESH_TOKEN
from loadtests.behavior.language import NOTHING
from loadtests.behavior.phrase import PENDING, Phrase
from loadtests.behavior.retry import ask, persist
from loadtests.behavior.session import HASTE, Session
from loadtests.behavior.steps import Fetch, Journey, Reply, Timeouts, Wait
from loadtests.behavior.words import Unsaid, Words
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome, Step

SLOWER: Seconds = 5.0
"""How much longer a poller waits from then on when told to slow down (RFC 8628, 3.5)."""

UNSAID = "unsaid:"
"""In place of a URL that stands for nothing: no world can ask for it, which is recorded."""

_OK = Outcome.OK
_NOWHERE = Timeouts(0.0, 0.0, 0.0)


def perform(
    session: Session,
    step: Step,
    now: Seconds,
    said: Mapping[str, str] = NOTHING,
    *,
    once: bool = False,
) -> Journey:
    """Do `step`, due at `now`; returns the last Reply.

    `said` is what this viewer has to say in it, by the names the target's profile uses. What the
    profile keeps of a good answer is in `session.kept` afterwards; the code of a policy refusal is
    the reply's `value`, and so is, of garbage, what is wrong with it. Each request is repeated as
    the player's profile says, unless `once`. A step the target does not have, or that may not be
    done, is done at once, without a request: an OK reply with id 0.
    """
    target = session.target
    phrases = target.language.phrases.get(step)
    if phrases is None or not target.permits(step):
        return _skipped(step, now)
    words = Words(session, said, now, target.language.names)
    reply: Reply | None = None
    for phrase in phrases:
        if not phrase.is_for_all and not phrase.is_for(session.arrival.device_name):
            continue
        if reply is not None:
            words.again(reply.done)
        reply = yield from (_poll if phrase.polls_for else _send)(session, phrase, words, once)
        if reply.outcome is not _OK:
            return reply
        if phrase.has_fixed or type(reply.value) is dict:
            _keep(session, phrase, words, reply)
    return _skipped(step, now) if reply is None else reply


def write(session: Session, step: Step, now: Seconds) -> Fetch | None:
    """The first request of `step`, unsent; None if the target has no such step, or it is unsaid."""
    language = session.target.language
    phrases = language.phrases.get(step)
    if not phrases:
        return None
    try:
        return phrases[0].write(language.words(session, now))
    except Unsaid:
        return None


def has(session: Session, step: Step) -> bool:
    """Whether the target has this step and it may be done: else it is a blind spot."""
    target = session.target
    return step in target.language.phrases and target.permits(step)


def master_url(session: Session) -> str:
    """Where the master playlist is; UNSAID if no answer so far left it."""
    language = session.target.language
    try:
        return language.absolute(language.master_url.say(language.words(session, session.born)))
    except Unsaid:
        return UNSAID


def _send(session: Session, phrase: Phrase, words: Words, once: bool) -> Journey:  # noqa: FBT001 - as the others
    """One request, repeated unless `once`. Returns the last Reply."""
    try:
        fetch = phrase.write(words)
    except Unsaid as unsaid:
        return (yield from _unsaid(session, phrase, unsaid))
    if once:
        return (yield from ask(session, fetch))
    if not phrase.is_volatile:
        return (yield from persist(session, fetch))

    def anew(attempt: int, at: Seconds) -> Fetch:
        words.again(at)
        return phrase.write(words, attempt)

    return (yield from persist(session, fetch, anew))


def _poll(session: Session, phrase: Phrase, words: Words, once: bool) -> Journey:  # noqa: FBT001 - as the others
    """The same request again while the answer says: not yet. Returns the last Reply.

    If that takes too long the reply counts as queued: the viewer was told to wait to the end. What
    was recorded of the request stays as it is, a good answer.
    """
    over, longer = words.at + phrase.polls_for, 0.0
    while True:
        reply: Reply = yield from _send(session, phrase, words, once)
        if not reply.ok or reply.value is not PENDING:
            return reply
        longer += SLOWER if phrase.slows(reply) else 0.0
        try:
            interval = max(HASTE, phrase.interval(words) + longer)
        except Unsaid as unsaid:
            return (yield from _unsaid(session, phrase, unsaid))
        if reply.done + interval > over:
            reply.outcome = session.last_answer = Outcome.QUEUED
            reply.value = interval
            return reply
        words.again((yield Wait(reply.done + interval)))


def _unsaid(session: Session, phrase: Phrase, unsaid: Unsaid) -> Journey:
    """A request that cannot be written is one that failed: it is recorded as garbage, unsent."""
    timeouts = session.profile.manners[phrase.step].timeouts
    fetch = Fetch(phrase.step, UNSAID, timeouts, method=phrase.method, phrase=phrase)
    reply: Reply = yield fetch
    reply.outcome = session.last_answer = Outcome.GARBAGE
    reply.value = f"{phrase.where}: {unsaid}"
    return reply


def _keep(session: Session, phrase: Phrase, words: Words, reply: Reply) -> None:
    """Hold what a good answer left, and use it from now on."""
    kept: dict[str, str] = reply.value if type(reply.value) is dict else {}
    if phrase.has_fixed:
        kept |= phrase.fixed(words)
    if session.kept is None:
        session.kept = kept
    else:
        session.kept.update(kept)
    if phrase.step is Step.SIGN_UP:
        session.target.credentials.signed_up(session.arrival.index)
    if REFRESH_TOKEN in kept:
        session.target.credentials.renewed(session.arrival.index, kept[REFRESH_TOKEN])
    language = session.target.language
    if not language.header_names.isdisjoint(kept):
        session.headers = language.stream_headers(session)


def _skipped(step: Step, now: Seconds) -> Reply:
    reply = Reply(Fetch(step, "", _NOWHERE), now)  # never sent
    reply.outcome = Outcome.OK
    return reply
