"""Which step a path is where nobody says: what the paths of most web sites and services have.

A form that is merely shown is a page; only what submits it signs in or up.
"""

import re

from loadtests.vocabulary import Step

_PARTS = frozenset(
    {"css", "js", "mjs", "map", "png", "jpg", "jpeg", "gif", "svg", "ico", "cur", "webp", "avif",
     "bmp", "tif", "tiff", "woff", "woff2", "ttf", "otf", "eot", "json", "xml", "rss", "atom",
     "txt", "pdf", "zip", "gz", "tgz", "bz2", "xz", "rar", "7z", "exe", "dmg", "deb", "rpm",
     "iso", "mp3", "ogg", "wav", "mp4", "webm", "mov", "avi", "swf", "flv", "csv", "doc", "docx",
     "xls", "xlsx", "ppt", "pptx", "vtt", "srt", "webmanifest", "wasm"}
)  # fmt: skip
"""Endings of what pages are made of, of files and of feeds: no step of a viewer's."""
_MEDIA = frozenset({"ts", "m4s", "m4v", "m4a", "cmfv", "cmfa", "cmft", "aac"})
_PLAYLISTS = frozenset({"m3u8", "mpd"})
_MASTER = re.compile(r"master|multivariant|/main\.|/index\.m3u8$|/manifest\.m3u8$")
_INIT = re.compile(r"/[^/]*\binit\b[^/]*\.(?:mp4|m4s|m4i|cmfv|cmfa)$|_init\.mp4$")
_FEED = re.compile(r"(?:^|[=/&])(?:rss(?:20|2)?|atom|feed)(?:$|[/&])")
_HOME = re.compile(r"/(?:(?:index|default|home)(?:\.[a-z]{2,5})?)?$")
_WATCHED = re.compile(
    r"/(?:health(?:z|check)?|ready|readyz|live(?:z|ness)|ping|metrics|server-status|\.well-known)(?:/|$)"
)
_API = re.compile(r"^/(?:.*/)?(?:api|graphql|rest|rpc|ajax|v[0-9])(?:/|$|\.)")


def _words(words: str) -> re.Pattern[str]:
    """A path with one of these as a word of its own."""
    return re.compile(rf"(?:^|[/_.-])(?:{words})(?:$|[/_.-])")


_SUBMITTED = (
    (_words("heartbeat|keep[-_]?alive"), Step.HEARTBEAT),
    (
        _words("sign[-_]?up|join|registration|register|create[-_]?account|new[-_]?account"),
        Step.SIGN_UP,
    ),
    (_words("refresh|refresh[-_]?token|token"), Step.REFRESH),
    (
        _words(
            r"log[-_]?in|sign[-_]?in|log[-_]?on|auth|authenticate|authentication|sessions"
            r"|j_(?:spring_)?security_check|xmlrpc\.php"
        ),
        Step.SIGN_IN,
    ),
    (re.compile(r"/administrator/(?:index\.php)?$"), Step.SIGN_IN),  # Joomla
    (_words("licen[sc]e|widevine|playready|fairplay|drm"), Step.LICENSE),
    (_words("playback|play"), Step.SESSION),
    (_words("cancel|unsubscribe"), Step.CANCEL),
)
_ASKED = (
    (_words("entitlements?"), Step.ENTITLEMENT),
    (
        _words(
            "log[-_]?out|sign[-_]?out|accounts?|my|me|profile|settings|user|wp-admin|customer|basket"
            "|cart|checkout|orders?|payments?|lost[-_]?password|reset[-_]?password|password"
        ),
        Step.ACCOUNT,
    ),
)
"""First match wins; what signs in and up is looked for before."""


def guess(target: str, *, is_post: bool) -> Step | None:
    """The step of a path and its query; None: no step of a viewer's. Pages are `Step.WEBSITE`."""
    path, _, query = target.lower().partition("?")
    if not path.startswith("/") or _WATCHED.search(path):
        return None
    ending = path.rpartition("/")[2].rpartition(".")
    kind = ending[2] if ending[1] else ""
    if (streamed := _streamed(path, kind)) is not None:
        return streamed
    if is_post:
        return _submitted(path, query)
    if kind in _PARTS or _FEED.search(path) or _FEED.search(query):
        return None
    return _asked(path)


def _streamed(path: str, kind: str) -> Step | None:
    if _INIT.search(path):
        return Step.INIT
    if kind in _PLAYLISTS:
        return Step.MASTER if _MASTER.search(path) else Step.PLAYLIST
    return Step.SEGMENT if kind in _MEDIA else None


def _submitted(path: str, query: str) -> Step | None:
    if path.endswith("/wp-login.php") and "action=" in query:
        return Step.SIGN_UP if "action=register" in query else Step.ACCOUNT
    for pattern, step in _SUBMITTED:
        if pattern.search(path):
            return step
    return _asked(path)


def _asked(path: str) -> Step | None:
    if _HOME.fullmatch(path):
        return Step.HOME
    for pattern, step in _ASKED:
        if pattern.search(path):
            return step
    return Step.CATALOG if _API.search(path) else Step.WEBSITE
