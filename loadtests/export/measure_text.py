"""One measure of a night, taken again: what the command below an evidence item prints."""

from collections.abc import Sequence
from typing import Any

from loadtests.binding.scalars import quoted, suggest
from loadtests.collect.edge.window import EdgeWindow
from loadtests.diagnosis.measures import MEASURES
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.records import Reading, Span
from loadtests.errors import MatchnightError
from loadtests.export import verdict_words as said
from loadtests.export import words
from loadtests.export.records import told
from loadtests.vocabulary import Step


def measured(night: Night, measure: str, step: Step | None, span: Span) -> Reading | None:
    """The reading over the windows of a span; None: there is nothing to measure it in.

    MatchnightError: there is no such measure, or nothing of the night lies in the span.
    """
    if measure not in MEASURES:
        raise MatchnightError(
            f"--measure: no measure {quoted(measure)}; {suggest(measure, MEASURES)}"
        )
    windows = between(night, span)
    if not windows:
        raise MatchnightError(
            f"--between: nothing of the night is in it: it lasts {len(night.windows)} s"
        )
    return MEASURES[measure].over(windows, step, lasted=float(len(windows)), sampled=night.sampled)


def between(night: Night, span: Span) -> Sequence[EdgeWindow]:
    """The windows of a span."""
    return night.windows[round(span.start) : round(span.stop)]


def measure_text(measure: str, step: Step | None, reading: Reading | None) -> str:
    """The reading in a line, and what the measure is in another."""
    what = f"{measure} of {step or 'what is no step'}: {MEASURES[measure].what}"
    if reading is None:
        return f"{words.NONE}\n{what}\n"
    low, high = (said.value(measure, end) for end in (reading.low, reading.high))
    value = said.value(measure, reading.value)
    return f"{value} ({low} to {high}), n {words.count(reading.samples)}\n{what}\n"


def measure_json(measure: str, step: Step | None, span: Span, reading: Reading | None) -> Any:  # noqa: ANN401 - any JSON value
    """The same as plain JSON values, unrounded."""
    return {
        "measure": measure,
        "what": MEASURES[measure].what,
        "step": told(step),
        "span": told(span),
        "reading": told(reading),
    }
