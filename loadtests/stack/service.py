"""The whole stack as arithmetic on time: what each request is answered, and when."""

from loadtests.chance import Chance
from loadtests.stack.accounts import read_access
from loadtests.stack.api import Api
from loadtests.stack.call import Call
from loadtests.stack.concurrency import InProgress
from loadtests.stack.connections import Slots
from loadtests.stack.edge import Edge, Slot
from loadtests.stack.event_clock import EventClock
from loadtests.stack.exchange import JSON, Answer, Headers, Request, Stated, refusal
from loadtests.stack.faults.interface import Asked, Proceed, Site
from loadtests.stack.faults.table import behind
from loadtests.stack.model import Stack
from loadtests.stack.room import Room
from loadtests.stack.station import Desk
from loadtests.units import Seconds
from loadtests.vocabulary import Step

_HLS: Headers = (
    (b"content-type", b"application/vnd.apple.mpegurl"),
    (b"cache-control", b"no-cache"),
)
_MEDIA: Headers = ((b"content-type", b"video/mp4"), (b"accept-ranges", b"bytes"))
_CACHED = {  # RFC 9211
    "hit": ((b"cache-status", b"edge; hit"),),
    "miss": ((b"cache-status", b"edge; fwd=miss"),),
}
_HEADERS = {
    (step, cache): (*headers, *said)
    for step, headers in (
        (Step.MASTER, _HLS), (Step.PLAYLIST, _HLS), (Step.INIT, _MEDIA), (Step.SEGMENT, _MEDIA),
    )
    for cache, said in _CACHED.items()
}  # fmt: skip
_RANGED = frozenset({Step.INIT, Step.SEGMENT})
_FAULTS = 0x4641554C  # which requests faults meet, the same in every run


class Service:
    """The embedded stack: `answer` decides at once, whoever calls it delivers at `Answer.at`.

    So the testbed on the wire and a simulation on paper share every decision. Calls must come in
    the order of their times. A step's station serves first; the answer is that of the moment it is
    done. The stream asks for no token, as most edges; one that is sent only names the account.
    Where its URLs are signed, it is the signature that counts, at the moment of the request.
    Faults stand before everything, once the evening has begun: what they add to an answer's time
    keeps no place of those that a limit of requests in progress leaves.
    """

    def __init__(self, stack: Stack) -> None:
        self._clock = EventClock(stack.calendar)
        self._api = Api(stack, self._clock)
        self._edge = Edge(stack, self._clock)
        self._room = Room(stack.waiting_room) if stack.waiting_room else None
        self._desks = {step: Desk(station) for step, station in stack.stations.items()}
        limit = stack.concurrency_limit
        self._in_progress = InProgress(limit) if limit else None
        self.client_timeout = stack.client_timeout
        slots = stack.connection_limit
        self._slots = Slots(slots, longest=stack.client_timeout) if slots else None
        self._behind_faults = self._with_faults(stack) if stack.faults else None

    def begin(self, at: Seconds) -> None:
        """The run begins, or began, at `at` (seconds since the epoch): so does the timetable."""
        self._clock.begin(at)

    def answer(self, request: Request, now: Seconds) -> Answer:
        """What a request complete at `now` (seconds since the epoch) is answered, and when."""
        slots = self._slots
        if slots is None:
            return self._decided(request, now)
        if slots.is_full(now):
            return self._overload(request, now)
        answer = self._decided(request, now)
        slots.add(now, answer.at)
        return answer

    def hold(self, now: Seconds) -> bool:
        """A connection is in use until `release`, nothing being asked; false: there is none left.

        `now` must not run backwards.
        """
        if self._slots is None:
            return True
        if self._slots.is_full(now):
            return False
        self._slots.hold()
        return True

    def release(self) -> None:
        """What was held is free again."""
        if self._slots is not None:
            self._slots.release()

    def too_slow(self, request: Request, now: Seconds) -> Answer:
        """What becomes of a client that does not get on, if it still does not at `now`: a 408."""
        step, account = self.step(request.target), _account(request)
        return refusal(now, Stated.CLIENT_ERROR, step=step, account=account, status=408)

    def _decided(self, request: Request, now: Seconds) -> Answer:
        if self._behind_faults is None:
            return self._answer(request, now)
        step = self.step(request.target)
        asked = Asked(request, step, request.device, _account(request))
        return self._behind_faults(asked, now)

    def _overload(self, request: Request, now: Seconds) -> Answer:
        step = self.step(request.target)
        return refusal(now, Stated.OVERLOAD, step=step, account=_account(request))

    def _with_faults(self, stack: Stack) -> Proceed:
        site = Site(
            clock=self._clock,
            desks=self._desks,
            edge=self._edge,
            room=self._room,
            token_life=stack.token_life,
            chance=Chance(_FAULTS),
        )
        return behind(stack.faults, site, lambda asked, now: self._answer(asked.request, now))

    def _answer(self, request: Request, now: Seconds) -> Answer:
        slot = self._edge.slot(request.target)
        if slot is not None:
            return self._watch(request, slot, now)
        in_progress = self._in_progress
        if in_progress is None:
            return self._called(request, now)
        if in_progress.is_full(now):
            return self._overload(request, now)
        answer = self._called(request, now)
        in_progress.add(answer.at)
        return answer

    def _called(self, request: Request, now: Seconds) -> Answer:
        access = read_access(request.token) if request.token else None
        account = access.account if access else None
        route = self._api.routes.get(request.path)
        if route is None:
            return refusal(now, Stated.NOT_FOUND, step=None, account=account)
        step = route.step
        if request.method != route.method:
            return _wrong_method(now, step, account, allowed=route.method)
        if step is Step.HOME and self._room and not self._room.admits(now):
            return _come_back(self._room, account, now)
        at = self._served(step, now)
        if at is None:
            return refusal(now, Stated.OVERLOAD, step=step, account=account)
        return route.answer(Call(request, step, access, at))

    def step(self, target: str) -> Step | None:
        """Which step a target (path and query) belongs to; None for paths no viewer knows."""
        slot = self._edge.slot(target)
        if slot is not None:
            return slot.step
        route = self._api.routes.get(target.partition("?")[0])
        return route.step if route else None

    def waiting(self, now: Seconds) -> dict[str, int]:
        """Requests in line at each station and at the `origin`, viewers in the `waiting_room`."""
        lines = {step.value: desk.waiting(now) for step, desk in self._desks.items()}
        lines["origin"] = self._edge.origin.waiting(now)
        if self._room:
            lines["waiting_room"] = self._room.waiting(now)
        return lines

    def _served(self, step: Step, now: Seconds) -> Seconds | None:
        desk = self._desks.get(step)
        return now if desk is None else desk.offer(now)

    def _watch(self, request: Request, slot: Slot, now: Seconds) -> Answer:
        account = _account(request)
        if request.method != "GET":
            return _wrong_method(now, slot.step, account, allowed="GET")
        at = self._served(slot.step, now)
        if at is not None and not self._edge.admits(slot, request.target, now):
            return refusal(at, Stated.FORBIDDEN, step=slot.step, account=account)
        cache = None if at is None else self._edge.ask(slot, now)
        if at is None or cache is None:
            return refusal(now, Stated.OVERLOAD, step=slot.step, account=account)
        at = max(at, slot.ready)
        body = self._edge.body(slot, request, account, now)
        if body is None:
            missing = refusal(at, Stated.NOT_FOUND, step=slot.step, account=account)
            return missing._replace(cache=cache)
        headers = _HEADERS[slot.step, cache]
        answer = Answer(at, 200, headers, body, slot.step, Stated.OK, account, cache)
        return answer if request.span is None else _part(answer, request.span)


def _account(request: Request) -> str | None:
    """Whose token it carries."""
    access = read_access(request.token) if request.token else None
    return access.account if access else None


def _wrong_method(now: Seconds, step: Step, account: str | None, *, allowed: str) -> Answer:
    headers = (*JSON, (b"allow", allowed.encode()))
    answer = refusal(now, Stated.CLIENT_ERROR, step=step, account=account, status=405)
    return answer._replace(headers=headers)


def _come_back(room: Room, account: str | None, now: Seconds) -> Answer:
    status, retry_after, body = room.refusal(now)
    headers = (*JSON, (b"retry-after", retry_after)) if retry_after else JSON
    return Answer(now, status, headers, body, Step.HOME, Stated.QUEUED, account)


def _part(answer: Answer, span: tuple[int, int]) -> Answer:
    """The range of it that was asked for; playlists are given whole (RFC 9110, 14.2)."""
    if answer.step not in _RANGED:
        return answer
    size = len(answer.body)
    first, last = span[0], min(span[1], size - 1)
    if first > last:
        stated, account = Stated.CLIENT_ERROR, answer.account
        return refusal(answer.at, stated, step=answer.step, account=account, status=416)
    headers = (*answer.headers, (b"content-range", b"bytes %d-%d/%d" % (first, last, size)))
    return answer._replace(status=206, headers=headers, body=answer.body[first : last + 1])
