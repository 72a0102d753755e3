"""How right the diagnosis is on evenings nobody looked at while it was built."""

import pytest
from bars import bars, by_case, gave_up_by_case, left_out, rivals
from evaluation import DECIDING, judge_blinded, judge_evening, judge_left_out, side_by_side
from kit import record
from scoring import Judged, confusion, reliability
from truth_cases import UNSEEN, evenings
from truth_causes import CAUSES

FROZEN = 10_000
"""The evening of each case that is judged with every change."""

ATTACKS = ("malice", "both", "stuffing_0.2", "busting_0.2", "slow_request_0.2", "replay_0.2")


@pytest.mark.ci
@pytest.mark.parametrize("case", [*CAUSES, *ATTACKS])
def test_one_evening_of_each_kind_is_judged_rightly(case: str) -> None:
    line = judge_evening((case, FROZEN))
    assert line.is_right, line
    assert line.labels or not line.accuses, line
    assert set(line.labels) <= set(line.said), line


@pytest.mark.prove
def test_the_bars_hold_on_unseen_evenings() -> None:
    lines: list[Judged] = side_by_side(judge_evening, list(evenings(UNSEEN)))
    asked = [one for one in evenings(UNSEEN, part=0.34) if one[0] in DECIDING]
    blinded = [told for of in side_by_side(judge_blinded, asked) for told in of]
    out = [told for of in side_by_side(judge_left_out, _some()) for told in of]
    held = {**bars(lines, blinded), "left_out": left_out(out)["all"]}
    record(
        "diagnosis",
        {
            "evenings": len(lines),
            "bars": held,
            "confusion": {so: dict(said) for so, said in sorted(confusion(lines).items())},
            "by_case": by_case(lines),
            "reliability": reliability(lines),
            "rivals": rivals(lines),
            "left_out": left_out(out),
            "without_the_deciding_family": gave_up_by_case(blinded),
        },
    )
    assert [name for name, bar in held.items() if not bar["holds"]] == []


def _some() -> list[tuple[str, int]]:
    """Those of a tenth of the evenings on which something failed or was at work."""
    return [one for one in evenings(UNSEEN, part=0.1) if one[0] not in {"nominal", "absorbed"}]
