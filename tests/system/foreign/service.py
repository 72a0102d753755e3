"""A streaming service by somebody who never heard of matchnight: `python service.py PORT`.

OAuth 2 with PKCE for apps and a device code for TVs, HMAC-signed requests, cookies, JSON, refusals
and live HLS of its own. Strict: what is not as it wants it is refused. `/_seen` says what it saw.
"""

import base64
import hashlib
import hmac
import os
import re
import sys
import time
from collections import Counter
from threading import Lock

from flask import Flask, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue as Answer
from werkzeug.serving import WSGIRequestHandler

CLIENT = "tv-and-apps"
CALLBACK = "org.example.arena:/signed-in"
LIFE = 5.0  # seconds an access token is good
SEGMENT = 1.0  # seconds
PENDING = 2  # times a TV is told to ask again

app = Flask(__name__)
lock = Lock()
seen: Counter[str] = Counter()
logins: dict[str, dict[str, str]] = {}  # cookie -> what the authorization request said
codes: dict[str, dict[str, str]] = {}
refreshing: dict[str, str] = {}  # refresh token -> account
access: dict[str, tuple[str, float]] = {}  # access token -> account, until
polls: Counter[str] = Counter()
streams: dict[str, str] = {}


def fresh() -> str:
    return base64.urlsafe_b64encode(os.urandom(18)).decode()


def count(what: str) -> None:
    with lock:
        seen[what] += 1


def tokens(account: str) -> Response:
    token, refresh = fresh(), fresh()
    access[token] = (account, time.time() + LIFE)
    refreshing[refresh] = account
    return jsonify({"access_token": token, "refresh_token": refresh, "token_type": "Bearer"})


def refused(status: int, why: str) -> tuple[Response, int]:
    count(f"refused: {why}")
    return jsonify(problem={"kind": "refused", "why": why}), status


@app.before_request
def inspect() -> Answer | None:
    if request.path.startswith("/media") or request.path == "/_seen":
        return None
    if request.headers.get("X-Front-Door") != os.environ["ARENA_FRONT_DOOR"]:
        return refused(418, "front door")
    return None


def signature_is_good() -> bool:
    moment = request.headers.get("X-Arena-Time", "0")
    target = request.full_path if request.query_string else request.path
    digest = hashlib.sha256(request.get_data()).hexdigest()
    said = f"{request.method}\n{target}\n{moment}\n{digest}"
    key = os.environ["ARENA_SIGNING_KEY"].encode()
    good = base64.b64encode(hmac.digest(key, said.encode(), "sha256")).decode()
    is_recent = abs(time.time() - float(moment)) < 30
    return is_recent and hmac.compare_digest(good, request.headers.get("X-Arena-Signature", ""))


def who() -> str | None:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    account, until = access.get(token, (None, 0.0))
    return account if until > time.time() else None


@app.get("/v2/status")
def status() -> Answer:
    count("status")
    return jsonify(service={"state": "open"})


@app.get("/oauth/authorize")
def authorize() -> Answer:
    if request.args.get("client_id") != CLIENT or request.args.get("redirect_uri") != CALLBACK:
        return refused(400, "client")
    if request.args.get("code_challenge_method") != "S256" or not request.args.get("state"):
        return refused(400, "pkce")
    cookie, csrf = fresh(), fresh()
    logins[cookie] = {"csrf": csrf, **request.args.to_dict()}
    page = Response(f'<form><input type="hidden" name="csrf" value="{csrf}"></form>')
    page.headers.add("Set-Cookie", "banner=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT; Path=/")
    page.headers.add("Set-Cookie", f"arena_sso={cookie}; Path=/oauth; HttpOnly")
    return page


@app.post("/oauth/login")
def login() -> Answer:
    begun = logins.pop(request.cookies.get("arena_sso", ""), None)
    if begun is None or request.form.get("csrf") != begun["csrf"]:
        return refused(400, "login form")
    account = request.form.get("user", "")
    if request.form.get("pass") != f"open sesame, {account} & co":
        return refused(401, "password")
    code = fresh() + "=="  # percent-encoded in the redirect, as codes may be
    codes[code] = {"account": account, "challenge": begun["code_challenge"]}
    encoded = code.replace("=", "%3D")
    return redirect(f"{CALLBACK}?code={encoded}&state={begun['state']}", 302)


@app.post("/oauth/device")
def device() -> Answer:
    code = fresh()
    codes[code] = {"account": request.form["hint"]}
    return jsonify(device_code=code, user_code="WDJB-MJHT", interval=1, expires_in=60)


@app.post("/oauth/token")
def token() -> Answer:
    grants = {
        "authorization_code": of_code,
        "urn:ietf:params:oauth:grant-type:device_code": of_device,
        "refresh_token": of_refresh_token,
    }
    grant = grants.get(request.form.get("grant_type", ""))
    return refused(400, "grant") if grant is None else grant()


def of_code() -> Answer:
    begun = codes.pop(request.form.get("code", ""), None)
    digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if begun is None or begun["challenge"] != challenge:
        return refused(400, "code")
    count("signed in with PKCE")
    return tokens(begun["account"])


def of_device() -> Answer:
    code = request.form.get("device_code", "")
    polls[code] += 1
    if polls[code] <= PENDING:
        count("polled")
        return jsonify(error="authorization_pending"), 400
    count("signed in with a device code")
    return tokens(codes.pop(code)["account"])


def of_refresh_token() -> Answer:
    old = request.form.get("refresh_token", "")
    if old.startswith("of-another-day-"):
        refreshing.setdefault(old, old.removeprefix("of-another-day-"))
    account = refreshing.get(old)
    refreshing[old] = ""  # rotation: good for once
    if not account:
        return refused(400, "refresh token")
    count("refreshed")
    return tokens(account)


@app.get("/v2/rights/<event>")
def rights(event: str) -> Answer:
    if not signature_is_good():
        return refused(403, "signature")
    account = who()
    if account is None:
        return refused(401, "token")
    if account.endswith("3"):
        count("locked out")
        return jsonify(problem={"kind": "territory", "detail": {"rule": "region_locked"}}), 451
    return jsonify(rights=[{"event": event, "granted": True}])


@app.post("/v2/streams")
def stream() -> Answer:
    if not signature_is_good():
        return refused(403, "signature")
    account = who()
    if account is None or request.get_json() != {"event": "final", "quality": {"max": 1080}}:
        return refused(401, "stream")
    number = str(len(streams) + 1)
    streams[number] = account
    sources = [{"kind": "dash", "url": "/none"}, {"kind": "hls", "url": "../media/arena/all.m3u8"}]
    return jsonify(data={"play": {"id": int(number), "sources": sources}})


@app.post("/drm/acquire")
def acquire() -> Answer:
    if not signature_is_good() or who() is None:
        return refused(403, "signature")
    if request.get_data() != bytes(range(256)):
        return refused(400, "challenge")
    return Response(b"keys", mimetype="application/octet-stream")


@app.put("/v2/streams/<number>/beat")
def beat(number: str) -> Answer:
    if number not in streams or not re.fullmatch(rb"at=[0-9.]+", request.get_data()):
        return refused(404, "beat")
    count("beats")
    return "", 204


@app.delete("/v2/streams/<number>")
def end(number: str) -> Answer:
    if streams.pop(number, None) is None:
        return refused(404, "end")
    count("ended")
    return "", 204


@app.get("/media/arena/<path:name>")
def media(name: str) -> Answer:
    if who() is None:
        return refused(401, "media token")
    if name == "all.m3u8":
        return "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=80000,RESOLUTION=640x360\nlow/live.m3u8\n"
    newest = int(time.time() / SEGMENT) - 1
    if name == "low/live.m3u8":
        first = newest - 7
        lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
        for n in range(first, newest + 1):
            lines += ["#EXTINF:1.0,", f"../p/{n}.ts"]
        return "\n".join(lines) + "\n"
    return Response(b"\x47" * 4_000, mimetype="video/mp2t")


@app.get("/_seen")
def what_was_seen() -> Answer:
    return jsonify(seen)


if __name__ == "__main__":
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
