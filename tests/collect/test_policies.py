from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.policies import CODES, OTHER, Codes, told_apart
from loadtests.vocabulary import Step

POLICIES = st.dictionaries(
    st.tuples(st.sampled_from([Step.ENTITLEMENT, Step.RENEWAL]), st.text(min_size=1, max_size=4)),
    st.integers(1, 100),
)


@pytest.mark.parametrize("code", ["download_limit_reached", "E-403.2", "policy:geo"])
def test_a_code_keeps_its_name(code: str) -> None:
    assert Codes().file(Step.ENTITLEMENT, code) == code


@pytest.mark.parametrize("code", ["", "two words", "x" * 41, "token=abc", "né", "a\nb", "None, no"])
def test_what_does_not_read_as_a_code_has_no_name(code: str) -> None:
    assert Codes().file(Step.ENTITLEMENT, code) == OTHER


def test_each_step_has_its_own_first_codes() -> None:
    codes = Codes()
    for number in range(CODES + 5):
        codes.file(Step.ENTITLEMENT, f"e{number}")
    assert codes.file(Step.ENTITLEMENT, "e0") == "e0"
    assert codes.file(Step.ENTITLEMENT, f"e{CODES}") == OTHER
    assert codes.file(Step.RENEWAL, f"e{CODES}") == f"e{CODES}"


@given(POLICIES)
def test_no_refusal_is_lost_and_the_commonest_codes_are_told_apart(
    counted: dict[tuple[Step, str], int],
) -> None:
    made = told_apart(counted)
    for step in Step:
        mine = {code: n for (of, code), n in made.items() if of is step}
        whole = {code: n for (of, code), n in counted.items() if of is step}
        assert sum(mine.values()) == sum(whole.values())
        assert len(mine.keys() - {OTHER}) <= CODES
        hidden = [n for code, n in whole.items() if code not in mine]
        told = [n for code, n in mine.items() if code != OTHER]
        assert max(hidden, default=0) <= min(told, default=max(hidden, default=0))


def test_codes_of_several_workers_are_kept_few() -> None:
    counted = Counter({(Step.RENEWAL, f"c{n:02}"): n + 1 for n in range(2 * CODES)})
    made = told_apart(counted)
    assert len(made) == CODES + 1
    assert made[Step.RENEWAL, OTHER] == sum(range(1, CODES + 1))
