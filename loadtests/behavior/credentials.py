"""Who a viewer is to the target: account, password, and whatever else a template may name."""

from collections.abc import Mapping
from typing import Protocol

ACCOUNT = "account"
PASSWORD = "password"  # noqa: S105 - the name of one
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of one


class Credentials(Protocol):
    """The accounts of a crowd, by the viewer's index in it (`Arrival.index`).

    Nothing in it may reach a log, a report, a metric, a message or a `repr`.
    """

    def of(self, viewer: int) -> Mapping[str, str]:
        """What this viewer holds: `account`, `password`, perhaps a `refresh_token`, and more.

        A viewer without a refresh token has nothing to refresh: it signs in.
        """

    def renewed(self, viewer: int, refresh_token: str) -> None:
        """The target gave this viewer a refresh token: the one it had may not be good any more."""

    def signed_up(self, viewer: int) -> None:
        """This viewer has an account of its own making: its tokens are not of the one it had."""


class Invented:
    """The testbed's accounts: one for each viewer, made of its number. They are no secret."""

    def of(self, viewer: int) -> Mapping[str, str]:
        """`viewer-0000123`, its password, and a token from another day."""
        name = f"viewer-{viewer:07d}"
        return {
            ACCOUNT: name,
            PASSWORD: f"password-of-{name}",
            REFRESH_TOKEN: f"refresh-{name}",
        }

    def renewed(self, viewer: int, refresh_token: str) -> None:
        """Forgotten: the next run invents it again."""

    def signed_up(self, viewer: int) -> None:
        """Forgotten, too."""


INVENTED: Credentials = Invented()
"""Nobody brought any accounts."""
