"""A running rehearsal on a terminal: `view` for a screen that is drawn again, `line` for a log."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from loadtests.collect import qoe, requests
from loadtests.collect.distribution import Distribution
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.diagnosis.black_screens import black, decided
from loadtests.export import charts, words
from loadtests.scenario.model import Scenario
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome, Step

RECENT = 5
"""Seconds that "now" is made of: long enough to read, short enough to see a rush begin."""

LATE: Seconds = 0.1
"""The tester's lag that is shown as a warning: collect/health.py's bound for the whole run."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """A rehearsal at one moment."""

    scenario: Scenario
    total: Window
    recent: Window
    seconds: int  # that `recent` is made of; at least 1
    planned: float  # joins/s
    now: Seconds

    @property
    def joins(self) -> float:
        return qoe.arrived(self.recent) / self.seconds

    @property
    def clock(self) -> str:
        """`20:58:40 · kick-off -1:20`."""
        offset = self.scenario.offset(self.now)
        at = words.clock(self.scenario.event.kick_off, offset)
        return f"{at} · kick-off {words.offset_clock(offset)}"

    @property
    def black(self) -> str:
        met, known = black(self.total, self.scenario.black_screens), decided(self.total)
        return f"{words.count(met)} ({words.percent(met / known)})" if known else words.NONE


def view(
    scenario: Scenario, timeline: Timeline, planned: Sequence[float], now: Seconds
) -> RenderableType:
    """The rehearsal `now` seconds after its start; `planned`: arrivals in each second of it."""
    moment = _moment(scenario, timeline, planned, now)
    progress = Table.grid(expand=True, padding=(0, 0, 1, 0))
    progress.add_row(ProgressBar(total=scenario.duration, completed=min(now, scenario.duration)))
    variant = f", variant {scenario.variant}" if scenario.variant else ""
    return Panel(
        Group(Text(moment.clock, style="bold"), progress, _figures(moment), _steps(moment)),
        title=Text(f"{scenario.event.name}{variant}"),
        title_align="left",
    )


def line(scenario: Scenario, timeline: Timeline, planned: Sequence[float], now: Seconds) -> str:
    """The same in one line of plain text, for a log."""
    moment = _moment(scenario, timeline, planned, now)
    parts = [
        moment.clock,
        f"joins {moment.joins:.1f}/s of {moment.planned:.1f} planned",
        f"watching {words.count(qoe.watching(moment.total))}",
        f"starting {words.count(qoe.still_starting(moment.total))}",
        f"black screens {moment.black}",
        f"startup p95 {_quantile(qoe.startup_times(moment.total), 0.95)}",
        f"failing {_failing(moment) or 'nothing'}",
        f"tester's lag p99 {_quantile(moment.recent.lag, 0.99)}",
    ]
    return "  ".join(parts)


def brief(
    scenario: Scenario, timeline: Timeline, planned: Sequence[float], now: Seconds
) -> RenderableType:
    """One line on what happens, for one run of many: its title says which."""
    moment = _moment(scenario, timeline, planned, now)
    parts = [
        scenario.title,
        words.duration(float(round(now))),
        f"joins {moment.joins:.1f}/s",
        f"starting {words.count(qoe.still_starting(moment.total))}",
        f"failing {_failing(moment) or 'nothing'}",
    ]
    return Text("  ".join(parts), style="dim", no_wrap=True, overflow="ellipsis")


def _moment(
    scenario: Scenario, timeline: Timeline, planned: Sequence[float], now: Seconds
) -> _Moment:
    stop = len(timeline)
    start = max(0, stop - RECENT)
    seconds = max(1, stop - start)
    return _Moment(
        scenario=scenario,
        total=timeline.total,
        recent=timeline.between(start, stop),
        seconds=seconds,
        planned=sum(planned[start:stop]) / seconds,
        now=now,
    )


def _figures(moment: _Moment) -> Table:
    lag = moment.recent.lag
    late = lag.count > 0 and lag.quantile(0.99) > LATE
    figures = (
        ("joins/s", f"{moment.joins:.1f} of {moment.planned:.1f} planned", ""),
        ("watching", words.count(qoe.watching(moment.total)), ""),
        ("starting", words.count(qoe.still_starting(moment.total)), ""),
        ("black screens", moment.black, "bold"),
        ("startup p95", _quantile(qoe.startup_times(moment.total), 0.95), ""),
        ("tester's lag p99", _quantile(lag, 0.99), "bold red" if late else ""),
    )
    table = Table.grid(padding=(0, 3), expand=True)
    for heading in range(0, len(figures), 3):
        part = figures[heading : heading + 3]
        table.add_row(*(Text(name, style="dim") for name, _, _ in part))
        table.add_row(*(Text(figure, style=style) for _, figure, style in part))
    return table


def _steps(moment: _Moment) -> Table:
    table = Table(box=None, expand=True, padding=(0, 1), header_style="dim")
    for name in ("step", "sent/s", "failed/s", "p95", "sent", "failed", "mostly"):
        table.add_column(name, justify="left" if name in {"step", "mostly"} else "right")
    for step in charts.steps(moment.total):
        table.add_row(*_step(moment, step), style="red" if _failed(moment, step) else "")
    return table


def _step(moment: _Moment, step: Step) -> list[str]:
    recent, total = moment.recent, moment.total
    return [
        step,
        f"{requests.sent(recent, step) / moment.seconds:,.1f}",
        f"{_failed(moment, step):,.1f}",
        _quantile(requests.response_times(recent, step), 0.95),
        words.count(requests.sent(total, step)),
        words.count(requests.failures(total, step)),
        _mostly(total, step),
    ]


def _failed(moment: _Moment, step: Step) -> float:
    return requests.failures(moment.recent, step) / moment.seconds


def _mostly(window: Window, step: Step) -> str:
    """The commonest outcome but OK, or nothing."""
    others = {o.value: n for o, n in requests.outcomes(window, step).items() if o is not Outcome.OK}
    return words.by_size(others)[0][0].replace("_", " ") if others else ""


def _failing(moment: _Moment) -> str:
    rates = {step: _failed(moment, step) for step in charts.steps(moment.total)}
    return ", ".join(f"{step} {rate:.1f}/s" for step, rate in rates.items() if rate)


def _quantile(distribution: Distribution, q: float) -> str:
    return words.duration(distribution.quantile(q) if distribution.count else None)
