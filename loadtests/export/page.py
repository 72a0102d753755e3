"""`report.html`: one page that needs nothing from anywhere, and may not ask for it either."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from loadtests.audience import crowd
from loadtests.collect import qoe, requests
from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Window
from loadtests.export import charts, verdict_words, words
from loadtests.export.archive import Run
from loadtests.export.incident_charts import grid, incident_charts
from loadtests.export.notes import notes
from loadtests.export.sheet import sheet
from loadtests.export.story import story
from loadtests.export.strip import joined, strip
from loadtests.export.summary import Summary
from loadtests.export.tables import tables
from loadtests.export.verdict_record import Case
from loadtests.scenario.model import Scenario
from loadtests.vocabulary import Step


def page(run: Run, summary: Summary, case: Case | None = None) -> str:
    """The whole page as HTML; with the verdict on the run, if there is one."""
    content, drawing = _content(run, summary)
    return sheet("page", content | {"case": case, "said": verdict_words}, drawing)


def _content(run: Run, summary: Summary) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the template is filled with, and what the script draws."""
    scenario, total = run.scenario, run.timeline.total
    made, planned = charts.points(run.timeline), crowd.planned(scenario)
    moments = charts.moments(scenario, summary.first_failing_step)
    drawing = charts.drawing(scenario, total, made, planned, moments)
    extra = incident_charts(summary.course)
    drawing["grids"]["course"] = grid(summary.course)
    drawing["charts"] |= {drawn["id"]: drawn for _, drawn in extra}
    figures = _figures(scenario, total, made, planned) if made else []
    if summary.simulated:  # there was no tester that could have been late
        figures = [figure for figure in figures if figure["id"] != "lag"]
    content = {
        "clock": partial(words.clock, scenario.event.kick_off),
        "figures": [*figures, *(figure for figure, _ in extra)],
        "notes": notes(run, summary),
        "outlook": _outlook(summary),
        "scenario": scenario,
        "steps": _steps(total, summary),
        "story": story(summary),
        "strip": strip(joined(summary), moments),
        "summary": summary,
        "tables": tables(summary),
    }
    return content, drawing


def _outlook(summary: Summary) -> str:
    """What the card of the objectives looks like."""
    passed = [result.passed for result in summary.objectives]
    return "" if not passed else "good" if all(passed) else "bad"


def _figures(
    scenario: Scenario, total: Window, made: list[charts.Point], planned: Sequence[float]
) -> list[dict[str, str]]:
    """Charts of the evening, each with what it shows in words."""
    clock = partial(words.clock, scenario.event.kick_off)

    def peak(values: list[float]) -> str:
        top = max(range(len(values)), key=values.__getitem__)
        at = clock(scenario.offset(made[top].second))
        return f"{words.brief(values[top])} at {at}" if values[top] else "none"

    joins = [qoe.arrived(point.window) / point.seconds for point in made]
    return [
        _figure(
            "joins",
            "Viewers joining per second",
            f"Most {peak(joins)}; {words.count(sum(planned))} were planned in all.",
        ),
        _figure(
            "viewers",
            "Viewers watching, and viewers still waiting for a picture",
            f"Most watching: {words.count(max(point.watching for point in made))}; "
            f"most waiting: {peak([float(point.starting) for point in made])}.",
        ),
        _figure(
            "everything",
            "Requests per second, all steps together",
            f"{words.count(requests.sent(total))} sent, {words.count(requests.failures(total))} "
            "of them failed.",
        ),
        _figure("fates", "What became of them, by when they joined", "Every viewer once."),
        _figure(
            "lag",
            "The tester's own lag",
            f"How late it did what was due: p99 {_quantile(total.lag, 0.99)} over the whole run.",
        ),
    ]


def _quantile(distribution: Distribution, q: float) -> str:
    return words.duration(distribution.quantile(q) if distribution.count else None)


def _figure(name: str, title: str, said: str) -> dict[str, str]:
    return {"id": name, "title": title, "said": said}


def _steps(total: Window, summary: Summary) -> list[dict[str, Any]]:
    first = summary.first_failing_step
    return [
        {
            "name": step.value,
            "first": bool(first and first.step == step),
            "times": _figure(f"times-{step}", "Response time", _times(step, summary)),
            "requests": _figure(f"requests-{step}", "Requests per second", _ends(step, summary)),
        }
        for step in charts.steps(total)
    ]


def _times(step: Step, summary: Summary) -> str:
    known = summary.requests.by_step.get(step)
    if known is None or known.p50 is None:
        return "No answer."
    p50, p95, p99 = map(words.duration, (known.p50, known.p95, known.p99))
    return f"p50 {p50}, p95 {p95}, p99 {p99}, slowest {words.duration(known.max)}."


def _ends(step: Step, summary: Summary) -> str:
    known = summary.requests.by_step.get(step)
    if known is None:
        return ""
    others = {name: n for name, n in known.outcomes.items() if name != "ok" and n}
    said = ", ".join(
        f"{name.replace('_', ' ')} {words.count(n)}" for name, n in words.by_size(others)
    )
    return f"{words.count(known.count)} sent; {said or 'all fine'}."
