"""What a stack of known capacity makes of the night, and what could be done, in lines."""

from collections.abc import Iterator, Mapping

from loadtests.export import words
from loadtests.export.terminal import BOLD, Paint, wrapped
from loadtests.paper.plan.compare import Carried, Outlook
from loadtests.paper.plan.headroom import Break, Headroom, StepHeadroom
from loadtests.paper.plan.load import peak
from loadtests.paper.plan.losses import Likely
from loadtests.paper.plan.plan import Case, Plan
from loadtests.paper.plan.plan_words import number, people, rate, ratio
from loadtests.paper.plan.remedies import Admission, Buffer
from loadtests.vocabulary import Step

_NOTHING = 0.001
"""Requests a second that are arithmetic's dust: a step nobody asks for has no line."""


def outlooks(plan: Plan, paint: Paint) -> Iterator[str]:
    """Black screens, headroom, reserve and waiting room; nothing without a signature."""
    signature = plan.question.signature
    if signature is None:
        return
    for case, outlook in plan.outlooks.items():
        for line in wrapped(f"{case.upper()}: {_answer(outlook.headroom)}"):
            yield paint(line, BOLD)
    where = f"{signature.target}, measured {signature.created[:10]}"
    yield from wrapped(f"Capacity of {where}, as large as the night needs it:")
    yield from _table(plan.outlooks)
    for case, outlook in plan.outlooks.items():
        yield from _remedies(case, outlook)


def _answer(headroom: Headroom) -> str:
    """Whether it will carry the night, and what that costs viewers where not."""
    first = headroom.first
    if first is None or first.breaks is None or first.breaks.at is None:
        straddles = [step.step for step in headroom.steps if step.breaks is not None]
        unknown = [step.step for step in headroom.steps if step.is_unknown]
        if straddles:
            return f"it may just hold: {_listed(straddles)} within the knee's interval"
        if unknown:
            return f"nobody knows: {_listed(unknown)} asked more than it was ever seen to carry"
        return "it holds"
    expected = headroom.expected
    share = "" if expected.share is None else f", {words.percent(expected.share.value)} of viewers"
    return (
        f"{first.step} breaks {words.moment(first.breaks.at)}; about "
        f"{_likely(expected.viewers)} black screens{share}"
    )


def _listed(steps: list[Step]) -> str:
    return f"{', '.join(steps)} {'is' if len(steps) == 1 else 'are'}"


def _likely(figure: Likely) -> str:
    return f"{people(figure.value)} ({people(figure.low)} to {people(figure.high)})"


def _table(found: Mapping[Case, Carried]) -> Iterator[str]:
    """Each step's peak and headroom in either case."""
    heads = "".join(f"{'asked ' + case.upper():>12}{'headroom':>10}" for case in found)
    yield f"  {'step':<13}{'carries':>26}{heads}"
    per_step = zip(*(outlook.headroom.steps for outlook in found.values()), strict=True)
    for steps in per_step:
        first = steps[0]
        if all(step.peak < _NOTHING for step in steps):
            continue
        figures = "".join(f"{rate(s.peak):>12}{_room(s):>10}" for s in steps)
        yield f"  {first.step:<13}{_carries(first):>26}{figures}"
        for case, step in zip(found, steps, strict=True):
            if step.breaks is not None:
                yield f"  {'':<13}{case.upper()}: {_breaks(step.breaks)}"
    unmeasured = next(iter(found.values())).headroom.unmeasured
    if unmeasured:
        yield from wrapped(f"  Not in the signature: {', '.join(unmeasured)}")


def _carries(step: StepHeadroom) -> str:
    knee = step.knee
    if knee.at_least or knee.high is None:
        return f"at least {rate(knee.value)}"
    return f"{rate(knee.value)} ({number(knee.low)} to {number(knee.high)})"


def _room(step: StepHeadroom) -> str:
    if step.is_unknown:
        return "unknown"
    return f"> {ratio(step.ratio)}" if step.knee.at_least else ratio(step.ratio)


def _breaks(found: Break) -> str:
    lasts = words.duration(found.lasts.value) if found.lasts.value else "no time"
    if found.at is None:
        return (
            f"breaks at {words.offset_clock(found.earliest)} only if it carries no more than the "
            "low end"
        )
    latest = "never" if found.latest is None else words.offset_clock(found.latest)
    return (
        f"breaks at {words.offset_clock(found.at)} ({words.offset_clock(found.earliest)} to "
        f"{latest}), too much is asked for {lasts}"
    )


def _remedies(case: Case, outlook: Carried) -> Iterator[str]:
    for buffer in outlook.buffers:
        if buffer.size > 0 and buffer.begin is not None:
            yield from wrapped(f"  {case.upper()}: {_buffer(buffer)}")
    if outlook.room is not None and outlook.headroom.first is not None:
        yield from wrapped(f"  {case.upper()}: {_admission(outlook.room)}")


def _buffer(buffer: Buffer) -> str:
    if buffer.is_all:
        return (
            f"{buffer.step}: scaling takes {words.duration(buffer.takes)} and comes too late; the "
            f"whole peak must stand ready"
        )
    assert buffer.begin is not None  # noqa: S101 - only those are told
    return (
        f"{buffer.step}: scaling takes {words.duration(buffer.takes)}, so {rate(buffer.size)} "
        f"({words.percent(buffer.share)} of the peak) must stand ready beside what is in use; "
        f"order more by {words.offset_clock(buffer.begin)}"
    )


def _admission(room: Admission) -> str:
    said = f"a waiting room should admit at most {rate(room.rate)}"
    if room.from_ is None:
        return f"{said}; nobody would wait"
    until = "" if room.until is None else f" to {words.offset_clock(room.until)}"
    return (
        f"{said}: a line from {words.offset_clock(room.from_)}{until}, at most "
        f"{people(room.at_once)} in it for up to {words.duration(room.longest)}; "
        f"{words.percent(room.leaves)} leave it, {words.percent(room.late)} start late"
    )


def what_ifs(plan: Plan) -> Iterator[str]:
    """Each case beside the night as it is."""
    if not plan.what_ifs:
        return
    of = " of this event alone" if plan.question.also or plan.question.background else ""
    yield f"What if, P50{of}"
    titles = ("joins/s", "sign_in/s", "requests/s", "tightest", "black screens")
    widths = (10, 11, 12, 24, 15)
    heads = "".join(f"{t:>{w}}" for t, w in zip(titles, widths, strict=True))
    yield f"  {'at most':<24}{heads}"
    for outlook in plan.what_ifs:
        figures = "".join(f"{f:>{w}}" for f, w in zip(_case(outlook), widths, strict=True))
        yield f"  {outlook.name:<24}{figures}"
        room = outlook.carried.room if outlook.carried else None
        if outlook.case.room is not None and room is not None:
            yield from wrapped(f"    {_line(room)}")
        if outlook.older > plan.what_ifs[0].older:
            more = outlook.older - plan.what_ifs[0].older
            yield f"    live viewers are {words.duration(more)} further behind, on average"


def _case(outlook: Outlook) -> tuple[str, ...]:
    night = outlook.night
    headroom = outlook.carried.headroom if outlook.carried else None
    asked = [sum(rates) for rates in zip(*night.requests.values(), strict=True)]
    tightest = headroom.tightest if headroom else None
    return (
        number(peak(night, night.arrivals).value),
        number(peak(night, night.requests.get(Step.SIGN_IN, ())).value),
        number(max(asked, default=0.0)),
        words.NONE if tightest is None else f"{tightest.step} {ratio(tightest.ratio)}",
        words.NONE if headroom is None else people(headroom.expected.viewers.value),
    )


def _line(room: Admission) -> str:
    if room.from_ is None:
        return "nobody waits"
    return (
        f"at most {people(room.at_once)} wait, up to {words.duration(room.longest)}; "
        f"{words.percent(room.leaves)} leave, {words.percent(room.late)} start late"
    )
