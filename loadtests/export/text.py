"""The summary for a terminal or a log: the answer in its first three lines, at most 100 columns."""

import textwrap
from collections.abc import Iterator

from loadtests.export import words
from loadtests.export.ends import possible
from loadtests.export.story import story
from loadtests.export.summary import ObjectiveResult, StepRequests, Summary
from loadtests.export.terminal import BOLD, GREEN, RED, WIDTH, Paint, painter, wrapped
from loadtests.vocabulary import Outcome, Step


def text(summary: Summary, *, folder: str = "", color: bool = False) -> str:
    """The whole summary, ending with a newline. `color` (ANSI codes) is for a terminal only.

    `folder` names the run folder, whose report the last line then points to.
    """
    paint = painter(color=color)
    sections = [
        _answer(summary, paint),
        _verdict_line(summary),
        _story(summary),
        _context(summary),
        _viewers(summary),
        _objectives(summary, paint),
        _steps(summary),
        _notes(summary),
        [f"Report: {folder}/report.html"] if folder else [],
    ]
    written = ["\n".join(lines) for section in sections if (lines := list(section))]
    return "\n\n".join(written) + "\n"


def _answer(summary: Summary, paint: Paint) -> Iterator[str]:
    if not words.valid(summary):
        yield paint(words.sentence(words.validity(summary)), RED)
    sample = words.sample(summary)
    yield paint(words.black_screens(summary), BOLD) + (f" ({sample})." if sample else ".")
    trust = f"{words.validity(summary)}; " if words.valid(summary) else ""
    yield f"{words.first_failure(summary)}. {trust}{words.objectives(summary)}."
    done = "Simulated, no traffic was sent:" if summary.simulated else "Rehearsed"
    against = (
        f"{done} on the embedded stack with invented capacity: says nothing about the real event."
        if summary.embedded
        else f"{done} against {summary.target}."
    )
    yield from wrapped(against)
    if whole := words.whole(summary):
        yield f"{whole}."
    if ending := words.ending(summary):
        yield from wrapped(f"{ending}.")


def _verdict_line(summary: Summary) -> Iterator[str]:
    verdict = summary.verdict
    if verdict is None:
        return
    yield from wrapped(f"Verdict: {verdict.sentence}")
    if verdict.hostile:
        found = ", ".join(kind.replace("_", " ") for kind in verdict.hostile)
        yield from wrapped(f"Hostile traffic: pattern consistent with {found}")


def _story(summary: Summary) -> Iterator[str]:
    for term, said in story(summary):
        yield from wrapped(f"{term}: {said}")


def _context(summary: Summary) -> Iterator[str]:
    variant = f", variant {summary.variant}" if summary.variant else ""
    yield from wrapped(f"{summary.title} ({summary.scenario}{variant})")
    yield from wrapped(words.sentence(words.scaled(summary)))
    for assumption in words.assumptions(summary):
        yield from wrapped(f"- {assumption}")


def _viewers(summary: Summary) -> Iterator[str]:
    viewers = summary.viewers
    late = f", {words.count(viewers.late_arrivals)} late by the tester's fault"
    yield (
        f"Viewers: {words.count(viewers.arrived)} arrived of {words.count(viewers.planned)} planned"
        f"{late if viewers.late_arrivals else ''}"
    )
    for end, label in possible(summary).items():
        number = getattr(viewers, end)
        share = words.percent(number / viewers.arrived) if viewers.arrived else words.NONE
        mark = "black screen" if end in summary.black_screens.ends else ""
        yield f"  {label:<26}{words.count(number):>9}{share:>10}  {mark}".rstrip()
    startup = summary.startup_time
    yield (
        f"  startup time p50 {words.duration(startup.p50)}, p95 {words.duration(startup.p95)}; "
        f"stalled ratio {words.percent(summary.stalled_ratio.overall)}, "
        f"{words.count(viewers.stalled)} viewers stalled"
    )


def _objectives(summary: Summary, paint: Paint) -> Iterator[str]:
    if summary.objectives:
        yield "Objectives"
    for result in summary.objectives:
        yield f"  {_verdict(result, paint)}  {result.name}"
        yield (
            f"{'':16}measured {words.bound(result, result.measured)}, at most "
            f"{words.bound(result, result.at_most)}, {words.span(result.between)}"
        )


def _verdict(result: ObjectiveResult, paint: Paint) -> str:
    codes = {None: BOLD, True: GREEN, False: RED}
    return paint(f"{words.verdict(result):<12}", codes[result.passed])


def _steps(summary: Summary) -> Iterator[str]:
    requests = summary.requests
    if not requests.sent:
        return
    yield (
        f"Requests: {words.count(requests.sent)} sent, {words.count(requests.retries)} of them "
        f"retries, {words.count(requests.in_flight_at_end)} in flight at the end"
    )
    heading = f"{'sent':>9}{'p50':>9}{'p95':>9}{'p99':>9}{'max':>10}{'failed':>9}"
    yield f"  {'step':<12}{heading}  what else"
    for step in Step:
        if step in requests.by_step:
            yield _step(step, requests.by_step[step])


def _step(step: Step, requests: StepRequests) -> str:
    times = "".join(f"{words.duration(t):>9}" for t in (requests.p50, requests.p95, requests.p99))
    failed = words.failed(requests.outcomes)
    others = {name: n for name, n in requests.outcomes.items() if name != Outcome.OK and n}
    said = ", ".join(f"{n} {words.count(number)}" for n, number in words.by_size(others))
    line = (
        f"  {step:<12}{words.count(requests.count):>9}{times}{words.duration(requests.max):>10}"
        f"{words.count(failed):>9}  "
    )
    return (line + textwrap.shorten(said, WIDTH - len(line), placeholder=" …")).rstrip()


def _notes(summary: Summary) -> Iterator[str]:
    for problem in words.problems(summary):
        yield from wrapped(f"Problem: {problem}")
    for notice in summary.notices:
        yield from wrapped(f"Noticed: {notice}")
    if summary.blind_spots:
        yield from wrapped(
            "Blind spots, steps the target lacks or nobody consented to: "
            f"{', '.join(summary.blind_spots)}"
        )
