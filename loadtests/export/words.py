"""Figures of a run as people read them: one wording for the page, the terminal and the CI's log."""

import math
import re
from collections.abc import Mapping

from loadtests.errors import ExitStatus
from loadtests.export.ends import black, decided
from loadtests.export.summary import ObjectiveResult, Summary
from loadtests.scenario.model import Metric
from loadtests.vocabulary import Outcome

NONE = "\N{EN DASH}"
"""Stands for a figure that does not exist; never 0."""

MINUS = "\N{MINUS SIGN}"

NO_BREAK = "\N{NO-BREAK SPACE}"

_UNIT = re.compile(r"(?<=\d) (?=(?:%|ms|s|min|h|kbit/s)(?![\w%]))")

STATUSES = {
    ExitStatus.PASSED: "passed",
    ExitStatus.USAGE: "not run",
    ExitStatus.UNREACHABLE: "target unreachable",
    ExitStatus.INVALID_RUN: "invalid run",
    ExitStatus.UNDETERMINED: "undetermined",
    ExitStatus.MISSED: "objective missed",
    ExitStatus.INTERRUPTED: "interrupted",
}


def count(value: float | None) -> str:
    """Whole number with separators: `1,204`."""
    return NONE if value is None else f"{value:,.0f}"


def brief(value: float) -> str:
    """Number to three significant digits: `12.3`, `1,230`."""
    return f"{float(f'{value:.3g}'):,.10g}"


def about(value: float) -> str:
    """Count to two significant digits: an estimate must not look counted."""
    return f"{float(f'{value:.2g}'):,.0f}"


def percent(ratio: float | None) -> str:
    """Percent with one decimal; what is not quite nothing or all never reads as if it were."""
    if ratio is None:
        return NONE
    if 0 < ratio < 0.0005:  # noqa: PLR2004 - the least that rounds to 0.1 %
        return "< 0.1 %"
    if 0.9995 <= ratio < 1:  # noqa: PLR2004 - would round to 100 %
        return "> 99.9 %"
    return f"{ratio:.1%}".replace(".0%", "%").replace("%", " %")


def fraction(ratio: float) -> str:
    """Scale as people write it: `1/200`; a percentage where it is not one nth of the whole."""
    parts = round(1 / ratio)
    return f"1/{parts:,}" if math.isclose(parts * ratio, 1) else percent(ratio)


def share_range(low: float, high: float) -> str:
    """Two percentages under one sign: `35.6 to 38.9 %`."""
    return f"{100 * low:.1f} to {100 * high:.1f} %"


HOUR = 3600


def duration(seconds: float | None) -> str:
    """Time as short as it reads: `340 ms`, `1.24 s`, `12 s`, `2 min 10 s`, `1 h 5 min`."""
    if seconds is None:
        return NONE
    if seconds < 0.9995:  # noqa: PLR2004 - would round to 1000 ms
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.5:  # noqa: PLR2004 - would round to 60 s
        return f"{seconds:.3g} s"
    step = 60 if seconds >= HOUR - 30 else 1  # past an hour, seconds are noise
    minutes, rest = divmod(round(seconds / step) * step, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def moment(offset: float) -> str:
    """Event time in words: `2 min 10 s before kick-off`."""
    if round(offset) == 0:
        return "at kick-off"
    side = "before" if offset < 0 else "after"
    return f"{duration(abs(round(offset)))} {side} kick-off"


def offset_clock(offset: float) -> str:
    """Event time in figures: minutes and seconds from kick-off, such as `+2:10`; `+1:02:10`."""
    minutes, seconds = divmod(round(abs(offset)), 60)
    hours, minutes = divmod(minutes, 60)
    sign = MINUS if round(offset) < 0 else "+"
    return f"{sign}{hours}:{minutes:02}:{seconds:02}" if hours else f"{sign}{minutes}:{seconds:02}"


def seconds_of_day(kick_off: str) -> int:
    """`2022-09-06 21:00` as 75600."""
    hours, minutes = kick_off.split()[1].split(":")[:2]
    return int(hours) * 3600 + int(minutes) * 60


def clock(kick_off: str, offset: float) -> str:
    """Local time of day at `offset` from kick-off: `20:57:50`."""
    minutes, seconds = divmod((seconds_of_day(kick_off) + round(offset)) % 86400, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def span(between: list[float]) -> str:
    """Part of the evening: `-5:00 to +10:00`."""
    return f"{offset_clock(between[0])} to {offset_clock(between[1])}"


def rehearsed(summary: Summary) -> str:
    """What was rehearsed against what: the first line of everything."""
    variant = f", variant {summary.variant}" if summary.variant else ""
    against = (
        "the embedded stack with invented capacity: says nothing about the real event"
        if summary.embedded
        else summary.target
    )
    done = "simulated, no traffic was sent," if summary.simulated else "rehearsed"
    return f"{summary.title}{variant}, {done} against {against}"


def black_screens(summary: Summary) -> str:
    """How many viewers met a black screen."""
    share = summary.black_screens.share
    if summary.viewers.arrived == 0:
        return "Nobody arrived, so nothing is known of black screens"
    if share is None:
        return f"{count(summary.viewers.arrived)} arrived; what became of them is not known yet"
    return f"{percent(share)} of viewers met a black screen"


def sample(summary: Summary) -> str:
    """What the share rests on; empty when there is none."""
    screens = summary.black_screens
    if screens.share is None:
        return ""
    text = f"{count(black(summary))} of {count(decided(summary))} viewers"
    if screens.low is None or screens.high is None:
        return text
    return f"{text}; 95 % interval {share_range(screens.low, screens.high)}"


def whole(summary: Summary) -> str:
    """What a simulated part says of the whole audience; empty where there is nothing to say."""
    screens = summary.black_screens
    if not summary.simulated or summary.scale >= 1 or screens.low is None or screens.high is None:
        return ""
    between = share_range(screens.low, screens.high)
    return f"Played at {fraction(summary.scale)}; for 1/1 of the audience it is {between} as well"


def scaled(summary: Summary) -> str:
    """What the share means for the real audience, or why that cannot be said."""
    screens = summary.black_screens
    found = summary.incident.affected.black_screens
    if found is not None:
        number = f"About {about(found.value)} viewers" if found.value else "No viewer"
        text = f"{number} of the real audience"
        return f"{text} (range {about(found.low)} to {about(found.high)})"
    limit = screens.faithful_up_to_speed
    if screens.share is not None and limit is not None and summary.speed > limit:
        return (
            f"Not scaled to the real audience: played at speed {summary.speed:g}, "
            f"and a figure may be scaled up to speed {limit:.3g}"
        )
    return "Not scaled to the real audience"


def assumptions(summary: Summary) -> list[str]:
    """What the figures of the real event rest on."""
    found = summary.incident.affected
    return summary.black_screens.assumptions if found.black_screens is None else found.assumptions


def first_failure(summary: Summary) -> str:
    """Which step failed first, and when."""
    first = summary.first_failing_step
    if first is None:
        return "No step failed" if summary.requests.sent else "Nothing was asked of the target"
    return f"{first.step} failed first, {moment(first.at)}"


def problems(summary: Summary) -> list[str]:
    """Why the figures may not be trusted: what tester and testbed confess."""
    return [*summary.tester.problems, *summary.testbed.problems]


def healthy(summary: Summary) -> bool:
    """Whether neither the tester nor the embedded stack was the bottleneck."""
    return summary.tester.healthy and summary.testbed.healthy is not False


def valid(summary: Summary) -> bool:
    """Whether the figures may be quoted as the run's: healthy, and written to its end."""
    return healthy(summary) and summary.complete


ENDINGS = {
    "interrupted": "Interrupted",
    "withdrawn": "Stopped",
    "aborted": "Aborted",
    "silent": "Stopped",
}
"""By the reason for which a run was stopped."""


def ending(summary: Summary) -> str:
    """How the run ended, if not by itself; empty if it did."""
    told = f": {summary.why}" if summary.why else ""
    reason = "interrupted" if summary.interrupted else summary.stopped
    if reason == "canary":
        return f"Ended before it began{told}"
    if reason in ENDINGS:
        return f"{ENDINGS[reason]} after {duration(summary.duration)}{told}"
    if not summary.complete and not summary.duration:
        return f"Cut short before its first second was written{told}"
    if not summary.complete:
        return f"Cut short after {duration(summary.duration)}{told or ': killed, or still going'}"
    return ""


def validity(summary: Summary) -> str:
    """Whether the figures may be trusted, in one line."""
    if not healthy(summary):
        return "The run is not valid: do not quote its figures"
    if not summary.complete:
        return "The run is not whole: its figures end where it was cut short"
    return "The simulation is whole" if summary.simulated else "The run is valid"


def failed(outcomes: Mapping[str, int]) -> int:
    """Requests of these outcomes for which the target is to blame."""
    return sum(number for name, number in outcomes.items() if Outcome(name).is_failure)


def by_size(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    """Names and numbers, the largest first."""
    return sorted(numbers.items(), key=lambda item: (-item[1], item[0]))


def objectives(summary: Summary) -> str:
    """How the objectives came out, in one line."""
    results = summary.objectives
    if not results:
        return "no objectives"
    missed = sum(result.passed is False for result in results)
    unknown = sum(result.passed is None for result in results)
    if not missed and not unknown:
        return "objective met" if len(results) == 1 else f"all {len(results)} objectives met"
    parts = [f"{missed} of {len(results)} objectives missed"] if missed else []
    if unknown:
        parts.append(f"{unknown} of {len(results)} objectives not measurable")
    return ", ".join(parts)


def bound(result: ObjectiveResult, value: float | None) -> str:
    """`value` in the unit of the objective's metric."""
    if result.metric in {Metric.STARTUP_TIME, Metric.RESPONSE_TIME}:
        return duration(value)
    return percent(value)


def verdict(result: ObjectiveResult) -> str:
    """How one objective came out: `met`, `missed`, `not measured`."""
    if result.passed is None:
        return "not measured"
    return "met" if result.passed else "missed"


def status(summary: Summary) -> str:
    """The run's outcome as one phrase: what the exit status means."""
    if summary.exit_status == ExitStatus.MISSED and summary.stopped in {"aborted", "canary"}:
        return "aborted" if summary.stopped == "aborted" else "canary not clean"
    if summary.exit_status in set(ExitStatus):
        return STATUSES[ExitStatus(summary.exit_status)]
    return f"status {summary.exit_status}"


def kept_together(text: str) -> str:
    """`text` with no-break spaces between numbers and units: they must not part at a line's end."""
    return _UNIT.sub(NO_BREAK, text)


def sentence(text: str) -> str:
    """`text` with a capital letter first, and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."
