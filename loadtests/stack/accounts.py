"""Accounts and their tokens. Nothing is stored: a name, a password and a token prove themselves."""

import re
from dataclasses import dataclass
from functools import lru_cache

from loadtests.chance import Chance
from loadtests.units import Ratio, Seconds

_ACCOUNT = re.compile(r"viewer-[0-9]{7,12}")
_PLANS = 0x504C414E  # one draw per account, the same in every run
_HOLDS = 0x484F4C44
_CODES = 0x434F4445


@dataclass(frozen=True, slots=True)
class Access:
    """An access token, read: whose it is and until when it is good (seconds since the epoch)."""

    account: str
    expiry: Seconds


def is_account(name: str) -> bool:
    """Whether the stack knows an account of this name: `viewer-` and seven to twelve digits."""
    return _ACCOUNT.fullmatch(name) is not None


def password(account: str) -> str:
    """The one right password of an account."""
    return f"password-of-{account}"


def refresh_token(account: str) -> str:
    """The account's refresh token, good without a sign-in: viewers have one from another day."""
    return f"refresh-{account}"


def refreshing(token: str) -> str | None:
    """Account a refresh token belongs to; None for one the stack never gave out."""
    account = token.removeprefix("refresh-")
    return account if account != token and is_account(account) else None


def access_token(account: str, expiry: Seconds) -> str:
    """A token that says whose it is and until when it is good: no table of tokens is needed."""
    return f"access.{account}.{int(expiry)}"


@lru_cache(maxsize=65_536)
def read_access(token: str) -> Access | None:
    """What an access token says; None for one the stack never gave out."""
    kind, _, rest = token.partition(".")
    account, _, expiry = rest.partition(".")
    if kind != "access" or not is_account(account) or not re.fullmatch(r"[0-9]{1,12}", expiry):
        return None
    return Access(account, float(expiry))


def session_id(account: str, number: int) -> str:
    """Name of a playback session."""
    return f"session.{account}.{number}"


def session_account(session: str) -> str | None:
    """Account a playback session belongs to; None for a session the stack never gave out."""
    kind, _, rest = session.partition(".")
    account = rest.partition(".")[0]
    return account if kind == "session" and is_account(account) else None


def household_code(account: str) -> str:
    """Six digits that prove a device belongs to the account's household: always the same ones."""
    return f"{int(_draw(_CODES, account) * 1_000_000):06d}"


def is_in_plan(account: str, refused: Ratio) -> bool:
    """Whether the account's plan includes the event.

    Those of a share `refused` of all accounts, always the same ones, do not.
    """
    return _draw(_PLANS, account) >= refused


def is_on_hold(account: str, share: Ratio) -> bool:
    """Whether nobody has paid for the account: those of a share of all, always the same ones."""
    return _draw(_HOLDS, account) < share


def _draw(of: int, account: str) -> float:
    return Chance(of, int(account.removeprefix("viewer-"))).uniform()
