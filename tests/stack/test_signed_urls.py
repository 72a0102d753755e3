"""Signatures: whom they let in, to what, and until when."""

import re

from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.signed_urls import NOBODY, SignedUrls, Signer, name, named

NOW = 1.8e9
VIEWERS = st.integers(0, 10**9).map(lambda number: name(f"viewer-{number:07d}", number, 0))
LIVES = st.floats(1.0, 10_000.0)
MOMENTS = st.floats(1.7e9, 2.0e9)
V0 = "/live/v0/"


@given(VIEWERS, LIVES, MOMENTS)
def test_a_url_is_good_for_its_life_and_not_for_longer_than_twice_that(
    viewer: str, life: float, now: float
) -> None:
    signer = Signer(SignedUrls(life=life))
    query = signer.query(V0, viewer, now)
    assert signer.admits(V0, query, now, entry=False)
    assert signer.admits(V0, query, now + life * 0.999, entry=False)
    assert not signer.admits(V0, query, now + 2 * life + 1.001, entry=False)


@given(VIEWERS, LIVES, MOMENTS)
def test_a_viewer_s_signature_changes_once_in_its_life(
    viewer: str, life: float, now: float
) -> None:
    signer = Signer(SignedUrls(life=life))
    queries = [signer.query(V0, viewer, now + n * life / 8) for n in range(24)]
    assert 3 <= len(set(queries)) <= 4
    assert queries == sorted(queries, key=queries.index)  # none comes back


def test_not_everybody_s_changes_at_the_same_moment() -> None:
    signer = Signer(SignedUrls(life=100.0))
    viewers = [name(None, 0, n) for n in range(1000)]
    changed = [
        sum(
            signer.query(V0, viewer, NOW + at) != signer.query(V0, viewer, NOW + at + 10)
            for viewer in viewers
        )
        for at in range(0, 100, 10)
    ]
    assert sum(changed) == 1000
    assert max(changed) < 150


@given(VIEWERS, VIEWERS, MOMENTS)
def test_what_one_viewer_was_given_is_good_for_that_viewer_and_folder_alone(
    viewer: str, other: str, now: float
) -> None:
    signer = Signer(SignedUrls())
    query = signer.query(V0, viewer, now)
    assert not signer.admits("/live/v1/", query, now, entry=False)
    assert signer.admits(V0, query.replace(viewer, other), now, entry=False) is (viewer == other)
    later = re.sub("expires=[0-9]+", f"expires={int(now) + 10**6}", query)
    assert not signer.admits(V0, later, now, entry=False)


@given(st.text(max_size=120))
def test_nobody_guesses_a_signature(query: str) -> None:
    assert not Signer(SignedUrls()).admits(V0, query, NOW, entry=False)
    assert not Signer(SignedUrls()).admits(V0, query, NOW, entry=True)


@given(VIEWERS)
def test_the_way_in_opens_playlists_and_nothing_else(viewer: str) -> None:
    signer = Signer(SignedUrls())
    entry, query = signer.entry(V0, viewer), signer.query(V0, viewer, NOW)
    assert [signer.admits(V0, entry, NOW, entry=is_entry) for is_entry in (True, False)] == [
        True,
        False,
    ]
    assert [signer.admits(V0, query, NOW, entry=is_entry) for is_entry in (True, False)] == [
        False,
        True,
    ]
    assert signer.admits(V0, entry, NOW + 10**6, entry=True)
    assert named(entry) == named(query) == viewer


def test_a_name_does_not_tell_the_account() -> None:
    names = [name(f"viewer-{n:07d}", n, 0) for n in range(1000)]
    assert len(set(names)) == 1000
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in names)


def test_a_name_is_that_of_account_and_device() -> None:
    assert name("viewer-0000001", 7, 1) == name("viewer-0000001", 7, 2)
    assert name("viewer-0000001", 7, 0) != name("viewer-0000001", 8, 0)
    assert name("viewer-0000001", 7, 0) != name("viewer-0000002", 7, 0)
    assert name(None, 7, 1) == name(None, 7, 2)
    assert name(None, 0, 1) != name(None, 0, 2)


def test_who_has_no_name_is_nobody() -> None:
    assert [named(query) for query in ("", "x=1", "viewer=zz", "viewer=0011")] == [NOBODY] * 4
