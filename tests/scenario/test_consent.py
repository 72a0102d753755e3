from pathlib import Path

import pytest

from loadtests.errors import InvalidFile
from loadtests.scenario.consent import Consent, Host, parse_consent, read_consent
from loadtests.vocabulary import Step

TEXT = """
owner: Ada Example, +32 2 555 01 00
hosts:
  - {name: api.example.org, approval: CHG-1234}
  - {name: cdn.example.org, approval: CHG-1235}
window: {from: 2026-11-22T20:00:00+01:00, to: 2026-11-22T22:00:00+01:00}
ceilings: {viewers: 2_000, joins: 100/s, bit_rate: 2 Gbit/s}
totals: {bytes: 500 GB, requests: 1_000_000, licenses: 5_000}
side_effects: {sign_up: 0, support: 2_000}
"""


def consent(text: str = TEXT) -> Consent:
    return parse_consent(text, file="consent.yaml")


def test_a_consent_is_read_with_its_units_gone(tmp_path: Path) -> None:
    file = tmp_path / "consent.yaml"
    file.write_text(TEXT, encoding="utf-8")
    read = read_consent(file)
    assert read.hosts[0] == Host(name="api.example.org", approval="CHG-1234")
    assert read.window.stop - read.window.start == 7200.0
    assert (read.ceilings.viewers, read.ceilings.joins) == (2000, 100.0)
    assert (read.ceilings.bit_rate, read.totals.bytes) == (250e6, 500e9)
    assert read.side_effects == {"sign_up": 0, "support": 2000}
    assert read.grace == 60.0


@pytest.mark.parametrize(
    ("host", "covered"),
    [
        ("api.example.org", True),
        ("API.Example.org.", True),
        ("evil.example.org", False),
        ("api.example.org.evil.net", False),
        ("example.org", False),
    ],
)
def test_a_consent_covers_the_hosts_it_names_and_no_other(host: str, *, covered: bool) -> None:
    assert consent().covers(host) is covered


def test_a_consent_allows_its_hours_and_no_others() -> None:
    window = consent().window
    moments = (window.start - 1, window.start, window.stop, window.stop + 1)
    assert [consent().allows(moment) for moment in moments] == [False, True, True, False]


def test_the_digest_is_of_what_is_said_not_of_how_it_is_written() -> None:
    same = TEXT.replace("500 GB", "500_000 MB").replace("20:00:00+01:00", "19:00:00+00:00")
    side_effects = "side_effects: {support: 2_000, sign_up: 0}"
    same = "# another comment\n" + same.replace(same.splitlines()[-1], side_effects)
    assert consent(same) == consent()
    assert consent(same).digest() == consent().digest()
    assert len(consent().digest()) == 64


def test_this_digest_is_the_same_on_every_machine() -> None:
    assert consent().digest() == "50bdd7318168dc5a9528ffe962c0ce7706dbc70b405ff1717e5ba8a9731189f8"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("CHG-1234", "CHG-1236"),
        ("api.example.org", "api2.example.org"),
        ("100/s", "101/s"),
        ("500 GB", "501 GB"),
        ("2026-11-22T22:00:00", "2026-11-22T22:00:01"),
        ("sign_up: 0", "sign_up: 1"),
        ("Ada", "Eve"),
    ],
)
def test_whatever_is_said_differently_has_another_digest(old: str, new: str) -> None:
    assert consent(TEXT.replace(old, new)).digest() != consent().digest()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "2026-11-22T20:00:00+01:00",
            "2026-11-22 20:00",
            (
                "6:16: window.from: '2026-11-22 20:00' is not a moment; "
                "write such as 2026-11-22T20:00:00+01:00"
            ),
        ),
        (
            "2026-11-22T22:00:00+01:00",
            "2026-11-22T20:00:00+01:00",
            "6:47: window.to: not after 2026-11-22T19:00:00+00:00; write a later moment",
        ),
        (
            "name: api.example.org",
            "name: https://api.example.org/",
            (
                "4:12: hosts[0].name: 'https://api.example.org/' is not one host; "
                "write such as api.example.org"
            ),
        ),
        (
            "name: api.example.org",
            "name: '*.example.org'",
            "4:12: hosts[0].name: '*.example.org' is not one host; write such as api.example.org",
        ),
        (
            "approval: CHG-1234",
            "approval: ' '",
            "4:39: hosts[0].approval: nobody approved it; write the reference of the approval",
        ),
        (
            "viewers: 2_000",
            "viewers: 0",
            "7:21: ceilings.viewers: '0' is out of range; write at least 1",
        ),
        (
            "sign_up: 0",
            "singup: 0",
            "9:16: side_effects.singup: unknown key; did you mean 'sign_up'?",
        ),
        (
            "joins: 100/s",
            "joins: 100",
            "7:35: ceilings.joins: '100' is not a rate; write such as 200/s",
        ),
        (
            "owner: Ada Example, +32 2 555 01 00",
            "owner: ''",
            "2:8: owner: nobody answers for it; write a name and a telephone number",
        ),
    ],
)
def test_a_consent_that_does_not_say_enough_is_refused(old: str, new: str, problem: str) -> None:
    assert old in TEXT
    with pytest.raises(InvalidFile) as caught:
        consent(TEXT.replace(old, new, 1))
    assert caught.value.problems == [f"consent.yaml:{problem}"]


def test_a_consent_without_hosts_is_refused() -> None:
    start, end = TEXT.index("hosts:"), TEXT.index("window:")
    with pytest.raises(InvalidFile, match="no host may be touched; write at least one"):
        consent(TEXT[:start] + "hosts: []\n" + TEXT[end:])


def test_side_effects_nobody_counted_are_forbidden() -> None:
    wanted = frozenset({Step.SIGN_UP, Step.SUPPORT, Step.CANCEL})
    assert consent().forbidden(wanted) == {Step.SIGN_UP, Step.CANCEL}
