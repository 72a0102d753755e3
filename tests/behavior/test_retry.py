"""Redirects, retries, and coming back when told."""

from collections.abc import Callable, Sequence

import pytest
from scripted import Diary, Said, World, arrival, device, scenario

from loadtests.behavior.judge import MAX_HOPS
from loadtests.behavior.retry import ask, overheard, persist
from loadtests.behavior.session import Session
from loadtests.behavior.steps import Fetch, Journey
from loadtests.behavior.target import Target
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome, Player, Step

HERE = "http://t.invalid/a"


def session(player: Player = Player.HLS_JS) -> Session:
    target = Target.parse("http://t.invalid")
    return Session(arrival(device(player)), scenario(), target, 0.0, Diary())


def fetch(step: Step = Step.SEGMENT, player: Player = Player.HLS_JS, **more: object) -> Fetch:
    made = Fetch(step, HERE, session(player).profile.manners[step].timeouts)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def redirect(location: str, status: int = 302) -> Said:
    return Said(status=status, headers={b"location": location.encode()})


def play(journey: Journey, script: Callable[[Fetch, Seconds], Said]) -> World:
    world = World(script)
    world.start(journey)
    return world.run()


def answering(*said: Said) -> Callable[[Fetch, Seconds], Said]:
    """These answers, in order; the last one for ever."""
    left: Sequence[Said] = said

    def script(_fetch: Fetch, _now: Seconds) -> Said:
        nonlocal left
        first, left = left[0], left[1:] or left
        return first

    return script


def test_each_hop_is_a_request_of_its_own_that_knows_where_it_came_from() -> None:
    world = play(
        ask(session(), fetch(span=(0, 9))),
        answering(redirect("/b"), redirect("c", 307), Said(body=b"x")),
    )
    assert [r.fetch.url[-2:] for r in world.sent] == ["/a", "/b", "/c"]
    assert [r.outcome for r in world.sent] == [Outcome.OK] * 3
    assert world.sent[2].fetch.trail == (HERE, "http://t.invalid/b")
    assert [r.fetch.span for r in world.sent] == [(0, 9)] * 3
    assert world.results[0][0] is world.sent[2]


def test_a_redirect_loop_is_a_bad_redirect_of_the_hop_that_closes_it() -> None:
    world = play(ask(session(), fetch()), answering(redirect("/b"), redirect("/a")))
    assert [r.outcome for r in world.sent] == [Outcome.OK, Outcome.BAD_REDIRECT]


def test_redirects_without_end_are_followed_ten_times() -> None:
    def script(asked: Fetch, _now: Seconds) -> Said:
        return redirect(asked.url + "x")

    world = play(ask(session(), fetch()), script)
    assert len(world.sent) == MAX_HOPS + 1
    assert [r.outcome for r in world.sent] == [Outcome.OK] * MAX_HOPS + [Outcome.BAD_REDIRECT]


def test_a_redirected_post_becomes_a_get_where_rfc_9110_says_so() -> None:
    for status, method in ((301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")):
        post = fetch(Step.SIGN_IN, method="POST", body=b"{}")
        world = play(ask(session(), post), answering(redirect("/b", status), Said()))
        hop = world.sent[1].fetch
        assert (hop.method, hop.body) == (method, b"{}" if method == "POST" else b"")


def test_a_token_is_not_shown_to_another_host() -> None:
    for location, shown in (("/b", 2), ("http://t.invalid:8080/b", 1), ("https://t.invalid/b", 1)):
        headers = b"Accept: x\r\nAuthorization: Bearer s\r\n"
        world = play(ask(session(), fetch(headers=headers)), answering(redirect(location), Said()))
        assert sum(b"Bearer" in r.fetch.headers for r in world.sent) == shown
        assert world.sent[1].fetch.headers.startswith(b"Accept: x\r\n")


def test_retries_are_numbered_and_timed_by_the_profile() -> None:
    world = play(persist(session(), fetch()), answering(Said(status=500, after=0.5)))
    assert world.times(Step.SEGMENT) == [0.0, 1.5, 4.0, 8.5, 17.0, 25.5, 34.0]
    assert world.attempts(Step.SEGMENT) == [1, 2, 3, 4, 5, 6, 7]


def test_a_retry_that_succeeds_ends_them() -> None:
    world = play(persist(session(), fetch()), answering(Said(status=503), Said(body=b"x")))
    assert [r.outcome for r in world.sent] == [Outcome.OVERLOAD, Outcome.OK]


def test_who_is_told_to_come_back_does_and_it_is_no_further_attempt() -> None:
    busy = Said(status=429, headers={b"retry-after": b"7"}, after=0.5)
    queue = Said(body=b'{"queue": {"position": 2, "retry_after": 3}}')
    world = play(persist(session(), fetch(Step.HOME)), answering(busy, busy, queue, Said()))
    assert world.times(Step.HOME) == [0.0, 7.5, 15.0, 18.0]
    assert world.attempts(Step.HOME) == [1, 1, 1, 1]


def test_hls_js_does_not_heed_retry_after_in_media_requests() -> None:
    shed = Said(status=503, headers={b"retry-after": b"60"})
    world = play(persist(session(), fetch()), answering(shed, Said(body=b"x")))
    assert world.times(Step.SEGMENT) == [0.0, 1.0]
    assert world.attempts(Step.SEGMENT) == [1, 2]
    world = play(persist(session(Player.SET_TOP_BOX), fetch()), answering(shed, Said(body=b"x")))
    assert world.times(Step.SEGMENT) == [0.0, 60.0]


def test_a_policy_refusal_is_an_answer_even_to_a_box() -> None:
    no = Said(status=403, body=b'{"error": "policy", "code": "not_in_plan"}')
    box = session(Player.SET_TOP_BOX)
    world = play(persist(box, fetch(Step.ENTITLEMENT)), answering(no))
    assert [r.outcome for r in world.sent] == [Outcome.POLICY]


def test_the_last_whole_answer_is_remembered() -> None:
    viewer = session()
    play(persist(viewer, fetch(Step.HOME)), answering(Said(status=500)))
    assert viewer.last_answer is Outcome.SERVER_ERROR
    play(persist(viewer, fetch(Step.HOME)), answering(Said(outcome=Outcome.REFUSED)))
    assert viewer.last_answer is Outcome.SERVER_ERROR


def test_whoever_listens_hears_every_reply_a_device_gets_and_changes_nothing() -> None:
    heard: list[int] = []
    box = session(Player.SET_TOP_BOX)
    asking = persist(box, fetch(Step.BOOT, Player.SET_TOP_BOX))
    world = play(
        overheard(asking, lambda reply: heard.append(reply.status)),
        answering(Said(status=500), redirect("/b"), Said(status=503), Said(body=b"x")),
    )
    assert heard == [500, 302, 503, 200] == [r.status for r in world.sent]
    ((reply, at),) = world.results
    assert (reply, at) == (world.sent[-1], 10.0)


def test_a_journey_that_asks_for_nothing_is_overheard_in_silence() -> None:
    def idle() -> Journey:
        return 7
        yield

    world = play(overheard(idle(), lambda _: pytest.fail("nothing was said")), answering(Said()))
    assert world.results == [(7, 0.0)]
