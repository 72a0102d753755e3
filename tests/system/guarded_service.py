"""A small service of nobody's design that wants a key and an account, and has no stream."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROFILE = """\
title: a service that wants a key
secrets:
  key: {env: GUARDED_KEY}
headers:
  X-Api-Key: "{secret.key}"
  Authorization: "Bearer {access_token}"
steps:
  sign_in:
    url: /login
    json: {who: "{account}", what: "{password}"}
    keep: &tokens
      access_token: {json: $.access}
      refresh_token: {json: $.refresh}
  refresh:
    url: /renew
    json: {token: "{refresh_token}"}
    keep: *tokens
  entitlement: {url: /may-i, expect: {json: {at: $.yes, equals: true}}}
  session:
    url: /play
    method: POST
    keep:
      session: {json: $.id}
      master: {json: $.url, resolve: true}
  support: {url: /call, method: POST}
"""


class Guarded(ThreadingHTTPServer):
    """Accounts are `<word>-account-<n>`; each refresh token it gives is another one."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, word: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.word = word
        self.served: list[tuple[str, int]] = []  # path and status
        self.turn = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def key(self) -> str:
        return f"{self.word}-key"

    def password(self, account: str) -> str:
        return f"{self.word}-password-{account.rpartition('-')[2]}"

    def tokens(self, account: str) -> dict[str, str]:
        with self.lock:
            self.turn += 1
        number = account.rpartition("-")[2]
        return {
            "access": f"{self.word}-access-{number}",
            "refresh": f"{self.word}-refresh-{number}-{self.turn}",
        }

    def answer(self, path: str, said: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        if headers.get("x-api-key") != self.key:
            return 403, {"no": "key"}
        if path == "/login":
            account = str(said.get("who"))
            good = said.get("what") == self.password(account)
            return (200, self.tokens(account)) if good else (401, {"no": "account"})
        if path == "/renew":
            word, kind, number, *_ = str(said.get("token")).split("-")
            good = (word, kind) == (self.word, "refresh")
            return (200, self.tokens(f"account-{number}")) if good else (401, {"no": "token"})
        known = headers.get("authorization", "").startswith(f"Bearer {self.word}-access-")
        return self.known(path) if known else (401, {"no": "token"})

    def known(self, path: str) -> tuple[int, Any]:
        """The answer to whoever has a token."""
        answers = {
            "/may-i": {"yes": True},
            "/play": {"id": f"{self.word}-session", "url": f"/live.m3u8?token={self.word}"},
            "/call": {},
        }
        return (200, answers[path]) if path in answers else (404, {"no": path})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Guarded

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = self.path.partition("?")[0]
        status, said = self.server.answer(path, json.loads(body or b"{}"), headers)
        self.server.served.append((path, status))
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = _answer  # noqa: N815 - http.server looks for this name
    do_POST = _answer  # noqa: N815 - and for this one

    def log_message(self, *_: object) -> None:
        """Not to the test's own output."""


@contextmanager
def guarded(word: str) -> Iterator[Guarded]:
    """The service for the length of a `with`; `word` is in everything that is secret."""
    service = Guarded(word)
    thread = threading.Thread(target=service.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.shutdown()
        service.server_close()
        thread.join(5)
