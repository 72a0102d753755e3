"""Old playlists with 200: nothing but the text is wrong."""

from evening import Asker, Evening, device

from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.stale_playlists import StalePlaylists
from loadtests.stack.faults.whom import Whom
from loadtests.stack.model import EdgeCache

PLAYLIST = "/live/v0/playlist.m3u8"


def evening(whom: Whom | None = None) -> Evening:
    plan = StalePlaylists(start=100.0, stop=200.0, whom=whom or Whom())
    cache = EdgeCache(playlist_ttl=1.0, segment_ttl=60.0)
    return Evening(cache=cache, faults=(Fault(stale_playlists=plan),))


def newest(stack: Evening, at: float, by: Asker = Asker(None)) -> int:  # noqa: B008 - a tuple
    answer = stack.get(PLAYLIST, at=at, by=by)
    assert (answer.status, answer.outcome) == (200, "ok")
    return int(answer.body.split()[-1].removesuffix(b".m4s"))


def test_they_stay_what_they_were_when_it_began() -> None:
    stack = evening()
    first = newest(stack, 100.0)
    assert [newest(stack, at) - first for at in (130, 160, 199, 201)] == [0, 0, 0, 25]


def test_load_and_cache_are_as_ever() -> None:
    sick, well = evening(), Evening(cache=EdgeCache(playlist_ttl=1.0, segment_ttl=60.0))
    for at in (150, 150.5, 152, 199):
        stale, fresh = sick.get(PLAYLIST, at=at), well.get(PLAYLIST, at=at)
        assert stale._replace(body=b"") == fresh._replace(body=b"")
        assert stale.body != fresh.body


def test_only_some_are_served_them_and_the_master_never_changes() -> None:
    stack = evening(Whom(share=0.5))
    served = {newest(stack, 180.0, Asker(None, device(n))) for n in range(50)}
    assert len(served) == 2
    assert stack.get("/live/master.m3u8", at=180).status == 200


def test_a_client_that_reads_the_media_sequence_sees_it_does_not_move() -> None:
    stack = evening()
    texts = {stack.get(PLAYLIST, at=at).body for at in (100, 120, 140, 199)}
    assert len(texts) == 1
