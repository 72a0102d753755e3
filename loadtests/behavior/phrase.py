"""One request of a target profile, compiled: written for any viewer, its answer judged."""

from typing import TYPE_CHECKING, Final, NamedTuple

from loadtests.behavior.judge import by_default, limited, retry_after
from loadtests.behavior.reading import Absent, Reading, Take, Test, take
from loadtests.behavior.steps import Fetch, Reply
from loadtests.behavior.words import PER_REQUEST, Text, Words, named
from loadtests.scenario.answering import Keep, Meaning
from loadtests.scenario.profile import Exchange
from loadtests.units import Seconds, parse_duration
from loadtests.url import resolve, split
from loadtests.vocabulary import SIDE_EFFECTS, Outcome, Step

if TYPE_CHECKING:
    from loadtests.behavior.language import Language
    from loadtests.behavior.seal import Seal

PENDING: Final = object()
"""The value of a reply that said: not yet, ask again."""

_OK = Outcome.OK
_GARBAGE = Outcome.GARBAGE
_SUCCESS = range(200, 300)
_REDIRECTION = range(300, 400)
_UNNAMED = "unnamed"


class _Kept(NamedTuple):
    """One text to keep: its name and how it is taken; `in_header`: a header has to carry it."""

    name: str
    take: Take
    how: Keep
    in_header: bool


class _Meant(NamedTuple):
    test: Test
    outcome: Outcome
    detail: Take | str | None  # of the code or the seconds; a text: that one


class Phrase:
    """One exchange of a step. Nothing in it is a viewer's: all share it.

    `judge` leaves in `reply.value` what is kept (OK; None: nothing), `PENDING`, the code (POLICY),
    seconds (QUEUED), or what is wrong and where the profile says so (GARBAGE).
    """

    __slots__ = (
        "_body", "_codes", "_every", "_exchange", "_expect", "_fixed", "_keeps", "_language",
        "_lines", "_means", "_pending", "_seal", "_shown", "_slower", "_url", "_uses_session",
        "follow", "has_fixed", "is_for_all", "is_volatile", "listens", "method", "polls_for",
        "step", "where",
    )  # fmt: skip

    def __init__(self, step: Step, exchange: Exchange, language: "Language") -> None:
        self.step = step
        self.where = exchange.where
        self.follow = exchange.follow
        self.method = exchange.method or ("POST" if exchange.has_body else "GET")
        self._exchange = exchange
        self._language = language
        self._url = language.url_of(exchange.url)
        self._shown = None if self._url.fixed is None else language.shows(self._url.fixed)
        self._uses_session = self._shown is True and language.is_of_session
        self.is_for_all = not exchange.devices and not exchange.other_devices
        self._body = language.body(exchange)
        self._lines = language.lines(exchange)
        self._seal: Seal | None = language.seals.get(exchange.sign or "")
        texts = [self._url, *self._lines.texts]
        if isinstance(self._body, Text):
            texts.append(self._body)
        self.is_volatile = self._seal is not None or not PER_REQUEST.isdisjoint(named(texts))
        self._hear(exchange)

    def _hear(self, exchange: Exchange) -> None:
        """Compile what is said of answers."""
        self._means = tuple(map(_meant, exchange.means))
        self._expect = None if exchange.expect is None else Test(exchange.expect)
        self._codes = frozenset() if self._expect is None else self._expect.codes
        repeat = exchange.repeat
        self._pending = None if repeat is None else Test(repeat.pending)
        self._slower = None if repeat is None or repeat.slower is None else Test(repeat.slower)
        self._every = self._language.text(None if repeat is None else repeat.every)
        # how long it is asked again while the answer is PENDING; 0: it is asked once
        self.polls_for: Seconds = 0.0 if repeat is None else repeat.at_most
        in_header = self._language.header_names
        self._keeps = tuple(
            _Kept(name, found, how, name in in_header)
            for name, how in exchange.keep.items()
            if (found := take(how)) is not None
        )
        self._fixed = {
            name: self._language.text(how.fixed)
            for name, how in exchange.keep.items()
            if how.fixed is not None
        }
        self.has_fixed = bool(self._fixed)
        said = (exchange.means, exchange.expect, repeat, self._keeps)
        self.listens = any(said) or not exchange.follow

    @property
    def has_side_effect(self) -> bool:
        """Whether it creates, cancels, texts or calls."""
        stated = self._exchange.side_effect
        return self.step in SIDE_EFFECTS if stated is None else stated

    def is_for(self, device: str) -> bool:
        """Whether viewers on this device of the scenario say it."""
        only, others = self._exchange.devices, self._exchange.other_devices
        return (not only or device in only) and device not in others

    # saying it

    def write(self, words: Words, attempt: int = 1) -> Fetch:
        """The request; Unsaid: a name in it stands for nothing."""
        session, language = words.session, self._language
        url = self._url.fixed or language.absolute(self._url.say(words))
        if self._uses_session:
            headers = session.headers
        else:
            shown = language.shows(url) if self._shown is None else self._shown
            headers = language.before(words, shown=shown)
        lines = self._lines
        headers += lines.say(words) if lines.fixed is None else lines.fixed
        body = self._body
        if isinstance(body, Text):
            body = body.say(words).encode()
        if self._seal is not None:
            headers += self._seal(words, self.method, url, body)
        if self.has_fixed:
            self.fixed(words)  # what cannot be said after the answer cannot be promised before
        return Fetch(
            self.step,
            url,
            session.profile.manners[self.step].timeouts,
            method=self.method,
            headers=headers,
            body=body,
            attempt=attempt,
            phrase=self,
        )

    def fixed(self, words: Words) -> dict[str, str]:
        """What is kept of a good answer whatever it says."""
        return {name: text.say(words) for name, text in self._fixed.items()}

    # hearing the answer

    def judge(self, reply: Reply) -> Outcome:
        """What an answer that arrived whole means; see the class for what is in `reply.value`."""
        if not self.listens:
            return by_default(reply)
        reading = Reading(reply)
        for meant in self._means:
            if meant.test.holds(reading):
                return _apply(meant, reading)
        if self._pending is not None and self._pending.holds(reading):
            reply.value = PENDING
            return _OK
        status = reply.status
        if status in self._codes or (not self.follow and status in _REDIRECTION):
            return self._good(reading)
        outcome = by_default(reply)
        return self._good(reading) if outcome is _OK and status in _SUCCESS else outcome

    def _good(self, reading: Reading) -> Outcome:
        """The answer may be good: whether it is, and what it leaves."""
        reply, expect = reading.reply, self._expect
        if expect is not None:
            if self._codes and reply.status not in self._codes:
                return _garbage(reply, f"{expect.where}.status: {reply.status} is not among them")
            lack = expect.lack(reading)
            if lack is not None:
                return _garbage(reply, f"{expect.where}.{lack}")
        if not self._keeps:
            return _OK
        kept: dict[str, str] = {}
        for each in self._keeps:
            wrong = _keep(each, reading, kept)
            if wrong is not None:
                return _garbage(reply, f"{each.how.where}: {wrong}")
        reply.value = kept
        return _OK

    # polling

    def interval(self, words: Words) -> Seconds:
        """From an answer that is PENDING to the next request; Unsaid: what says so is missing."""
        repeat = self._exchange.repeat
        assert repeat is not None  # noqa: S101 - the caller asked
        try:
            text = self._every.say(words)
            return float(text) if repeat.every.names else parse_duration(text)
        except ValueError:
            return _NO_INTERVAL

    def slows(self, reply: Reply) -> bool:
        """Whether the answer asks for a longer interval."""
        return self._slower is not None and self._slower.holds(Reading(reply))


_NO_INTERVAL: Seconds = 5.0
"""Where the stack names none that is a number (RFC 8628, 3.2)."""


def _keep(each: _Kept, reading: Reading, kept: dict[str, str]) -> str | None:
    """Put into `kept` what is to be kept; what is wrong, if it cannot be."""
    try:
        text = each.take(reading)
    except Absent as absent:
        return None if each.how.optional else str(absent)
    if each.how.resolve:
        try:
            text = resolve(reading.reply.fetch.url, text)
            split(text)
        except ValueError:
            return "what is found is no URL"
    if each.in_header and not (text and text.isascii() and text.isprintable()):
        return "what is found cannot stand in a header"
    kept[each.name] = text
    return None


def _meant(meaning: Meaning) -> _Meant:
    source = meaning.code or meaning.wait
    detail: Take | str | None = None
    if source is not None:
        detail = source.fixed.text if source.fixed is not None else take(source)
    return _Meant(Test(meaning), meaning.outcome, detail)


def _apply(meant: _Meant, reading: Reading) -> Outcome:
    reply, detail = reading.reply, meant.detail
    try:
        text = detail if detail is None or isinstance(detail, str) else detail(reading)
    except Absent:
        text = None
    if meant.outcome is Outcome.POLICY:
        reply.value = text or _UNNAMED
    elif meant.outcome is Outcome.QUEUED:
        reply.value = _seconds(text, reply)
    elif meant.outcome is _GARBAGE:
        reply.value = f"{meant.test.where}: it is said to be garbage"
    return meant.outcome


def _seconds(text: str | None, reply: Reply) -> Seconds:
    """As many as the answer names, else as Retry-After does."""
    try:
        return limited(float(text or ""))
    except ValueError:
        return retry_after(reply)


def _garbage(reply: Reply, why: str) -> Outcome:
    reply.value = why
    return _GARBAGE
