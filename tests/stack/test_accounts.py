"""Names, passwords and tokens that prove themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack import accounts

ACCOUNTS = st.integers(0, 10**9).map(lambda n: f"viewer-{n:07d}")


@given(ACCOUNTS, st.integers(0, 2 * 10**9))
def test_an_access_token_says_whose_it_is_and_how_long_it_is_good(account: str, at: int) -> None:
    token = accounts.access_token(account, at + 0.9)
    assert accounts.read_access(token) == accounts.Access(account, float(at))


@given(ACCOUNTS)
def test_a_refresh_token_says_whose_it_is(account: str) -> None:
    assert accounts.refreshing(accounts.refresh_token(account)) == account


@given(ACCOUNTS, st.integers(0, 10**6))
def test_a_session_says_whose_it_is(account: str, number: int) -> None:
    assert accounts.session_account(accounts.session_id(account, number)) == account


@pytest.mark.parametrize(
    "token",
    ["", "access", "access.viewer-1.5", "access.viewer-0000001.", "access.viewer-0000001.soon",
     "refresh.viewer-0000001.5", "access.viewer-0000001.5.5", "access.viewer-\u0661234567.5"],
)  # fmt: skip
def test_tokens_nobody_gave_out_say_nothing(token: str) -> None:
    assert accounts.read_access(token) is None
    assert accounts.refreshing(token) is None
    assert accounts.session_account(token) is None


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 1.0])
def test_the_share_of_accounts_without_the_event_is_the_one_asked_for(share: float) -> None:
    names = [f"viewer-{n:07d}" for n in range(20_000)]
    refused = sum(not accounts.is_in_plan(name, share) for name in names)
    assert refused / len(names) == pytest.approx(share, abs=0.01)


@given(ACCOUNTS, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_refuses_everybody_a_smaller_one_does(
    account: str, one: float, other: float
) -> None:
    smaller, larger = sorted((one, other))
    assert accounts.is_in_plan(account, smaller) >= accounts.is_in_plan(account, larger)


@pytest.mark.parametrize("share", [0.0, 0.03, 1.0])
def test_the_share_of_accounts_on_hold_is_the_one_asked_for(share: float) -> None:
    names = [f"viewer-{n:07d}" for n in range(20_000)]
    held = {name for name in names if accounts.is_on_hold(name, share)}
    assert len(held) / len(names) == pytest.approx(share, abs=0.01)


def test_who_is_on_hold_has_nothing_to_do_with_whose_plan_lacks_the_event() -> None:
    names = [f"viewer-{n:07d}" for n in range(20_000)]
    held = [name for name in names if accounts.is_on_hold(name, 0.2)]
    refused = sum(not accounts.is_in_plan(name, 0.2) for name in held)
    assert refused / len(held) == pytest.approx(0.2, abs=0.03)


@given(ACCOUNTS)
def test_a_household_code_is_six_digits_always_the_same(account: str) -> None:
    code = accounts.household_code(account)
    assert len(code) == 6
    assert code.isdigit()
    assert code == accounts.household_code(account)


def test_household_codes_are_spread_evenly() -> None:
    codes = [int(accounts.household_code(f"viewer-{n:07d}")) for n in range(2_000)]
    assert sum(codes) / len(codes) == pytest.approx(500_000, rel=0.05)
    assert len(set(codes)) > 1_990
