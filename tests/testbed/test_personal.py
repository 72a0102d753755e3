"""Playlists of a viewer's own over real sockets: to a bare player, and in the log."""

import json

from served import ACCOUNT, Testbed, Visited

from loadtests.stack.ad_breaks import AdBreaks
from loadtests.stack.event_clock import Calendar
from loadtests.stack.model import Stack, Stream
from loadtests.stack.signed_urls import SignedUrls
from loadtests.testbed import clock

STACK = Stack(
    stations={},
    stream=Stream(signed_urls=SignedUrls(life=60.0), ad_breaks=AdBreaks(every=3600.0, ads=6)),
    calendar=Calendar(start=0.0, speed=1.0),
)
TOKEN = f"Authorization: Bearer access.{ACCOUNT}.99999999999"


async def begun(testbed: Testbed) -> None:
    """The first break began a minute ago, and takes another."""
    body = json.dumps({"start": clock.now() - 60}).encode()
    assert (await testbed.ask("POST", "/.well-known/matchnight-start", body)).status == 204


async def entry(testbed: Testbed, *headers: str) -> str:
    """Target of the first media playlist of the viewer's master playlist."""
    master = await testbed.ask("GET", "/live/master.m3u8", None, *headers)
    line = next(line for line in master.body.decode().splitlines() if line.startswith("v0/"))
    return f"/live/{line}"


def test_a_bare_player_is_served_by_the_urls_it_is_given_and_by_no_others(
    visited: Visited,
) -> None:
    async def visit(testbed: Testbed) -> None:
        await begun(testbed)
        playlist = await testbed.ask("GET", await entry(testbed))
        text = playlist.body.decode()
        section = text.partition('MAP:URI="')[2].partition('"')[0]
        segment = text.split()[-1]
        assert section.startswith("ads/")
        for name in (section, segment):
            assert (await testbed.ask("GET", f"/live/v0/{name}")).status == 200
            bare = await testbed.ask("GET", f"/live/v0/{name.partition('?')[0]}")
            assert (bare.status, json.loads(bare.body)) == (403, {"error": "forbidden"})

    log = visited(visit, STACK)[1:]
    assert [(line["step"], line["outcome"]) for line in log] == [
        ("master", "ok"),
        ("playlist", "ok"),
        ("init", "ok"),
        ("init", "forbidden"),
        ("segment", "ok"),
        ("segment", "forbidden"),
    ]
    assert [line["cache"] for line in log] == ["miss", "miss", "miss", None, "miss", None]


def test_the_log_names_the_account_where_it_always_does_and_never_in_a_url(
    visited: Visited,
) -> None:
    async def visit(testbed: Testbed) -> None:
        track = await entry(testbed, TOKEN)
        playlist = await testbed.ask("GET", track, None, TOKEN)
        await testbed.ask("GET", f"/live/v0/{playlist.body.decode().split()[-1]}", None, TOKEN)

    log = visited(visit, STACK)
    assert [line["account"] for line in log] == [ACCOUNT] * 3
    assert [line["status"] for line in log] == [200] * 3
    assert "viewer=" in log[2]["path"]
    assert not any(ACCOUNT in line["path"] or "0000042" in line["path"] for line in log)
