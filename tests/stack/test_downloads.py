"""Offline viewing: licenses, and which renewal is refused."""

from itertools import pairwise
from typing import NamedTuple

import pytest
from evening import DAY, HOUR, Asker, Evening, device, told
from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.downloads import is_downloadable
from loadtests.stack.exchange import Answer, Stated
from loadtests.stack.policies import DownloadRules
from loadtests.units import Offset
from loadtests.vocabulary import Trait

ME = Asker("viewer-0000001", device(1))
YEAR = 365 * DAY


def download(evening: Evening, at: Offset, title: str = "t", by: Asker = ME) -> Answer:
    return evening.post("/download", title=title, by=by, at=at)


def renew(evening: Evening, at: Offset, title: str = "t", by: Asker = ME, **more: object) -> Answer:
    return evening.post("/renewal", title=title, by=by, at=at, **more)


class Deed(NamedTuple):
    """Somebody does something with a title; viewing is none of the stack's business."""

    kind: str
    account: int
    title: str
    after: int  # days since the deed before


DEEDS = st.lists(
    st.builds(
        Deed,
        st.sampled_from(["download", "renew", "view", "renew"]),
        st.integers(1, 3),
        st.sampled_from("xy"),
        st.one_of(st.integers(0, 3), st.integers(0, 400), st.sampled_from([364, 365, 366])),
    ),
    max_size=60,
)


class Shelf:
    """One title on one account, by looking through its whole past each time."""

    def __init__(self) -> None:
        self.past: list[tuple[str, int]] = []  # granted only, and when, in days

    def year(self, day: int) -> tuple[int, int]:
        """When the year running at `day` began, and the renewals granted in it until then."""
        start, renewals = day, 0
        for index, (kind, then) in enumerate(self.past):
            if index == 0 or then >= start + 365:
                start, renewals = then, 0
            renewals += kind == "renew"
        return (start, renewals) if self.past and day < start + 365 else (day, 0)

    def renewal(self, day: int) -> Stated:
        if not self.past:
            return Stated.NOT_FOUND
        _, renewals = self.year(day)
        return Stated.DOWNLOAD_LIMIT_REACHED if renewals else Stated.OK


@given(DEEDS, st.sampled_from([1.0, 4800.0]))  # an hour at both is a sum of powers of two
def test_a_renewal_is_refused_if_and_only_if_another_was_granted_in_its_year(
    deeds: list[Deed], speed: float
) -> None:
    """A title's year on an account begins with its first download, and anew once it is over."""
    evening, day = Evening(speed=speed), 0
    shelves: dict[tuple[int, str], Shelf] = {}
    for deed in deeds:
        day += deed.after
        shelf = shelves.setdefault((deed.account, deed.title), Shelf())
        by = Asker(f"viewer-{deed.account:07d}", device(1))
        at = day * DAY + HOUR
        if deed.kind == "download":
            assert download(evening, at, deed.title, by).outcome is Stated.OK
            shelf.past.append(("download", day))
        elif deed.kind == "renew":
            expected = shelf.renewal(day)
            assert renew(evening, at, deed.title, by).outcome is expected
            if expected is Stated.OK:
                shelf.past.append(("renew", day))


def test_the_renewal_granted_last_warns_that_it_was_the_last() -> None:
    evening = Evening(downloads=DownloadRules(renewals=2))
    answers = [told(download(evening, 0)), told(renew(evening, 2 * DAY))]
    assert [answer["renewals_left"] for answer in answers] == [2, 1]
    assert answers[1]["warning"] is None
    last = told(renew(evening, 4 * DAY))
    assert last["renewals_left"] == 0
    assert "cannot be renewed again" in last["warning"]
    refused = renew(evening, 6 * DAY)
    assert refused.status == 403
    assert told(refused) == {"error": "policy", "code": "download_limit_reached"}


def test_each_license_is_another() -> None:
    evening = Evening(downloads=DownloadRules(renewals=3))
    answers = [download(evening, 0), *(renew(evening, day * DAY) for day in (1, 2, 400, 401))]
    licenses = [told(answer)["license"] for answer in answers]
    assert all(one != other for one, other in pairwise(licenses))
    assert len(set(licenses)) == 5


def test_downloading_again_within_the_year_changes_nothing() -> None:
    evening = Evening()
    first = told(download(evening, 0))
    assert told(download(evening, 1 * DAY)) == first
    renewed = told(renew(evening, 2 * DAY))
    again = told(download(evening, 3 * DAY))
    assert again == {key: renewed[key] for key in ("license", "renewals_left")}
    assert renew(evening, 4 * DAY).outcome is Stated.DOWNLOAD_LIMIT_REACHED


def test_downloading_again_after_the_year_begins_another() -> None:
    evening = Evening()
    old = told(download(evening, 0))
    renew(evening, 2 * DAY)
    new = told(download(evening, YEAR))
    assert new["renewals_left"] == 1
    assert new["license"] != old["license"]
    assert [renew(evening, YEAR + day * DAY).status for day in (1, 2)] == [200, 403]


def test_a_renewal_whose_answer_was_lost_is_told_again_and_spends_no_other() -> None:
    evening = Evening()
    expired = told(download(evening, 0))["license"]
    first = renew(evening, 2 * DAY, license=expired)
    again = renew(evening, 2 * DAY + 20, license=expired)
    assert (again.status, again.body) == (200, first.body)
    second = renew(evening, 4 * DAY, license=told(first)["license"])
    assert second.outcome is Stated.DOWNLOAD_LIMIT_REACHED


def test_naming_a_license_of_last_year_is_a_renewal_like_any_other() -> None:
    evening = Evening()
    old = told(download(evening, 0))["license"]
    download(evening, YEAR)
    answers = [renew(evening, YEAR + day * DAY, license=old) for day in (1, 2, 3)]
    assert told(answers[0])["renewals_left"] == 0
    assert [answer.status for answer in answers] == [200, 403, 403]


@pytest.mark.parametrize("named", [None, 7, "", "license.viewer-0000002.t.1"])
def test_naming_no_license_of_ones_own_makes_no_difference(named: object) -> None:
    evening = Evening()
    download(evening, 0)
    assert [renew(evening, day * DAY, license=named).status for day in (2, 3)] == [200, 403]


def test_before_the_run_began_all_is_one_year() -> None:
    evening = Evening(begun=False)
    download(evening, 0)
    assert [renew(evening, 500 * DAY + at).status for at in (1, 2)] == [200, 403]


def test_a_rooted_device_is_refused_the_download() -> None:
    answer = download(Evening(), 0, by=Asker("viewer-0000001", device(1, Trait.ROOTED)))
    assert answer.status == 403
    assert told(answer) == {"error": "policy", "code": "restricted_device"}


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_the_share_of_titles_that_cannot_be_kept_is_the_one_asked_for(share: float) -> None:
    evening = Evening(downloads=DownloadRules(not_downloadable=share))
    titles = [f"title-{n}" for n in range(3000)]
    answers = {title: download(evening, 0, title) for title in titles}
    refused = {t for t, answer in answers.items() if answer.outcome is Stated.NOT_DOWNLOADABLE}
    assert len(refused) / len(titles) == pytest.approx(share, abs=0.02)
    assert refused == {title for title in titles if not is_downloadable(title, share)}
    assert {answer.status for answer in answers.values()} <= {200, 403}


@given(st.text(max_size=8), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_excludes_every_title_a_smaller_one_does(
    title: str, one: float, other: float
) -> None:
    smaller, larger = sorted((one, other))
    assert is_downloadable(title, smaller) >= is_downloadable(title, larger)


def test_what_was_never_downloaded_cannot_be_renewed() -> None:
    evening = Evening()
    download(evening, 0, "x")
    for title, by in (("y", ME), ("x", Asker("viewer-0000002", device(1)))):
        answer = renew(evening, DAY, title, by)
        assert (answer.status, answer.outcome) == (404, Stated.NOT_FOUND)


@pytest.mark.parametrize("target", ["/download", "/renewal"])
@pytest.mark.parametrize("title", [None, "", 7, "x" * 65, "a b", "{}"])
def test_what_names_no_title_is_the_clients_error(target: str, title: object) -> None:
    fields = {} if title is None else {"title": title}
    assert Evening().answer("POST", target, fields, by=ME).outcome is Stated.CLIENT_ERROR
