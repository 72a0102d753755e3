"""A canary and trials lie in the folder of what they are part of, and it is found from theirs."""

from pathlib import Path

import pytest

from loadtests.export.parts import CANARY, TRIALS, parts, whole


def test_parts_are_found_in_the_order_they_were_played_in_and_know_their_whole(
    tmp_path: Path,
) -> None:
    names = [CANARY, f"{TRIALS}/02-ramp-6", f"{TRIALS}/01-step-4", f"{TRIALS}/10-step-4.1"]
    for name in names:
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / TRIALS / "notes.txt").touch()
    found = parts(tmp_path)
    assert [str(part.relative_to(tmp_path)) for part in found] == [
        names[0], names[2], names[1], names[3],
    ]  # fmt: skip
    assert whole(found[0], canary=60.0, trial=None) == tmp_path
    assert {whole(part, canary=None, trial="x") for part in found[1:]} == {tmp_path}


@pytest.mark.parametrize("name", ["run", "trials"])
def test_a_run_of_its_own_is_its_own_whole_and_has_no_parts(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    assert whole(folder, canary=None, trial=None) == folder
    assert parts(folder) == []
