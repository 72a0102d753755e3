"""On the wire a search finds what it finds on paper: the capacity a stack was given."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from capacity_cells import CELLS, Found, search
from kit import record

from loadtests.audience.trial import Joins

pytestmark = pytest.mark.alone

SEEDS = range(1, 4)
"""Runs of each cell."""

AT_A_TIME = 2
"""Searches: more would be each other's noise."""


def test_the_cells_have_every_way_to_come() -> None:
    assert {cell.joins for cell in CELLS.values()} == set(Joins)


@pytest.mark.prove
@pytest.mark.timeout(240)
def test_the_knee_of_sign_in_is_found_where_it_was_put(tmp_path: Path) -> None:
    cell = CELLS["sign_in/step"]  # from so near that two minutes are enough
    found = search(cell, tmp_path, seed=2, first=0.94, most=1.075)
    assert found.error <= 0.05
    assert found.first in cell.right


@pytest.mark.prove
@pytest.mark.timeout(7200)
def test_each_search_of_each_cell_is_within_a_twentieth_and_names_the_step(tmp_path: Path) -> None:
    def run(name: str, seed: int) -> Found:
        folder = tmp_path / name.replace("/", "-") / str(seed)
        folder.mkdir(parents=True)
        return search(CELLS[name], folder, seed=seed)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        waiting = {name: [pool.submit(run, name, seed) for seed in SEEDS] for name in CELLS}
    found = {name: [future.result() for future in futures] for name, futures in waiting.items()}
    told = {
        name: [{**asdict(one), "error": round(one.error, 5)} for one in runs]
        for name, runs in found.items()
    }
    record("capacity-on-the-wire", {"cells": told})
    assert [(name, one) for name, runs in found.items() for one in runs if one.error > 0.05] == []
    wrong = [
        (name, one)
        for name, runs in found.items()
        for one in runs
        if one.first not in CELLS[name].right
    ]
    assert wrong == []
