"""Nothing is lost between tester and target, and every arrival's end can be redone by hand."""

from pathlib import Path

import pytest
from kit import lines, matchnight, summary
from recount import accounts, ends

from loadtests.scenario.library import find
from loadtests.scenario.read import read_scenario

ENDS = ("in_time", "started_late", "refused", "left_waiting", "never_started")


def check(folder: Path, variant: str, *options: str) -> None:
    """Play a variant of psg-juventus and recount it."""
    done = matchnight(
        *(
            "rehearse",
            "psg-juventus",
            "--variant",
            variant,
            "--report-dir",
            folder,
            "--request-log",
        ),
        *options,
        timeout=240,
    )
    assert done.returncode in {0, 99}, done.stdout + done.stderr
    figures = summary(folder)
    books = accounts(folder)
    assert books.residual == []
    by_step = figures["requests"]["by_step"]
    told = {
        (s, o): n
        for s in by_step
        for o, n in by_step[s]["outcomes"].items()
        if (s, o) in books.answered
    }
    assert told == dict(books.answered)
    assert figures["requests"]["sent"] == books.sent
    classes = sum(books.answered.values()) + books.given_up_aborted + books.given_up_served
    assert books.sent == classes + books.never_accepted
    check_ends(folder, variant, *options)


def check_ends(folder: Path, variant: str, *options: str) -> None:
    """Every viewer's end, and their sums."""
    given = dict(zip(options[::2], options[1::2], strict=True))
    scale = 1 / float(given["--scale"].split("/")[1]) if "--scale" in given else None
    scenario = read_scenario(find("psg-juventus"), variant=variant, scale=scale)
    redone = ends(folder, scenario)
    told = {viewer["index"]: viewer["end"] for viewer in lines(folder / "viewers.jsonl")}
    assert told.keys() == redone.by_viewer.keys()
    wrong = {
        index: (told[index], end)
        for index, end in redone.by_viewer.items()
        if told[index] != end and index not in redone.close
    }
    assert wrong == {}
    assert len(redone.close) <= 0.05 * len(told)
    viewers = summary(folder)["viewers"]
    assert viewers["arrived"] == viewers["planned"] == len(told)
    counts = {end: sum(1 for e in told.values() if e == end) for end in ENDS}
    assert {end: viewers[end] for end in ENDS} == counts
    assert viewers["still_starting"] == sum(1 for e in told.values() if e is None)


@pytest.mark.prove
@pytest.mark.timeout(600)
@pytest.mark.parametrize("variant", ["a", "b"])
def test_every_request_of_the_whole_rehearsal_is_accounted_for(
    variant: str, tmp_path: Path
) -> None:
    check(tmp_path / "run", variant)
