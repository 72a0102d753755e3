"""The testbed's dialect: how each step is said, and what its answer leaves the viewer with."""

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeGuard

from loadtests.behavior.judge import read_json
from loadtests.behavior.session import Session
from loadtests.behavior.steps import Fetch, Reply
from loadtests.url import resolve, split
from loadtests.vocabulary import Outcome, Step

_JSON = b"Content-Type: application/json\r\n"
_BINARY = b"Content-Type: application/octet-stream\r\n"
_CHALLENGE = bytes(range(64))  # of a license: the testbed's DRM does not look at it


class Tokens(NamedTuple):
    """What signing in or refreshing gives."""

    access: str
    refresh: str


class Admission(NamedTuple):
    """What a playback session gives: its name, and the absolute URL of its master playlist."""

    session: str
    master: str


def account(session: Session) -> str:
    """Account of this viewer: invented, one per arrival."""
    return f"viewer-{session.arrival.index:07d}"


def home(session: Session) -> Fetch:
    """The app's first request: its configuration, behind the waiting room if there is one."""
    return _fetch(session, Step.HOME, "/home", read=_read_object)


def sign_in(session: Session) -> Fetch:
    """Name and password for tokens."""
    name = account(session)
    said = {"account": name, "password": f"password-of-{name}"}
    return _fetch(session, Step.SIGN_IN, "/sign-in", said, read=_read_tokens)


def refresh(session: Session) -> Fetch:
    """A refresh token, from just now or from another day, for tokens."""
    token = session.refresh_token or f"refresh-{account(session)}"
    return _fetch(session, Step.REFRESH, "/token", {"refresh_token": token}, read=_read_tokens)


def entitlement(session: Session) -> Fetch:
    """Whether this account may watch this event."""
    return _fetch(session, Step.ENTITLEMENT, "/entitlement", read=_read_entitlement)


def playback_session(session: Session) -> Fetch:
    """A playback session: one more screen on this account."""
    return _fetch(session, Step.SESSION, "/session", {}, read=_read_admission)


def license_(session: Session) -> Fetch:
    """The keys to the stream."""
    fetch = _fetch(session, Step.LICENSE, "/license", read=_read_something)
    fetch.method, fetch.body, fetch.headers = "POST", _CHALLENGE, session.headers + _BINARY
    return fetch


def heartbeat(session: Session) -> Fetch:
    """Still watching, and how far."""
    said = {"session": session.id, "position": round(session.playback.position, 3)}
    return _fetch(session, Step.HEARTBEAT, "/heartbeat", said)


def leave(session: Session) -> Fetch:
    """Gone."""
    return _fetch(session, Step.LEAVE, "/leave", {"session": session.id})


SPEAK: Mapping[Step, Callable[[Session], Fetch]] = {
    Step.HOME: home,
    Step.SIGN_IN: sign_in,
    Step.REFRESH: refresh,
    Step.ENTITLEMENT: entitlement,
    Step.SESSION: playback_session,
    Step.LICENSE: license_,
    Step.HEARTBEAT: heartbeat,
    Step.LEAVE: leave,
}
"""How each step is said. Playlists and segments need no words: their URLs say it all."""


def keep_tokens(session: Session, tokens: Tokens) -> None:
    """Use these from now on, on every request."""
    session.headers = f"Authorization: Bearer {tokens.access}\r\n".encode("latin-1")
    session.refresh_token = tokens.refresh


def _fetch(
    session: Session,
    step: Step,
    path: str,
    said: Mapping[str, object] | None = None,
    read: Callable[[Reply], Outcome] | None = None,
) -> Fetch:
    body = b"" if said is None else json.dumps(said).encode()
    return Fetch(
        step,
        session.target.url + path,
        session.profile.manners[step].timeouts,
        method="GET" if said is None else "POST",
        headers=session.headers if said is None else session.headers + _JSON,
        body=body,
        read=read,
    )


def _read_object(reply: Reply) -> Outcome:
    return Outcome.OK if reply.body.lstrip().startswith(b"{") else Outcome.GARBAGE


def _read_something(reply: Reply) -> Outcome:
    return Outcome.OK if reply.size else Outcome.GARBAGE


def _read_tokens(reply: Reply) -> Outcome:
    said = read_json(reply.body)
    access, refreshing = said.get("access_token"), said.get("refresh_token")
    if not _is_token(access) or not isinstance(refreshing, str):
        return Outcome.GARBAGE
    reply.value = Tokens(access, refreshing)
    return Outcome.OK


def _is_token(text: object) -> TypeGuard[str]:
    """Whether it can stand in a header line."""
    return isinstance(text, str) and text.isascii() and text.isprintable() and text != ""


def _read_entitlement(reply: Reply) -> Outcome:
    said = read_json(reply.body).get("entitled")
    if said is True:
        return Outcome.OK
    if said is False:
        reply.value = "not_entitled"
        return Outcome.POLICY
    return Outcome.GARBAGE


def _read_admission(reply: Reply) -> Outcome:
    said = read_json(reply.body)
    name, master = said.get("session"), said.get("master")
    if not isinstance(name, str) or not isinstance(master, str):
        return Outcome.GARBAGE
    try:
        url = resolve(reply.fetch.url, master)
        split(url)
    except ValueError:
        return Outcome.GARBAGE
    reply.value = Admission(name, url)
    return Outcome.OK
