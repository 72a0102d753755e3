"""The bars of an evaluation: what was counted, what is asked for, and whether that holds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import quantiles
from typing import Any

from rivals import Regression
from scoring import Judged, accused, macro_f1, recall, share
from truth_hostile import MIXED

from loadtests.diagnosis.verdict.kinds import Cause

Bar = dict[str, Any]
Blinded = Sequence[tuple[str, str, str]]
"""(case, family removed, cause said)."""

FULL = 0.08
"""Of the evenings with all signals, at most so many may stay undetermined."""


def bars(lines: Sequence[Judged], blinded: Blinded) -> Mapping[str, Bar]:
    """Every bar by name."""
    easy = [line for line in lines if not line.hard]
    hard = [line for line in lines if line.hard]
    return {
        "macro_f1": _least(macro_f1(easy), 0.95),
        "macro_f1_hard": _least(macro_f1(hard), 0.90),
        "malice_said_of_others": _most(accused(lines), 0.005),
        "malice_recall_20": _least(recall(lines, least=0.15), 0.98),
        "malice_recall_5": _least(recall(lines, least=0.035, most=0.15), 0.90),
        "malice_recall_2": _least(recall(lines, least=0.01, most=0.035), 0.70),
        "mixed_both_named": _least(_both_named(lines), 0.90),
        "mixed_share_error": _most(_share_error(lines), 0.05),
        "undetermined_without_the_deciding": _least(_gave_up(blinded), 0.90),
        "undetermined_with_all": _most(_undetermined(lines), FULL),
        "time_to_verdict": _most(
            _p95([line.took for line in lines if line.took is not None]), 180.0
        ),
        "one_change_at_most": _least(_settled(lines), 0.95),
    }


def by_case(lines: Sequence[Judged]) -> dict[str, Any]:
    """How often each kind of evening was judged rightly, and what was said of it."""
    made = {}
    for case in dict.fromkeys(line.case for line in lines):
        of = [line for line in lines if line.case == case]
        labels = Counter(kind for line in of for kind in line.said)
        made[case] = {
            **share(of, sum(line.is_right for line in of)),
            "said": dict(Counter(line.cause for line in of)),
            "labels": dict(labels),
            "labeled": sum(set(line.labels) <= set(line.said) for line in of),
        }
    return made


def rivals(lines: Sequence[Judged]) -> dict[str, Any]:
    """How the judges people use instead tell evenings with hostile traffic from the others.

    Thresholds are the best there are for these very evenings; the regression learned from every
    other one. Balanced accuracy: half for finding it, half for accusing nobody.
    """
    truth = [bool(line.labels) for line in lines]
    ours = [bool(set(line.said) & set(line.labels)) or line.accuses for line in lines]
    learned = Regression([line.features for line in lines[::2]], truth[::2])
    made = {
        "ours": _balanced(ours, truth),
        "logistic_regression": _balanced(
            [learned.says(line.features) for line in lines[1::2]], truth[1::2]
        ),
    }
    for name, feature in (("rate", "rate"), ("top_source", "top"), ("error_ratio", "errors")):
        made[name] = _best_threshold([line.features[feature] for line in lines], truth)
    return made


def left_out(told: Sequence[tuple[str, str, bool]]) -> dict[str, Any]:
    """Leave-one-out: how often nothing wrong was said by a judge who did not know it."""
    made = {
        name: _counted([fine for _, kind, fine in told if kind == name])
        for name in dict.fromkeys(kind for _, kind, _ in told)
    }
    return {"all": _least(_counted([fine for _, _, fine in told]), 0.85), **made}


def _counted(fine: Sequence[bool]) -> Bar:
    return {"of": len(fine), "hits": sum(fine), "share": sum(fine) / max(1, len(fine))}


def gave_up_by_case(blinded: Blinded) -> dict[str, Any]:
    """What was said without the family that decides."""
    told: dict[str, Counter[str]] = {}
    for case, family, cause in blinded:
        told.setdefault(f"{case} without {family}", Counter())[cause] += 1
    return {name: dict(counts) for name, counts in told.items()}


def _best_threshold(values: Sequence[float], truth: Sequence[bool]) -> float:
    cuts = sorted(set(values))[:: max(1, len(values) // 100)]
    return max(_balanced([value > cut for value in values], truth) for cut in cuts)


def _balanced(said: Sequence[bool], truth: Sequence[bool]) -> float:
    hits = sum(s and t for s, t in zip(said, truth, strict=True)) / max(1, sum(truth))
    clears = sum(not s and not t for s, t in zip(said, truth, strict=True))
    return (hits + clears / max(1, len(truth) - sum(truth))) / 2


def _both_named(lines: Sequence[Judged]) -> Bar:
    mixed = [line for line in lines if line.case in MIXED]
    named = sum(line.is_right and set(line.labels) <= set(line.said) for line in mixed)
    return share(mixed, named)


def _share_error(lines: Sequence[Judged]) -> float:
    """Mean distance of the share that was said from the real one, in mixed cases."""
    errors = [
        abs(line.said[kind] - part)
        for line in lines
        if line.case in MIXED
        for kind, part in line.labels.items()
        if kind in line.said
    ]
    return sum(errors) / len(errors) if errors else 1.0


def _gave_up(blinded: Blinded) -> Bar:
    hits = sum(cause == Cause.UNDETERMINED for _, _, cause in blinded)
    return {"of": len(blinded), "hits": hits, "share": hits / max(1, len(blinded))}


def _undetermined(lines: Sequence[Judged]) -> Bar:
    of = [line for line in lines if Cause.UNDETERMINED not in line.right]
    return share(of, sum(line.cause == Cause.UNDETERMINED for line in of))


def _settled(lines: Sequence[Judged]) -> Bar:
    return share(lines, sum(line.changes <= 1 for line in lines))


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else 0.0


def _least(found: float | Bar, bar: float) -> Bar:
    made = found if isinstance(found, dict) else {"share": found}
    return {**made, "bar": bar, "holds": (made["share"] or 0.0) >= bar}


def _most(found: float | Bar, bar: float) -> Bar:
    made = found if isinstance(found, dict) else {"share": found}
    return {**made, "bar": bar, "holds": made["share"] is not None and made["share"] <= bar}
