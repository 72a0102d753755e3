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
