"""The whole audience on one core, and what a part of it says of the whole."""

import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from kit import kept, record, summary

from loadtests.errors import ExitStatus

NAME = "simulated-at-full-scale"
MINUTES = 10
GIB = 4


@dataclass(frozen=True, kw_only=True)
class Played:
    """One simulation, the whole command: what it took, and what it says of black screens."""

    scale: str
    viewers: int
    requests: int
    seconds: float
    cpu_seconds: float
    peak_rss_gib: float
    share: float
    low: float
    high: float
    said: str


def played(folder: Path, variant: str, scale: str) -> Played:
    out = folder / scale.replace("/", "-")
    command = (
        *(sys.executable, "-m", "loadtests", "simulate", "psg-juventus"),
        *("--variant", variant, "--scale", scale, "--report-dir", str(out)),
    )
    began = time.monotonic()
    with (folder / "said.txt").open("w", encoding="utf-8") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == ExitStatus.MISSED
    figures = summary(out)
    screens = figures["black_screens"]
    return Played(
        scale=scale,
        viewers=figures["viewers"]["arrived"],
        requests=figures["requests"]["sent"],
        seconds=round(time.monotonic() - began, 1),
        cpu_seconds=round(usage.ru_utime + usage.ru_stime, 1),
        peak_rss_gib=round(usage.ru_maxrss / 2**20, 3),
        share=screens["share"],
        low=screens["low"],
        high=screens["high"],
        said=(folder / "said.txt").read_text(encoding="utf-8"),
    )


def agrees(small: Played, large: Played) -> None:
    """The part says what the whole is, within its own interval, in as many words."""
    assert small.low <= large.share <= small.high
    between = f"{100 * small.low:.1f} to {100 * small.high:.1f} %"
    assert (
        f"Played at {small.scale}; for 1/1 of the audience it is {between} as well.\n" in small.said
    )


@pytest.mark.parametrize(
    "variant", [pytest.param("a", marks=pytest.mark.prove), pytest.param("b", marks=pytest.mark.ci)]
)
def test_a_part_of_a_part_says_the_same(variant: str, tmp_path: Path) -> None:
    agrees(played(tmp_path, variant, "1/400"), played(tmp_path, variant, "1/100"))


@pytest.mark.prove
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("variant", ["a", "b"])
def test_the_whole_audience_takes_minutes_on_one_core_and_a_tenth_of_it_gives_the_same_answer(
    variant: str, tmp_path: Path
) -> None:
    tenth, whole = (played(tmp_path, variant, scale) for scale in ("1/10", "1/1"))
    keep(variant, tenth, whole)
    agrees(tenth, whole)
    assert whole.seconds < MINUTES * 60
    assert whole.peak_rss_gib < GIB


def keep(variant: str, *runs: Played) -> None:
    """Beside the other variant's, if that is there."""
    rows = [{k: v for k, v in asdict(run).items() if k != "said"} for run in runs]
    record(NAME, {**kept(NAME), f"psg-juventus-{variant}": rows})
