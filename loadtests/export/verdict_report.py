"""The verdict of a run: reached on its folder, and written beside its other figures."""

import json

from loadtests.diagnosis.verdict.judge import diagnose
from loadtests.export import verdict_words as said
from loadtests.export.archive import Run
from loadtests.export.night_of_run import calendar, is_diagnosed, night_of_run
from loadtests.export.summary import Summary, VerdictLine
from loadtests.export.verdict_record import Case, source_of


def verdict_of_run(run: Run, summary: Summary) -> Case | None:
    """The verdict a finished run is reported with; None: there is nothing to say one of.

    How it formed is left to `matchnight diagnose`: whoever interrupts a run waits for its report.
    """
    if not is_diagnosed(run):
        return None
    night = night_of_run(run, summary)
    command = ("matchnight", "diagnose", str(run.folder))
    source = source_of(night, command, notes=summary.notices, calendar=calendar(run))
    return Case(verdict=diagnose(night, formed=False), source=source, invented=summary.embedded)


def verdict_json(case: Case) -> str:
    """The text of `verdict.json`."""
    return json.dumps(case.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def brief(case: Case) -> VerdictLine:
    """The verdict as the run's summary tells it."""
    verdict = case.verdict
    return VerdictLine(
        cause=verdict.cause.kind.value,
        word=verdict.cause.word.value,
        probability=verdict.cause.probability,
        sentence=said.answer(verdict),
        hostile=[found.kind.value for found in verdict.hostile],
        hostile_undetermined=[kind.value for kind in verdict.hostile_undetermined],
    )
