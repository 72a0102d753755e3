"""The testbed is started with exactly the stack the scenario describes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loadtests.binding import bind
from loadtests.scenario.library import find, names
from loadtests.scenario.read import read_scenario
from loadtests.stack.ad_breaks import AdBreaks
from loadtests.stack.autoscaling import Autoscaling
from loadtests.stack.defaults import DEFAULT
from loadtests.stack.event_clock import Calendar
from loadtests.stack.faults.cache_node_lost import CacheNodeLost
from loadtests.stack.faults.cut_off import Cut, CutOff
from loadtests.stack.faults.dependency import Broken, Dependency
from loadtests.stack.faults.gateway_rule import GatewayRule, Rule
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.resets import Resets
from loadtests.stack.faults.room_in_use import RoomInUse
from loadtests.stack.faults.servers_removed import ServersRemoved
from loadtests.stack.faults.sessions_invalidated import SessionsInvalidated
from loadtests.stack.faults.shedding import Shedding
from loadtests.stack.faults.stale_playlists import StalePlaylists
from loadtests.stack.faults.truncated import Truncated
from loadtests.stack.faults.whom import Recovery, Whom
from loadtests.stack.leak import Leak
from loadtests.stack.model import Admission, EdgeCache, Stack, Station, Stream, WaitingRoom
from loadtests.stack.policies import (
    DownloadRules,
    HouseholdRule,
    Message,
    Migration,
    SupportDesk,
)
from loadtests.stack.signed_urls import SignedUrls
from loadtests.swarm.stack_file import written
from loadtests.vocabulary import Step, Trait

# what people write: eighths of a second, whole percents, names of their own
EIGHTHS = st.integers(1, 10**6).map(lambda n: n / 8)
OFFSETS = st.integers(-(10**6), 10**6).map(lambda n: n / 8)
SHARES = st.integers(0, 100).map(lambda percent: percent / 100)
RATES = st.integers(1, 5000).map(lambda n: n / 4)
NAMES = st.text(st.sampled_from("abcdefgh_-. é%:#'\"{"), min_size=1, max_size=8)
STEPS = st.lists(st.sampled_from(Step), min_size=1, max_size=4, unique=True).map(tuple)
COUNTS = st.integers(1, 500)

MILLISECONDS = st.integers(1, 10_000).map(lambda milliseconds: milliseconds / 1000)

STATIONS = st.builds(
    Station,
    servers=COUNTS,
    service_time=MILLISECONDS,
    queue=st.integers(1, 1000),
    autoscaling=st.none()
    | st.builds(
        Autoscaling,
        utilization=st.integers(1, 99).map(lambda percent: percent / 100),
        over=EIGHTHS,
        takes=EIGHTHS,
        to=st.integers(501, 999),
    ),
    leak=st.none() | st.builds(Leak, slower=EIGHTHS, every=COUNTS),
)
WHOM = st.builds(
    Whom,
    share=SHARES,
    regions=st.dictionaries(NAMES, SHARES, max_size=3),
    devices=st.lists(NAMES, max_size=3).map(tuple),
    traits=st.lists(st.sampled_from(Trait), max_size=3).map(tuple),
)
RECOVERIES = st.none() | st.builds(
    Recovery, cells=st.integers(2, 50), until=EIGHTHS.map(lambda x: 2e6 + x)
)


def timed(record: Callable[..., object], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A fault that lasts for some time."""
    spans = st.tuples(OFFSETS, EIGHTHS)
    return st.tuples(spans, st.fixed_dictionaries(parts)).map(
        lambda made: record(start=made[0][0], stop=made[0][0] + made[0][1], **made[1])
    )


KINDS = {
    "dependency": timed(
        Dependency,
        steps=STEPS,
        answer=st.sampled_from(Broken),
        adds=EIGHTHS,
        whom=WHOM,
        recovery=RECOVERIES,
    ),
    "cut_off": timed(
        CutOff, whom=WHOM, spares=STEPS | st.just(()), by=st.sampled_from(Cut), recovery=RECOVERIES
    ),
    "servers_removed": timed(ServersRemoved, step=st.just(Step.HOME), share=SHARES),
    "cache_node_lost": timed(CacheNodeLost, nodes=st.integers(5, 9), lost=st.integers(1, 5)),
    "stale_playlists": timed(StalePlaylists, whom=WHOM),
    "sessions_invalidated": st.builds(SessionsInvalidated, at=OFFSETS, whom=WHOM),
    "shedding": timed(Shedding, steps=STEPS, share=SHARES, retry_after=EIGHTHS),
    "room_in_use": timed(RoomInUse),
    "resets": timed(Resets, steps=STEPS, share=SHARES),
    "truncated": timed(Truncated, steps=STEPS, share=SHARES),
    "gateway_rule": timed(GatewayRule, steps=STEPS, rate=RATES, answer=st.sampled_from(Rule)),
}


def faults(kind: str) -> st.SearchStrategy[Fault]:
    """Faults of one kind."""
    return KINDS[kind].map(lambda plan: Fault(**{kind: plan}))


FAULTS = st.sampled_from(sorted(KINDS)).flatmap(faults)
MESSAGES = st.builds(
    Message,
    satisfies=SHARES,
    length=EIGHTHS,
    fails=st.none() | st.tuples(OFFSETS, EIGHTHS).map(lambda span: (span[0], sum(span))),
)
DESKS = st.builds(
    SupportDesk,
    agents=st.integers(1, 9),
    lines=st.integers(9, 99),
    handle_time=EIGHTHS,
    message=st.none() | MESSAGES,
)
STREAMS = st.builds(
    Stream,
    demuxed=st.booleans(),
    segments=st.integers(3, 20),
    signed_urls=st.none() | st.builds(SignedUrls, life=EIGHTHS),
    ad_breaks=st.none()
    | st.builds(
        AdBreaks,
        every=EIGHTHS.map(lambda x: 2e5 + x),  # room for the breaks at any speed there is here
        start=OFFSETS,
        ads=st.integers(1, 4),
        duration=st.integers(1, 160).map(lambda n: n / 8),
        creatives=COUNTS,
    ),
)
STACKS = st.builds(
    Stack,
    stations=st.dictionaries(st.sampled_from(list(Step)), STATIONS).map(
        lambda some: {Step.HOME: Station(servers=1, service_time=1.0, queue=1)} | some
    ),
    origin=STATIONS,
    stream=STREAMS,
    cache=st.builds(EdgeCache, playlists=st.booleans(), playlist_ttl=EIGHTHS, segment_ttl=EIGHTHS),
    concurrency_limit=st.none() | COUNTS,
    waiting_room=st.builds(
        WaitingRoom, admit=RATES, retry_after=EIGHTHS, answer=st.sampled_from(list(Admission))
    ),
    refused_accounts=SHARES,
    accounts_on_hold=SHARES,
    household=st.none() | st.builds(HouseholdRule, start=OFFSETS, code_life=EIGHTHS),
    downloads=st.builds(
        DownloadRules,
        license_life=EIGHTHS,
        renewals=st.integers(0, 9),
        per=EIGHTHS,
        not_downloadable=SHARES,
    ),
    migration=st.none() | st.builds(Migration, start=OFFSETS),
    support=st.none() | DESKS,
    faults=st.lists(FAULTS, max_size=5).map(tuple),
    calendar=st.none() | st.builds(Calendar, start=OFFSETS, speed=RATES),
    token_life=EIGHTHS,
)


def read(stack: Stack) -> Stack:
    return bind(written(stack), file="config.yaml", into=Stack)


@given(STACKS)
def test_what_is_written_reads_back_as_the_same_stack(stack: Stack) -> None:
    assert read(stack) == stack


@given(STACKS)
def test_a_stack_without_a_waiting_room_reads_back_as_one(stack: Stack) -> None:
    faults = tuple(fault for fault in stack.faults if fault.room_in_use is None)
    bare = replace(stack, waiting_room=None, faults=faults)
    assert read(bare) == bare


def test_a_calendar_however_slow_or_fast_is_read_back() -> None:
    for speed in (1e-7, 1.0, 4800.0, 1e9):
        stack = Stack(stations={}, calendar=Calendar(start=0.0, speed=speed))
        assert read(stack) == stack


def test_the_stacks_of_all_shipped_scenarios_and_the_default_one_survive_writing() -> None:
    stacks = [read_scenario(find(name)).embedded_stack for name in names()]
    for stack in [DEFAULT, *filter(None, stacks)]:
        assert read(stack) == stack
