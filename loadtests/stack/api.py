"""The steps beside the stream itself: what each is answered once a server has done its work."""

import json
from collections.abc import Callable
from typing import NamedTuple

from loadtests.stack import accounts
from loadtests.stack.accounts import Access
from loadtests.stack.exchange import JSON, Answer, Headers, Request, Stated, refusal
from loadtests.stack.model import Stack
from loadtests.units import Seconds
from loadtests.vocabulary import Step

_BINARY: Headers = ((b"content-type", b"application/octet-stream"),)
_LICENSE = bytes(range(256)) * 4


class Call(NamedTuple):
    """One request a server has worked on until `at`; `access` is None without a token of ours."""

    request: Request
    step: Step
    access: Access | None
    at: Seconds

    @property
    def account(self) -> str | None:
        """Whose token it carried."""
        return self.access.account if self.access else None

    def ok(self, body: bytes = b"{}", *, status: int = 200, account: str | None = None) -> Answer:
        """Success, in JSON."""
        return Answer(self.at, status, JSON, body, self.step, Stated.OK, account or self.account)

    def no(self, stated: Stated, *, account: str | None = None) -> Answer:
        """Refusal."""
        return refusal(self.at, stated, step=self.step, account=account or self.account)


class Route(NamedTuple):
    """One path of the dialect: its method, its step and who answers."""

    method: str
    step: Step
    answer: Callable[[Call], Answer]


class Api:
    """The stack's routes but for the stream, as a table by path."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._sessions = 0
        self.routes = {
            "/home": Route("GET", Step.HOME, Call.ok),
            "/sign-in": Route("POST", Step.SIGN_IN, self._sign_in),
            "/token": Route("POST", Step.REFRESH, self._refresh),
            "/entitlement": Route("GET", Step.ENTITLEMENT, _known(self._entitlement)),
            "/session": Route("POST", Step.SESSION, _known(self._session)),
            "/license": Route("POST", Step.LICENSE, _known(_license)),
            "/heartbeat": Route("POST", Step.HEARTBEAT, _note),
            "/leave": Route("POST", Step.LEAVE, _note),
        }

    def _sign_in(self, call: Call) -> Answer:
        asked = _strings(call.request.body, "account", "password")
        if asked is None:
            return call.no(Stated.CLIENT_ERROR)
        account, password = asked
        if not accounts.is_account(account):
            return call.no(Stated.UNKNOWN_USER)
        if password != accounts.password(account):
            return call.no(Stated.BAD_CREDENTIALS, account=account)
        return self._tokens(call, account)

    def _refresh(self, call: Call) -> Answer:
        asked = _strings(call.request.body, "refresh_token")
        if asked is None:
            return call.no(Stated.CLIENT_ERROR)
        account = accounts.refreshing(asked[0])
        return call.no(Stated.EXPIRED) if account is None else self._tokens(call, account)

    def _tokens(self, call: Call, account: str) -> Answer:
        life = self._stack.token_life
        body = (
            f'{{"access_token": "{accounts.access_token(account, call.at + life)}", '
            f'"refresh_token": "{accounts.refresh_token(account)}", "expires_in": {life:g}}}'
        )
        return call.ok(body.encode(), account=account)

    def _entitlement(self, call: Call, account: str) -> Answer:
        if not accounts.is_in_plan(account, self._stack.refused_accounts):
            return call.no(Stated.NOT_IN_PLAN)
        return call.ok(b'{"entitled": true}')

    def _session(self, call: Call, account: str) -> Answer:
        self._sessions += 1
        session = accounts.session_id(account, self._sessions)
        body = f'{{"session": "{session}", "master": "/live/master.m3u8"}}'
        return call.ok(body.encode(), status=201)


def _known(answer: Callable[[Call, str], Answer]) -> Callable[[Call], Answer]:
    """Whoever comes without a good token is told so; the others are answered."""

    def check(call: Call) -> Answer:
        if call.access is None:
            return call.no(Stated.BAD_CREDENTIALS)
        if call.access.expiry <= call.at:
            return call.no(Stated.EXPIRED)
        return answer(call, call.access.account)

    return check


def _license(call: Call, account: str) -> Answer:
    return Answer(call.at, 200, _BINARY, _LICENSE, call.step, Stated.OK, account)


def _note(call: Call) -> Answer:
    """Heartbeat and leave: noted if they name a session."""
    asked = _strings(call.request.body, "session")
    account = accounts.session_account(asked[0]) if asked else None
    if account is None:
        return call.no(Stated.CLIENT_ERROR)
    return Answer(call.at, 204, (), b"", call.step, Stated.OK, account)


def _strings(body: bytes, *names: str) -> list[str] | None:
    """The strings of these names in a JSON object; None if the body has not all of them."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    values = [value for name in names if isinstance(value := fields.get(name), str)]
    return values if len(values) == len(names) else None
