from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.errors import InvalidFile, MatchnightError
from loadtests.paper.plan.changes import CHANGES
from loadtests.paper.plan.what_if import BackOff, Life, Times, WhatIf, parse_what_if, read_what_ifs
from loadtests.units import plain
from loadtests.vocabulary import Step

FILE = """\
cases:
  a room and a warm start:
    waiting_room: 420/s
    pre_warming: 30 %
  panic:
    panic: [entitlement, license]
    capacity: {sign_in: x1.5}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_names_its_cases_in_order(tmp_path: Path) -> None:
    cases = read_what_ifs(written(tmp_path, FILE))
    assert dict(cases) == {
        "a room and a warm start": WhatIf(waiting_room=420.0, pre_warming=0.3),
        "panic": WhatIf(
            panic=(Step.ENTITLEMENT, Step.LICENSE), capacity={Step.SIGN_IN: Times(1.5)}
        ),
    }


def test_a_file_tells_every_mistake_with_its_place(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "cases:\n  one: {waiting_rom: 420/s}\n  two: {pre_warming: 120 %}\n  three: {}\n",
    )
    with pytest.raises(InvalidFile) as error:
        read_what_ifs(path)
    assert [p.removeprefix(f"{path}:") for p in error.value.problems] == [
        "2:9: cases.one.waiting_rom: unknown key; did you mean 'waiting_room'?",
        "3:22: cases.two.pre_warming: '120 %' is out of range; write from 0 % to 100 %",
        f"4:10: cases.three: nothing is different; write one of {', '.join(CHANGES)}",
    ]


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(MatchnightError, match=r"no\.yaml: cannot be read"):
        read_what_ifs(tmp_path / "no.yaml")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("waiting_room=420/s", WhatIf(waiting_room=420.0)),
        ("start_jitter=2m", WhatIf(start_jitter=120.0)),
        ("token_life=24h", WhatIf(token_life=Life(86_400.0, None))),
        ("token_life=x3", WhatIf(token_life=Life(None, 3.0))),
        ("panic=entitlement", WhatIf(panic=(Step.ENTITLEMENT,))),
        ("panic=home,license", WhatIf(panic=(Step.HOME, Step.LICENSE))),
        ("pre_warming=30%", WhatIf(pre_warming=0.3)),
        ("playlist_lifetime=4s", WhatIf(playlist_lifetime=4.0)),
        ("back_off=jitter", WhatIf(back_off=BackOff.JITTER)),
        ("capacity.sign_in=x1.5", WhatIf(capacity={Step.SIGN_IN: Times(1.5)})),
        ("scaling_takes=3m", WhatIf(scaling_takes=180.0)),
        (
            "capacity.sign_in=x2 capacity.home=x3 pre_warming=0.5",
            WhatIf(capacity={Step.SIGN_IN: Times(2.0), Step.HOME: Times(3.0)}, pre_warming=0.5),
        ),
    ],
)
def test_a_line_says_what_a_file_would(text: str, meant: WhatIf) -> None:
    assert parse_what_if(text) == meant


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "'' is no case; write KEY=VALUE, such as waiting_room=420/s"),
        ("waiting_room", "'waiting_room' is no case; write KEY=VALUE, such as waiting_room=420/s"),
        ("waiting_room=3", "waiting_room: '3' is not a rate; write such as 200/s"),
        ("pre_warmin=3", "pre_warmin: unknown key; did you mean 'pre_warming'?"),
        ("panic=entitlemen", "panic[0]: 'entitlemen' is not known; did you mean 'entitlement'?"),
        (
            "capacity.sign_in=1.5",
            "capacity.sign_in: '1.5' is no factor; write how many times as much, such as x1.5",
        ),
        ("capacity.sgn_in=x2", "capacity.sgn_in: unknown key; did you mean 'sign_in'?"),
        (
            "token_life=soon",
            f"token_life: 'soon' is no life of a token; write {Life.advice}",
        ),
        ("back_off=none", "back_off: 'none' is not known; write one of jitter"),
    ],
)
def test_a_line_tells_what_to_write_instead(text: str, problem: str) -> None:
    with pytest.raises(InvalidFile) as error:
        parse_what_if(text)
    assert error.value.problems == [f"--what-if: {problem}"]


@settings(deadline=None)
@given(factor=st.floats(0.01, 1000))
def test_a_factor_reads_what_it_writes(factor: float) -> None:
    rounded = float(plain(factor))
    assert Times.from_text(str(Times(rounded))) == Times(rounded)


@settings(deadline=None)
@given(st.text(max_size=40).filter(lambda text: "=" not in text))
def test_what_is_no_case_is_told_in_a_message(text: str) -> None:
    with pytest.raises(InvalidFile, match=r"--what-if: .* is no case"):
        parse_what_if(text)


def test_every_key_has_its_change() -> None:
    assert list(CHANGES) == list(WhatIf.__slots__)
