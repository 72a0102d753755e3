from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import run
from case import Case, Contender, Figures, Place
from results import newest
from table import UNITS

OPTIONS = Namespace(rounds=2, seconds=1.0)


@contextmanager
def nothing(_place: Place) -> Iterator[str]:
    yield ""


def case(name: str, contenders: dict[str, Contender], *needs: str) -> Case:
    return Case(
        name=name,
        title=name,
        about="",
        origin=nothing,
        contenders=contenders,
        columns=("rate",),
        needs=needs,
    )


def steady(_place: Place, _url: str) -> Figures:
    return {"rate": 1.0}


def breaking(_place: Place, _url: str) -> Figures:
    raise RuntimeError("the server is gone")


def test_contenders_take_turns_round_after_round() -> None:
    order = list[str]()

    def noting(name: str) -> Contender:
        def play(_place: Place, _url: str) -> Figures:
            order.append(name)
            return {"rate": float(len(order))}

        return play

    results = run.play(
        case("turns", {name: noting(name) for name in "ab"}), rounds=2, seconds=1.0, cores=(0, 1)
    )

    assert order == ["a", "b", "a", "b"]
    assert results == {"a": [{"rate": 1.0}, {"rate": 3.0}], "b": [{"rate": 2.0}, {"rate": 4.0}]}


def test_a_case_that_breaks_off_costs_neither_what_was_measured_nor_what_comes(
    tmp_path: Path,
) -> None:
    chosen = [
        case("first", {"a": steady}),
        case("broken", {"a": breaking}),
        case("last", {"a": steady}),
    ]

    ran = run.bench(chosen, OPTIONS, (0, 1), tmp_path)

    assert [played.name for played in ran.cases] == ["first", "last"]
    assert ran.broken == {"broken": "the server is gone"}
    assert newest(tmp_path) == ran


def test_a_missing_command_leaves_out_its_cases_only_and_its_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    chosen = [case("needy", {"a": steady}, "wrk"), case("modest", {"a": steady})]

    run.say_what_is_missing({c.name: run.missing(c) for c in chosen if run.missing(c)})
    ran = run.bench(chosen, OPTIONS, (0, 1), tmp_path)

    assert capsys.readouterr().err.startswith(
        "bench: wrk missing (Debian: apt-get install wrk); left out: needy\n"
    )
    assert ran.skipped == {"needy": ["wrk"]}
    assert [played.name for played in ran.cases] == ["modest"]


def test_every_command_a_case_needs_has_a_package() -> None:
    needed = {command for known in run.cases().values() for command in known.needs}

    assert needed <= run.PACKAGES.keys()


def test_the_unit_of_every_bar_can_be_shown() -> None:
    units = {bar.unit for known in run.cases().values() for bar in known.bars}

    assert units <= UNITS.keys()


@pytest.mark.parametrize("given", [["--rounds", "0"], ["--seconds", "0"], ["--case", "nonsense"]])
def test_what_cannot_be_measured_is_refused_in_one_message(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run.main(given)
    assert "error:" in capsys.readouterr().err
