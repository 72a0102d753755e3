"""A set-top box starts: where it belongs, and the way there if that has changed."""

from loadtests.behavior.retry import overheard
from loadtests.behavior.session import Session
from loadtests.behavior.speech import has, perform
from loadtests.behavior.steps import Journey, Reply
from loadtests.units import Seconds
from loadtests.vocabulary import Fact, Outcome, Step


def start_box(session: Session, now: Seconds) -> Journey:
    """Ask for configuration and platform, and move if it is another. Returns the last Reply."""
    reply: Reply = yield from _ask(session, Step.BOOT, now, {"box": name(session)})
    if reply.ok and session.held("move_to") and has(session, Step.REGISTER):
        session.keep("platform", session.held("move_to"))
        reply = yield from register(session, reply.done)
        if reply.ok:
            session.note(Fact.MIGRATED, reply.done)
    if reply.ok and has(session, Step.BOOT):
        session.note_once(Fact.BOX_STARTED, reply.done)
    return reply


def register(session: Session, now: Seconds) -> Journey:
    """Say that the box belongs to the platform it was told last. Returns the last Reply."""
    said = {"box": name(session), "platform": session.held("platform")}
    return _ask(session, Step.REGISTER, now, said)


def name(session: Session) -> str:
    """What the box is called: of each viewer the same, whenever it starts."""
    return f"box-{session.arrival.index:07d}"


def _ask(session: Session, step: Step, now: Seconds, said: dict[str, str]) -> Journey:
    """A step the box repeats by itself, its owner looking at the error screen meanwhile."""

    def look(reply: Reply) -> None:
        if reply.outcome not in {Outcome.OK, Outcome.QUEUED}:
            session.note_once(Fact.BOX_FAILED, reply.done)

    return overheard(perform(session, step, now, said), look)
