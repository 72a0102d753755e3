from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as some
from loopback import Peer, Server, World

from loadtests.scenario.consent import Ceilings, Consent, Host, Hours, Totals
from loadtests.swarm.wire import Gate
from loadtests.swarm.wire.addresses import numeric
from loadtests.vocabulary import Outcome, Step

Serve = Callable[..., Server]
MakeWorld = Callable[..., World]

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
NOW = 1_000_000.0


def consent(  # noqa: PLR0913 - one for each thing a consent limits
    *,
    hosts: tuple[str, ...] = ("127.0.0.1",),
    hours: tuple[float, float] = (0.0, 1e11),
    viewers: int = 100,
    joins: float = 100.0,
    bit_rate: float = 1e9,
    total: float = 1e12,
    requests: int = 1000,
    licenses: int = 1000,
    side_effects: Mapping[Step, int] | None = None,
) -> Consent:
    return Consent(
        owner="Somebody, +00 000",
        hosts=tuple(Host(name=name, approval="ticket 1") for name in hosts),
        window=Hours(start=hours[0], stop=hours[1]),
        ceilings=Ceilings(viewers=viewers, joins=joins, bit_rate=bit_rate),
        totals=Totals(bytes=total, requests=requests, licenses=licenses),
        side_effects=side_effects or {},
    )


def always(peer: Peer) -> None:
    peer.answer_for_ever(HELLO)


def test_without_consent_every_name_may_be_looked_up_and_only_loopback_dialed() -> None:
    gate = Gate()
    loopback, elsewhere = numeric("127.0.0.1", 80), numeric("192.0.2.1", 80)

    assert loopback is not None
    assert elsewhere is not None
    assert gate.allows_host("api.example.org")
    assert (gate.allows_address(loopback), gate.allows_address(elsewhere)) == (True, False)
    assert not gate.is_limited


def test_with_a_consent_its_hosts_may_be_dialed_and_no_others_not_even_this_machine(
    make_world: MakeWorld, serve: Serve
) -> None:
    server = serve(always)
    world = make_world(
        gate=Gate(consent(hosts=("edge.test",))),
        resolve={f"edge.test:{server.port}": "127.0.0.1"},
    )

    listed = world.fetch(f"http://edge.test:{server.port}/")
    others = [world.fetch(f"http://{h}:{server.port}/") for h in ("127.0.0.1", "api.edge.test")]

    assert listed.outcome is Outcome.OK
    assert [reply.outcome for reply in others] == [Outcome.FORBIDDEN_HOST] * 2
    assert [reply.id for reply in others] == [0, 0]
    assert world.stops == []


def test_a_ceiling_that_is_exceeded_stops_the_run_once_and_sends_nothing_more(
    make_world: MakeWorld, serve: Serve
) -> None:
    server = serve(always)
    world = make_world(gate=Gate(consent(requests=2)))
    line = world.wire.line(0)

    outcomes = [world.fetch(server.url, line=line).outcome for _ in range(4)]

    assert outcomes == [Outcome.OK] * 2 + [Outcome.FORBIDDEN_HOST] * 2
    assert world.stops == ["the consent allows 2 requests in all"]
    assert len(server.requests) == 2


def test_viewers_at_once_are_counted_as_they_come_and_go(
    make_world: MakeWorld, serve: Serve
) -> None:
    server = serve(always)
    world = make_world(gate=Gate(consent(viewers=2)))
    for _ in range(3):
        world.wire.line(0).close()
    lines = [world.wire.line(viewer) for viewer in range(2)]
    allowed = world.fetch(server.url, line=lines[0])

    refused = world.fetch(server.url, line=world.wire.line(2))

    assert (allowed.outcome, refused.outcome) == (Outcome.OK, Outcome.FORBIDDEN_HOST)
    assert world.stops == ["the consent allows 2 viewers at once"]


def test_bytes_of_answers_are_counted_as_they_come_in(make_world: MakeWorld, serve: Serve) -> None:
    server = serve(always)
    world = make_world(gate=Gate(consent(total=2 * len(HELLO))))

    outcomes = [world.fetch(server.url).outcome for _ in range(4)]

    assert outcomes == [Outcome.OK] * 3 + [Outcome.FORBIDDEN_HOST]
    assert world.stops == [f"the consent allows {2 * len(HELLO)} bytes of answers in all"]


@pytest.mark.parametrize(
    ("what", "fill"),
    [
        ("2 joins in a second", lambda gate, at: gate.admit(at)),
        ("2 bytes of answers in a second", lambda gate, at: gate.receive(1, at)),
    ],
)
def test_rates_are_held_second_by_second(what: str, fill: Callable[[Gate, float], None]) -> None:
    gate = Gate(consent(joins=2.0, bit_rate=2.0))
    for second in range(10):
        fill(gate, NOW + second)
        fill(gate, NOW + second + 0.9)
    before = gate.breach

    fill(gate, NOW + 9.99)

    assert before is None
    assert gate.breach == f"the consent allows {what}"
    assert not gate.send(Step.HOME, NOW + 9.99)


def test_license_requests_have_a_limit_of_their_own() -> None:
    gate = Gate(consent(licenses=1))

    assert [gate.send(step, NOW) for step in (Step.LICENSE, Step.HOME, Step.LICENSE)] == [
        True,
        True,
        False,
    ]
    assert gate.breach == "the consent allows 1 license requests in all"


@pytest.mark.parametrize("at", [NOW - 0.1, NOW + 60.1])
def test_outside_its_hours_a_consent_allows_nothing(at: float) -> None:
    gate = Gate(consent(hours=(NOW, NOW + 60.0)))

    assert gate.send(Step.HOME, NOW)
    assert not gate.send(Step.HOME, at)
    assert gate.breach == "the time the consent names is over, or has not come"


def test_each_worker_has_its_share_of_the_ceilings() -> None:
    gates = [Gate(consent(requests=10), workers=3) for _ in range(3)]

    sent = [sum(gate.send(Step.HOME, NOW) for _ in range(20)) for gate in gates]

    assert sent == [4, 4, 4], "rounded up: a share of one request is no share"
    assert gates[0].breach == (
        "the consent allows 10 requests in all, a share of 1/3 to each worker"
    )


def test_a_side_effect_nobody_consented_to_is_not_sent_and_stops_nothing(
    make_world: MakeWorld, serve: Serve
) -> None:
    server = serve(always)
    world = make_world(gate=Gate(consent(side_effects={Step.SIGN_UP: 0})))
    line = world.wire.line(0)

    replies = [world.fetch(server.url, line=line, step=s) for s in (Step.SUPPORT, Step.SIGN_UP)]
    harmless = world.fetch(server.url, line=line)

    assert [(reply.outcome, reply.id) for reply in replies] == [(Outcome.FORBIDDEN_HOST, 0)] * 2
    assert harmless.outcome is Outcome.OK
    assert world.stops == []


def test_when_a_count_is_used_up_the_step_is_left_out_and_the_rest_goes_on() -> None:
    gate = Gate(consent(side_effects={Step.SUPPORT: 2}))
    steps = [Step.SUPPORT, Step.HOME, Step.SUPPORT, Step.SUPPORT, Step.HOME]

    before = gate.permits(Step.SUPPORT)
    sent = [gate.send(step, NOW) for step in steps]

    assert sent == [True, True, True, False, True]
    assert (before, gate.permits(Step.SUPPORT), gate.permits(Step.HOME)) == (True, False, True)
    assert [gate.used_up(), gate.used_up()] == [[Step.SUPPORT], []]
    assert gate.breach is None


def test_of_a_step_in_several_requests_only_what_has_the_effect_is_counted() -> None:
    gate = Gate(consent(side_effects={Step.SIGN_UP: 1, Step.LICENSE: 1}))
    forms = [gate.send(Step.SIGN_UP, NOW, is_harmless=True) for _ in range(3)]

    assert forms == [True] * 3
    assert [gate.send(Step.SIGN_UP, NOW) for _ in range(2)] == [True, False]
    assert gate.send(Step.SIGN_UP, NOW, is_harmless=True)
    licenses = [gate.send(Step.LICENSE, NOW, is_harmless=True) for _ in range(2)]
    assert licenses == [True, False], "what a consent counts is counted, side effect or not"


def test_a_profile_says_itself_which_of_its_steps_have_side_effects() -> None:
    gate = Gate(consent(), side_effects=frozenset({Step.HEARTBEAT}))

    assert not gate.permits(Step.HEARTBEAT)
    assert gate.permits(Step.SUPPORT)


def test_on_this_machine_without_a_consent_everything_is_permitted() -> None:
    gate = Gate()

    assert all(gate.permits(step) and gate.send(step, NOW) for step in Step)


@given(some.integers(0, 50), some.integers(1, 7), some.integers(0, 60))
def test_counts_of_side_effects_are_shared_out_exactly(
    count: int, workers: int, spent: int
) -> None:
    gates = [
        Gate(
            consent(side_effects={Step.SIGN_UP: count}),
            worker=worker,
            workers=workers,
            spent={Step.SIGN_UP: spent},
        )
        for worker in range(workers)
    ]

    sent = [sum(gate.send(Step.SIGN_UP, NOW) for _ in range(60)) for gate in gates]

    assert sum(sent) == max(0, count - spent)
    assert max(sent) - min(sent) <= 1


def test_what_was_used_up_before_counts_against_the_totals() -> None:
    spent = {Step.HOME: 6.0, Step.LICENSE: 1.0, "bytes": 90.0}
    gates = [Gate(consent(requests=10, licenses=2, total=100.0), spent=spent) for _ in range(3)]

    assert [gates[0].send(Step.HOME, NOW) for _ in range(4)] == [True, True, True, False]
    assert [gates[1].send(Step.LICENSE, NOW) for _ in range(2)] == [True, False]
    for _ in range(3):
        gates[2].receive(5, NOW)
    assert [gate.breach for gate in gates] == [
        "the consent allows 10 requests in all",
        "the consent allows 2 license requests in all",
        "the consent allows 100 bytes of answers in all",
    ]
