"""Hostile traffic where nothing failed: an episode of its own, innocent of any failure."""

from collections.abc import Iterator, Mapping, Sequence

from loadtests.diagnosis.hostile.report import HostileReport
from loadtests.diagnosis.verdict.kinds import Hostile
from loadtests.diagnosis.verdict.records import (
    Action,
    CauseFound,
    Episode,
    Evidence,
    HostileFound,
    Missing,
    Span,
)
from loadtests.vocabulary import Step

COUNTERS: Mapping[Hostile, str] = {
    Hostile.CREDENTIAL_STUFFING: "ask for a second proof where passwords fail, and reset those of "
    "accounts that were entered and left at once",
    Hostile.L7_FLOOD: "limit what one session may ask of {step}, not what one address may",
    Hostile.CACHE_BUSTING: "leave what {step} does not need out of the cache's key",
    Hostile.SLOW_HTTP: "hang up on requests of {step} that arrive too slowly (a time-out for head "
    "and body, a least rate)",
    Hostile.TOKEN_REPLAY: "bind tokens to devices, and hold sessions of an account to its plan",
    Hostile.LICENSE_ABUSE: "limit licenses of an account to what can be played in an hour",
    Hostile.SCANNER: "nothing for its load: see that what it asks for does not exist",
}
"""What helps against each, whoever it is."""


def at_work(
    report: HostileReport, episodes: Sequence[Episode], cause: CauseFound
) -> Iterator[Episode]:
    """One for each step at which a pattern was found and nothing failed; `cause`: the night's."""
    failing = {episode.step for episode in episodes}
    for step in dict.fromkeys(found.step for found in report.found):
        if step not in failing:
            there = tuple(found for found in report.found if found.step is step)
            yield _episode(report, step, there, cause)


def _episode(
    report: HostileReport, step: Step | None, there: tuple[HostileFound, ...], cause: CauseFound
) -> Episode:
    kinds = {found.kind for found in there}
    spans = [found.span or report.span for found in there]
    evidence = tuple(item for item in report.evidence if _is_about(item, step, kinds))
    return Episode(
        span=Span(start=min(s.start for s in spans), stop=max(s.stop for s in spans)),
        step=step,
        region="",
        caused_by=None,
        cause=cause,
        hostile=there,
        evidence=evidence,
        missing=tuple(missing for missing in report.missing if _would_tell(missing, kinds)),
        coverage=1.0,
        next_measurement="",
        action=Action(what=COUNTERS[there[0].kind].format(step=step or "the site")),
        failed=0,
        requests=max((item.reading.samples for item in evidence), default=0),
    )


def _is_about(item: Evidence, step: Step | None, kinds: set[Hostile]) -> bool:
    return item.step is step and not kinds.isdisjoint(item.weights)


def _would_tell(missing: Missing, kinds: set[Hostile]) -> bool:
    return not kinds.isdisjoint(missing.would_tell)
