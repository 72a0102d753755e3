"""Playlists of a viewer's own: the edge writes into the origin's what is that viewer's alone."""

import re

from loadtests.stack import signed_urls
from loadtests.stack.exchange import Request
from loadtests.stack.model import Stream
from loadtests.stack.signed_urls import Signer
from loadtests.stack.stream import Live
from loadtests.units import Seconds
from loadtests.vocabulary import Step

_ROOT = "/live/"
_ENTRY = re.compile(r"([a-z]+[0-9]*/)playlist\.m3u8")


class Personal:
    """The master playlist names its viewer in every URL; by that name, media playlists are written.

    So players need no headers, cookies or account. Segments, ads and init sections are the same
    bytes for all: only who may have them, and which of them a playlist lists, is the viewer's own.
    """

    def __init__(self, stream: Stream, live: Live) -> None:
        self._live = live
        self._signer = Signer(stream.signed_urls) if stream.signed_urls else None
        self._creatives = stream.ad_breaks.creatives if stream.ad_breaks else 1
        self._strangers = 0

    def admits(self, step: Step, target: str, now: Seconds) -> bool:
        """Whether what a target's query says is good enough at `now`; anybody may have a master."""
        if self._signer is None or step is Step.MASTER:
            return True
        path, _, query = target.partition("?")
        return self._signer.admits(_folder(path), query, now, entry=step is Step.PLAYLIST)

    def master(self, request: Request, account: str | None) -> bytes:
        """The master playlist for whoever asks: account and device, or nobody in particular."""
        number = request.device.number
        if account is None and not number:
            self._strangers += 1
        viewer = signed_urls.name(account, number, self._strangers)
        text = self._live.master.decode()
        return _ENTRY.sub(
            lambda found: f"{found[0]}?{self._entry(found[1], viewer)}", text
        ).encode()

    def playlist(self, target: str, moment: Seconds, now: Seconds) -> bytes:
        """What the media playlist there said at `moment`, with URLs good from `now` on."""
        path, _, query = target.partition("?")
        viewer = signed_urls.named(query)
        own = f"?{self._signer.query(_folder(path), viewer, now)}" if self._signer else ""
        return self._live.playlist(
            moment, deal=int(viewer, 16) % self._creatives, query=own.encode()
        )

    def _entry(self, track: str, viewer: str) -> str:
        signer = self._signer
        return signer.entry(_ROOT + track, viewer) if signer else f"viewer={viewer}"


def _folder(path: str) -> str:
    """The track's folder, with its ads: `/live/v0/`."""
    return path[: path.index("/", len(_ROOT)) + 1]
