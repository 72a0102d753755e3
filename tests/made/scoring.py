"""How right a judge is over many evenings: confusion, F1, recall by intensity, reliability."""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from truth_play import Truth

from loadtests.diagnosis.interval import wilson
from loadtests.diagnosis.verdict.kinds import Cause, Hostile, Word
from loadtests.diagnosis.verdict.records import Verdict

SAID = frozenset({Word.NEAR_CERTAIN, Word.LIKELY, Word.LEANING})
BENIGN = frozenset({"legitimate", "outage", "retry", "policy", "defence"})
PROBES = 0.01
"""Share below which probes are told and accuse nobody."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was said of one evening, beside what is so; only what scores need."""

    case: str
    seed: int
    group: str
    hard: bool
    right: tuple[str, ...]  # causes that are right
    labels: Mapping[str, float]  # hostile traffic really there -> share of its step
    cause: str
    probability: float
    word: str
    said: Mapping[str, float]  # hostile traffic said to be there -> share
    undetermined: tuple[str, ...]
    changes: int  # of the verdict after the first firm one
    took: float | None  # seconds from onset to the first firm verdict
    features: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        return self.cause in self.right

    @property
    def accuses(self) -> bool:
        """Whether it says malice of anybody: as the cause, or as more than a few probes."""
        labels = {k for k, share in self.said.items() if k != Hostile.SCANNER or share >= PROBES}
        return self.cause == Cause.MALICE_CAUSED or bool(labels - set(self.labels))


def judged(truth: Truth, verdict: Verdict, features: Mapping[str, float] | None = None) -> Judged:
    """One line of the evaluation."""
    play = truth.play
    return Judged(
        case=truth.case,
        seed=truth.seed,
        group=play.group,
        hard=play.hard,
        right=tuple(sorted(play.causes)),
        labels={kind.value: labeled.share for kind, labeled in play.hostile.items()},
        cause=verdict.cause.kind.value,
        probability=verdict.cause.probability,
        word=verdict.cause.word.value,
        said={h.kind.value: h.share for h in verdict.hostile if h.word in SAID},
        undetermined=tuple(h.value for h in verdict.hostile_undetermined),
        changes=_changes(verdict),
        took=_took(verdict),
        features=features or {},
    )


def _changes(verdict: Verdict) -> int:
    firm = [change for change in verdict.formed if change.cause is not Cause.UNDETERMINED]
    return sum(a.cause is not b.cause for a, b in itertools.pairwise(firm))


def _took(verdict: Verdict) -> float | None:
    """From when viewers began to fail to the first time the night's cause was said."""
    episodes = [e for e in verdict.episodes if e.cause.kind is verdict.cause.kind]
    said = [change.at for change in verdict.formed if change.cause is verdict.cause.kind]
    if not episodes or not said or verdict.cause.kind is Cause.UNDETERMINED:
        return None
    return max(0.0, said[0] - min(e.span.start for e in episodes))


def confusion(lines: Iterable[Judged]) -> dict[str, Counter[str]]:
    """What was said, by what is so; of several right answers the one that was said, else any."""
    table: dict[str, Counter[str]] = {}
    for line in lines:
        so = line.cause if line.is_right else line.right[0]
        table.setdefault(so, Counter())[line.cause] += 1
    return table


def macro_f1(lines: Iterable[Judged]) -> float:
    """Mean over the causes that occur of the harmonic mean of precision and recall."""
    table = confusion(lines)
    scores = []
    for so, said in table.items():
        hits = said[so]
        told = sum(row[so] for row in table.values())
        scores.append(2 * hits / (sum(said.values()) + told))
    return sum(scores) / len(scores) if scores else 1.0


def share(lines: Sequence[Judged], hits: int) -> dict[str, Any]:
    """A share with its Wilson interval."""
    low, high = wilson(hits, len(lines))
    value = hits / len(lines) if lines else None
    return {"of": len(lines), "hits": hits, "share": value, "low": low, "high": high}


def accused(lines: Sequence[Judged]) -> dict[str, Any]:
    """How often malice is said of evenings without any."""
    benign = [line for line in lines if line.group in BENIGN and not line.labels]
    return share(benign, sum(line.accuses for line in benign))


def recall(lines: Sequence[Judged], *, least: float, most: float = 1.0) -> dict[str, Any]:
    """How often hostile traffic of such a share of its step is named."""
    there = [
        (line, kind) for line in lines for kind, part in line.labels.items() if least <= part < most
    ]
    return share([line for line, _ in there], sum(kind in line.said for line, kind in there))


def reliability(lines: Sequence[Judged]) -> list[dict[str, Any]]:
    """How often verdicts of each word are right: a word must mean what it says."""
    firm = [line for line in lines if line.cause != Cause.UNDETERMINED]
    return [
        {"word": word.value, **share(of, sum(line.is_right for line in of))}
        for word in Word
        if (of := [line for line in firm if line.word == word.value])
    ]
