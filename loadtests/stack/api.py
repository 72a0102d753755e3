"""The steps beside the stream itself: what each is answered once a server has done its work."""

import json

from loadtests.stack import accounts
from loadtests.stack.boxes import Boxes
from loadtests.stack.call import Call, Route, known
from loadtests.stack.downloads import Downloads
from loadtests.stack.event_clock import EventClock
from loadtests.stack.exchange import Answer, Headers, Stated
from loadtests.stack.household import Household
from loadtests.stack.memory import Memory
from loadtests.stack.model import Stack
from loadtests.stack.support_desk import Support
from loadtests.vocabulary import Step

_BINARY: Headers = ((b"content-type", b"application/octet-stream"),)
_HTML: Headers = ((b"content-type", b"text/html; charset=utf-8"),)
_LICENSE = bytes(range(256)) * 4
_PAGE = b"<!doctype html><title>Is it me?</title><p>All services are available.</p>"
_CATALOG = json.dumps({"titles": [f"title-{n:04d}" for n in range(1, 41)]}).encode()


class Api:
    """The stack's routes but for the stream, as a table by path."""

    def __init__(self, stack: Stack, clock: EventClock) -> None:
        self._stack = stack
        self._sessions = 0
        self._signed_up: Memory[str, bool] = Memory()
        self._household = household = Household(stack.household, clock)
        boxes, downloads = Boxes(stack.migration, clock), Downloads(stack.downloads, clock)
        self.routes = {
            "/www": Route("GET", Step.WEBSITE, _page),
            "/boot": Route("POST", Step.BOOT, boxes.boot),
            "/register": Route("POST", Step.REGISTER, boxes.register),
            "/home": Route("GET", Step.HOME, Call.ok),
            "/sign-up": Route("POST", Step.SIGN_UP, self._sign_up),
            "/sign-in": Route("POST", Step.SIGN_IN, self._sign_in),
            "/token": Route("POST", Step.REFRESH, self._refresh),
            "/catalog": Route("GET", Step.CATALOG, known(_catalog)),
            "/account": Route("GET", Step.ACCOUNT, known(_done)),
            "/household/code": Route("POST", Step.HOUSEHOLD_CODE, known(household.send_code)),
            "/household": Route("POST", Step.HOUSEHOLD, known(household.verify)),
            "/cancel": Route("POST", Step.CANCEL, known(_done)),
            "/support": Route("POST", Step.SUPPORT, Support(stack.support, clock).call),
            "/entitlement": Route("GET", Step.ENTITLEMENT, known(self._entitlement)),
            "/session": Route("POST", Step.SESSION, known(self._session)),
            "/license": Route("POST", Step.LICENSE, known(_license)),
            "/download": Route("POST", Step.DOWNLOAD, known(downloads.download)),
            "/renewal": Route("POST", Step.RENEWAL, known(downloads.renew)),
            "/heartbeat": Route("POST", Step.HEARTBEAT, _note),
            "/leave": Route("POST", Step.LEAVE, _note),
        }

    def _sign_up(self, call: Call) -> Answer:
        """A new account, in good standing; its password must be the one it will sign in with."""
        asked = call.strings("account", "password")
        if asked is None or not accounts.is_account(asked[0]):
            return call.no(Stated.CLIENT_ERROR)
        account, password = asked
        if password != accounts.password(account):
            return call.no(Stated.CLIENT_ERROR)
        self._signed_up.keep(account, True)
        self._household.found(account, call.device)
        return self._tokens(call, account, status=201)

    def _sign_in(self, call: Call) -> Answer:
        asked = call.strings("account", "password")
        if asked is None:
            return call.no(Stated.CLIENT_ERROR)
        account, password = asked
        if not accounts.is_account(account):
            return self._denied(call, Stated.UNKNOWN_USER, account)
        if password != accounts.password(account):
            return self._denied(call, Stated.BAD_CREDENTIALS, account)
        return self._tokens(call, account)

    def _denied(self, call: Call, stated: Stated, name: str) -> Answer:
        """A failed sign-in: of the account it names, if there is such a one or nobody looks."""
        if self._stack.denies_with_200:
            return call.no(stated, account=name)._replace(status=200, is_disguised=True)
        return call.no(stated, account=name if stated is Stated.BAD_CREDENTIALS else None)

    def _refresh(self, call: Call) -> Answer:
        asked = call.strings("refresh_token")
        if asked is None:
            return call.no(Stated.CLIENT_ERROR)
        account = accounts.refreshing(asked[0])
        return call.no(Stated.EXPIRED) if account is None else self._tokens(call, account)

    def _tokens(self, call: Call, account: str, *, status: int = 200) -> Answer:
        life = self._stack.token_life
        body = (
            f'{{"access_token": "{accounts.access_token(account, call.at + life)}", '
            f'"refresh_token": "{accounts.refresh_token(account)}", "expires_in": {life:g}}}'
        )
        return call.ok(body.encode(), status=status, account=account)

    def _entitlement(self, call: Call, account: str) -> Answer:
        stack = self._stack
        if not self._signed_up.get(account):
            if accounts.is_on_hold(account, stack.accounts_on_hold):
                return call.no(Stated.ACCOUNT_ON_HOLD)
            if not accounts.is_in_plan(account, stack.refused_accounts):
                return call.no(Stated.NOT_IN_PLAN)
        if not self._household.admits(account, call.device, call.at):
            return call.no(Stated.NOT_IN_HOUSEHOLD)
        return call.ok(b'{"entitled": true}')

    def _session(self, call: Call, account: str) -> Answer:
        self._sessions += 1
        session = accounts.session_id(account, self._sessions)
        body = f'{{"session": "{session}", "master": "/live/master.m3u8"}}'
        return call.ok(body.encode(), status=201)


def _page(call: Call) -> Answer:
    return Answer(call.at, 200, _HTML, _PAGE, call.step, Stated.OK, call.account)


def _catalog(call: Call, _: str) -> Answer:
    return call.ok(_CATALOG)


def _done(call: Call, _: str) -> Answer:
    return call.ok()


def _license(call: Call, account: str) -> Answer:
    return Answer(call.at, 200, _BINARY, _LICENSE, call.step, Stated.OK, account)


def _note(call: Call) -> Answer:
    """Heartbeat and leave: noted if they name a session."""
    asked = call.strings("session")
    account = accounts.session_account(asked[0]) if asked else None
    if account is None:
        return call.no(Stated.CLIENT_ERROR)
    return Answer(call.at, 204, (), b"", call.step, Stated.OK, account)
