"""Every pattern is found, with its share, and nobody who means no harm is accused."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hostile_crowds import (
    JOINS,
    LENGTH,
    START,
    STOP,
    WAY_IN,
    attempts,
    beside,
    busting,
    crowd,
    farm,
    flood,
    known,
    night,
    probing,
    renamed,
    replay,
    seen,
    slow,
    windows,
    without,
)

from loadtests.collect.edge.sighting import CacheSaid, Said, Sighting
from loadtests.collect.edge.window import EdgeWindow
from loadtests.diagnosis.hostile.find import find_hostile
from loadtests.diagnosis.hostile.report import HostileReport
from loadtests.diagnosis.measures import MEASURES
from loadtests.diagnosis.verdict.kinds import Hostile, Observable, Word
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.records import Span
from loadtests.vocabulary import Step

STUFFING = Hostile.CREDENTIAL_STUFFING
Made = Sequence[EdgeWindow]


@pytest.fixture(scope="module")
def usual() -> Made:
    """An evening like it, nobody meaning harm."""
    return windows(crowd())


def found(report: HostileReport) -> dict[Hostile, Step | None]:
    return {each.kind: each.step for each in report.found}


def looked(*streams: Iterable[Sighting], usual: Made) -> HostileReport:
    return find_hostile(known(night(windows(*streams)), usual))


def added(*streams: Iterable[Sighting], usual: Made) -> HostileReport:
    return find_hostile(known(night(beside(usual, *streams)), usual))


@pytest.mark.parametrize("sources", [3, 100_000])
@pytest.mark.parametrize("share", [0.03, 0.2])
def test_stuffing_is_found_with_its_share_however_many_addresses_it_comes_from(
    usual: Made, sources: int, share: float
) -> None:
    rate = share / (1 - share) * JOINS
    report = added(attempts(rate, sources=sources), usual=usual)
    assert found(report) == {STUFFING: Step.SIGN_IN}
    (one,) = report.found
    assert one.low <= share <= one.high
    assert one.share == pytest.approx(share, abs=0.01)
    assert one.span is not None
    assert one.span.start == pytest.approx(START, abs=15.0)
    assert one.span.stop == pytest.approx(STOP, abs=15.0)


@pytest.mark.parametrize("sources", [3, 100_000])
def test_a_flood_is_found_by_what_does_not_follow_it(usual: Made, sources: int) -> None:
    report = added(flood(JOINS / 4, sources=sources), usual=usual)
    assert found(report) == {Hostile.L7_FLOOD: Step.HOME}
    assert report.found[0].share == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("sources", [3, 100_000])
def test_cache_busting_is_found_by_misses_of_urls_nobody_asked_for(
    usual: Made, sources: int
) -> None:
    report = added(busting(JOINS, sources=sources), usual=usual)
    assert found(report) == {Hostile.CACHE_BUSTING: Step.SEGMENT}
    assert report.found[0].share == pytest.approx(0.25, abs=0.03)


def test_requests_that_starve_while_others_are_answered_quickly_are_slow_http(
    usual: Made,
) -> None:
    report = added(slow(JOINS / 4), usual=usual)
    assert found(report) == {Hostile.SLOW_HTTP: Step.SIGN_IN}
    assert report.found[0].share == pytest.approx(0.2, abs=0.03)


def test_tokens_in_many_hands_are_replayed(usual: Made) -> None:
    report = added(replay(JOINS), usual=usual)
    assert found(report) == {Hostile.TOKEN_REPLAY: Step.SEGMENT}
    assert report.found[0].share == pytest.approx(0.25, abs=0.03)


def test_licenses_nobody_plays_anything_with_are_abused(usual: Made) -> None:
    report = added(farm(JOINS / 4), usual=usual)
    assert found(report) == {Hostile.LICENSE_ABUSE: Step.LICENSE}
    assert report.found[0].share == pytest.approx(0.2, abs=0.02)


def test_probes_are_told_with_their_share_of_all_requests(usual: Made) -> None:
    report = added(probing(0.3), usual=usual)
    assert found(report) == {Hostile.SCANNER: None}
    assert report.found[0].share < 0.01


def test_two_patterns_at_once_are_both_found_and_neither_is_counted_twice(usual: Made) -> None:
    both = added(attempts(JOINS / 4, sources=60), flood(JOINS, sources=900), usual=usual)
    assert found(both) == {STUFFING: Step.SIGN_IN, Hostile.L7_FLOOD: Step.HOME}
    middle = int((START + STOP) / 2 / both.bin)
    assert both.suspects[Step.SIGN_IN].share[middle] == pytest.approx(0.2, abs=0.05)
    assert both.suspects[Step.HOME].share[middle] == pytest.approx(0.5, abs=0.05)
    assert both.suspects[Step.HOME].share[1] == 0.0


def clears(report: HostileReport) -> None:
    assert not report.found
    assert not report.undetermined
    assert not report.suspects


def test_nothing_is_said_and_nothing_left_open_of_an_evening_that_meets_no_harm(
    usual: Made,
) -> None:
    clears(looked(crowd(first=50_000), usual=usual))
    clears(find_hostile(night(usual)))


def test_fans_behind_one_address_are_no_attackers(usual: Made) -> None:
    clears(looked(crowd(behind_gateway=0.4), usual=usual))


def test_a_surge_of_ten_times_the_crowd_is_none(usual: Made) -> None:
    surge = crowd(joins=10 * JOINS, start=100.0, stop=130.0, first=100_000)
    clears(added(surge, usual=usual))


def test_a_wave_of_expired_tokens_is_none(usual: Made) -> None:
    again = (
        each
        for s in crowd(joins=20.0, start=100.0, stop=130.0, first=70_000, way=WAY_IN[1:])
        for each in (
            [s._replace(at=s.at - 0.5, step=Step.REFRESH, said=Said.EXPIRED), s]
            if s.step is Step.SIGN_IN
            else [s]
        )
    )
    clears(added(again, usual=usual))


def test_new_accounts_by_the_hundred_are_none(usual: Made) -> None:
    way = tuple(Step.SIGN_UP if step is Step.SIGN_IN else step for step in WAY_IN)
    clears(looked(crowd(), crowd(way=way, start=90.0, first=70_000), usual=usual))


def test_a_goal_that_sends_everybody_to_the_web_site_is_none(usual: Made) -> None:
    pages = (
        seen(120.0 + n / 50, Step.WEBSITE, client=9_000_000 + n % 900, account=None)
        for n in range(1500)
    )
    clears(added(pages, usual=usual))


def test_a_lost_cache_node_is_none(usual: Made) -> None:
    clears(looked((_missed(s) for s in crowd()), usual=usual))


def test_a_changed_cache_key_is_none(usual: Made) -> None:
    def anew(s: Sighting) -> Sighting:
        changed = s.step is Step.SEGMENT and s.at > 100 and s.target is not None
        return (
            _missed(s._replace(target=(s.target or 0) ^ 99, path=(s.path or 0) ^ 99))
            if changed
            else s
        )

    clears(looked(map(anew, crowd()), usual=usual))


def _missed(s: Sighting) -> Sighting:
    is_lost = s.step is Step.SEGMENT and 100 < s.at < 160 and (s.target or 0) % 2
    return s._replace(cache=CacheSaid.MISS) if is_lost else s


def test_what_is_held_open_by_design_is_answered_in_the_end_and_none(usual: Made) -> None:
    held = (
        s._replace(duration=45.0, at=s.at + 45.0) if s.step is Step.PLAYLIST else s for s in crowd()
    )
    clears(looked(held, usual=usual))


def test_a_line_in_front_of_a_full_station_is_no_slow_http(usual: Made) -> None:
    def waits(s: Sighting) -> Sighting:
        if s.step is not Step.SIGN_IN or s.at < 100:
            return s
        return (
            s._replace(at=s.at + 40.0, duration=40.0, said=Said.GIVEN_UP, size=0)
            if int(s.at * 10) % 2
            else s._replace(at=s.at + 25.0, duration=25.0)
        )

    report = looked(map(waits, crowd()), usual=usual)
    assert Hostile.SLOW_HTTP not in found(report)


def test_a_service_that_starves_some_of_its_clients_itself_is_no_slow_http(usual: Made) -> None:
    def hang(s: Sighting) -> Sighting:
        is_lost = s.step is Step.ENTITLEMENT and 100 < s.at < 160 and int(s.at * 10) % 3 == 0
        return s._replace(at=s.at + 45.0, duration=45.0, said=Said.BROKEN, size=0) if is_lost else s

    clears(looked(map(hang, crowd()), usual=usual))


def test_slow_http_is_found_while_the_same_step_hangs(usual: Made) -> None:
    def hang(s: Sighting) -> Sighting:
        is_lost = s.step is Step.SIGN_IN and s.at > 100 and int(s.at * 10) % 3 == 0
        return s._replace(at=s.at + 45.0, duration=45.0, said=Said.BROKEN, size=0) if is_lost else s

    report = looked(map(hang, crowd()), slow(JOINS / 4), usual=usual)
    assert found(report)[Hostile.SLOW_HTTP] is Step.SIGN_IN


def test_a_pattern_that_is_left_out_is_not_said_and_nothing_else_is_said_instead(
    usual: Made,
) -> None:
    made = known(night(beside(usual, attempts(JOINS / 4, sources=60))), usual)
    report = find_hostile(made, without={STUFFING})
    assert not report.found
    assert STUFFING not in {each.kind for each in report.weighed}


def test_people_who_mistype_and_come_back_are_none_even_where_that_is_new(usual: Made) -> None:
    clears(looked(crowd(forgetful=0.15), usual=usual))


def test_a_funnel_that_breaks_because_the_service_hangs_accuses_nobody(usual: Made) -> None:
    def hang(s: Sighting) -> Sighting | None:
        if s.at < 120 or s.step in {Step.HOME, Step.SIGN_IN}:
            return s
        if s.step is Step.ENTITLEMENT:
            return s._replace(at=s.at + 60.0, duration=60.0, said=Said.BROKEN, size=0)
        return None

    report = looked((s for s in map(hang, crowd()) if s is not None), usual=usual)
    assert Hostile.L7_FLOOD not in found(report)
    assert STUFFING not in found(report)
    assert any("hung" in missing.what for missing in report.missing)


def test_stuffing_is_found_while_a_later_step_hangs(usual: Made) -> None:
    def hang(s: Sighting) -> Sighting:
        is_down = s.step is Step.ENTITLEMENT and s.at > 120
        return s._replace(at=s.at + 60.0, duration=60.0, said=Said.BROKEN) if is_down else s

    report = looked(map(hang, crowd()), attempts(JOINS / 4, sources=500), usual=usual)
    assert found(report)[STUFFING] is Step.SIGN_IN


def test_with_only_an_ordinary_evening_before_stuffing_is_never_more_than_leaning(
    usual: Made,
) -> None:
    made = beside(usual, attempts(JOINS / 4, sources=500))
    (one,) = find_hostile(known(night(made), usual, same_class=False)).found
    assert one.kind is STUFFING
    assert one.word is Word.LEANING
    (one,) = find_hostile(known(night(made), usual)).found
    assert one.word is Word.NEAR_CERTAIN


def test_failures_answered_with_200_show_by_the_form_that_comes_again() -> None:
    """As a web site's log has them: no outcome is stated, and nobody has an account."""

    def as_logged(s: Sighting) -> Sighting:
        is_right = s.step is Step.SIGN_IN and s.said is Said.OK
        return s._replace(account=None, said=Said.OK, moved=is_right)

    tries = attempts(4 * JOINS, sources=300)
    made = night(windows(map(as_logged, crowd()), map(as_logged, tries)))
    report = find_hostile(without(made, Observable.STATED, Observable.ACCOUNT))
    assert found(report) == {STUFFING: Step.SIGN_IN}
    benign = night(windows(map(as_logged, crowd())))
    assert not find_hostile(without(benign, Observable.STATED, Observable.ACCOUNT)).found


@pytest.mark.parametrize(
    ("observables", "kind"),
    [
        ((Observable.STATED, Observable.CLIENT, Observable.ACCOUNT), STUFFING),
        ((Observable.TARGET,), Hostile.CACHE_BUSTING),
        ((Observable.CLIENT, Observable.ACCOUNT), Hostile.L7_FLOOD),
        ((Observable.DURATION,), Hostile.SLOW_HTTP),
        ((Observable.ACCOUNT,), Hostile.TOKEN_REPLAY),
    ],
)
def test_what_a_source_cannot_show_stays_undetermined_and_is_named(
    observables: tuple[Observable, ...], kind: Hostile
) -> None:
    bare = windows(_blanked(s, observables) for s in crowd(stop=120.0))
    report = find_hostile(without(night(bare), *observables))
    assert kind in report.undetermined
    assert kind not in found(report)
    assert any(kind in missing.would_tell for missing in report.missing)


def _blanked(s: Sighting, observables: tuple[Observable, ...]) -> Sighting:
    names = {o.value: None for o in observables if o.value in s._fields}
    return s._replace(**names)  # type: ignore[arg-type] # names of fields that may be None


def test_each_evidence_item_is_recomputed_by_the_measure_it_names(usual: Made) -> None:
    made = beside(usual, attempts(JOINS / 4, sources=500), busting(JOINS, sources=9))
    report = find_hostile(known(night(made), usual))
    assert report.evidence
    for item in report.evidence:
        part = made[int(item.span.start) : int(item.span.stop)]
        lasted = item.span.stop - item.span.start
        again = MEASURES[item.measure].over(part, item.step, lasted=lasted)
        assert again == item.reading, item.measure


def test_a_part_of_the_night_is_judged_alone_and_told_in_the_nights_own_seconds(
    usual: Made,
) -> None:
    whole = known(night(beside(usual, attempts(JOINS, sources=500))), usual)
    clears(find_hostile(whole, Span(start=0.0, stop=START)))
    report = find_hostile(whole, Span(start=START, stop=float(LENGTH)))
    (one,) = report.found
    assert one.span is not None
    assert one.span.start == START
    assert report.span == Span(start=START, stop=float(LENGTH))


def test_names_and_addresses_do_not_matter(usual: Made) -> None:
    streams = [*crowd(stop=200.0), *attempts(JOINS / 4, sources=60)]
    first, second = (looked(renamed(streams, seed), usual=usual) for seed in (1, 2))
    assert [replace(one, sentence="") for one in first.found] == [
        replace(one, sentence="") for one in second.found
    ]


@pytest.mark.parametrize("factor", [0.6, pytest.param(4, marks=pytest.mark.prove)])
def test_the_size_of_the_service_does_not_matter(usual: Made, factor: float) -> None:
    small = crowd(joins=factor * JOINS)
    report = looked(small, attempts(factor * JOINS / 4, sources=900), usual=usual)
    assert found(report) == {STUFFING: Step.SIGN_IN}
    assert report.found[0].share == pytest.approx(0.2, abs=0.02)


def _weighed(of: Night) -> float:
    return max(w.decibans for w in find_hostile(of).weighed if w.kind is STUFFING)


@pytest.mark.prove
def test_more_attack_never_lowers_its_score_and_more_ordinary_traffic_never_raises_it(
    usual: Made,
) -> None:
    tries = [
        _weighed(known(night(beside(usual, attempts(rate, sources=700))), usual))
        for rate in (0.05, 0.2, 1.0)
    ]
    assert tries == sorted(tries)
    diluted = [
        _weighed(known(night(windows(crowd(joins=joins), attempts(0.3, sources=700))), usual))
        for joins in (2.0, 5.0)
    ]
    assert diluted == sorted(diluted, reverse=True)
