"""Whole viewers through ads and signed URLs, in simulated time: the player copes."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

import pytest

from loadtests.audience.crowd import share
from loadtests.behavior.target import Target
from loadtests.behavior.viewer import visit
from loadtests.behavior.walk import Walk
from loadtests.collect.recorder import Recorder
from loadtests.paper.agenda import Agenda
from loadtests.paper.simulate import START
from loadtests.paper.world import World
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.habits import HumanRetry, Patience
from loadtests.scenario.model import Scenario, Span, Viewing
from loadtests.stack.ad_breaks import AdBreaks
from loadtests.stack.exchange import Answer, Request, Stated
from loadtests.stack.faults.cut_off import CutOff
from loadtests.stack.faults.model import Fault
from loadtests.stack.model import Stack, Stream
from loadtests.stack.service import Service
from loadtests.stack.signed_urls import SignedUrls
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome, Player, Step

LENGTH = 300.0
ADS = AdBreaks(every=60.0, start=30.0, ads=2, duration=8.0)
SIGNED = SignedUrls(life=25.0)
STREAMS = [
    Stream(signed_urls=SIGNED),
    Stream(ad_breaks=ADS),
    Stream(signed_urls=SIGNED, ad_breaks=ADS),
    Stream(signed_urls=SIGNED, ad_breaks=ADS, demuxed=True),
]


class Noted(Service):
    """A stack, and everything it was asked of the stream, in order."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        self.asked: list[tuple[Seconds, Request, Answer]] = []

    def answer(self, request: Request, now: Seconds) -> Answer:
        answer = super().answer(request, now)
        if request.target.startswith("/live/"):
            self.asked.append((now - START, request, answer))
        return answer


class Stay:
    """One viewer's stay of LENGTH from the beginning."""

    def __init__(self, match: Scenario, player: Player, stream: Stream, *faults: Fault) -> None:
        scenario = _alone(match, player, Stack(stations={}, stream=stream, faults=faults))
        stack = scenario.embedded_stack
        assert stack is not None
        agenda, recorder = Agenda(START, START + LENGTH), Recorder(START)
        self.noted = Noted(stack)
        self.noted.begin(START)
        world = World(agenda, self.noted, recorder)
        (arrival,) = share(scenario)
        target = Target.parse("http://paper.invalid")
        journey = visit(arrival, scenario, target, START, recorder)
        walk = Walk(journey, world, START + arrival.at, self, 0)
        walk.resume(None, START + arrival.at)
        agenda.run()
        walk.finish(agenda.now)
        self.came = arrival.at
        self.total = recorder.close(0, cpu=0.0, sockets=0, in_flight=world.in_flight)

    def ended(self, index: int, result: object, at: Seconds) -> None:
        """Nobody leaves before the end."""
        raise AssertionError((index, result, at))

    def asked(self, step: Step) -> list[tuple[Seconds, str, Answer]]:
        """When what of a kind was asked for, without its query, and what was answered."""
        return [(at, r.path, a) for at, r, a in self.noted.asked if a.step is step]


def _alone(match: Scenario, player: Player, stack: Stack) -> Scenario:
    """One viewer who stays, whatever happens."""
    patient = {
        name: replace(
            device,
            player=player,
            patience=Patience(none_before=LENGTH, leaving_per_second=0.0, at_most=0.0),
            human_retry=HumanRetry(times=20, after=2.0),
        )
        for name, device in match.devices.items()
    }
    return replace(
        match,
        audience=replace(match.audience, published=1),
        scale=1.0,
        speed=1.0,
        window=Span(start=0.0, stop=LENGTH),
        arrivals=(Surge(shape=Shape.STEADY, start=0.0, stop=LENGTH / 50, share=1.0),),
        devices=MappingProxyType(patient),
        viewing=Viewing(),
        stack=stack,
        stack_sized_for=None,
    )


def folder(path: str) -> str:
    return path.rpartition("/")[0]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("player", list(Player))
def test_nothing_is_lost_stalled_or_refused(
    match: Scenario, player: Player, stream: Stream
) -> None:
    stay = Stay(match, player, stream)
    total = stay.total
    assert (total.lost, total.stalls, total.stalled) == (0, 0, 0)
    assert total.watched > LENGTH - stay.came - 5
    assert {outcome for _, outcome, _ in total.ended} == {Outcome.OK}


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("player", list(Player))
def test_every_segment_is_decoded_with_the_section_of_its_own_ad_or_stream(
    match: Scenario, player: Player, stream: Stream
) -> None:
    stay = Stay(match, player, stream)
    loaded: dict[str, str] = {}  # folder of the section the decoder of a track has
    played = 0
    for _, request, answer in stay.noted.asked:
        track = request.path.split("/")[2].rstrip("0123456789")
        if answer.step is Step.INIT:
            loaded[track] = folder(request.path)
        elif answer.step is Step.SEGMENT:
            assert loaded[track] == folder(request.path)
            played += 1
    assert played >= (LENGTH - stay.came) / stream.target_duration


def test_a_viewer_sees_each_break_from_its_first_segment_to_its_last(match: Scenario) -> None:
    stay = Stay(match, Player.SHAKA, Stream(ad_breaks=ADS, bit_rates=(10_000.0,)))
    segments = [path.split("/v0/")[1] for _, path, _ in stay.asked(Step.SEGMENT)]
    ads = [name for name in segments if name.startswith("ads/")]
    whole = len(ads) // 4 * 4
    first = int(ads[0].split("/")[1])
    assert whole >= 16
    assert ads[:whole] == [
        f"ads/{(first + n // 2) % ADS.creatives}/{n % 2}.m4s" for n in range(whole)
    ]
    live = [int(name.removesuffix(".m4s")) for name in segments if name not in ads]
    gaps = Counter(later - earlier for earlier, later in pairwise(live))
    assert set(gaps) == {1, 5}  # four segments of each break were ads


def test_a_section_is_loaded_once_for_each_ad_and_stretch_of_live_media(match: Scenario) -> None:
    stay = Stay(match, Player.SHAKA, Stream(ad_breaks=ADS, bit_rates=(10_000.0,)))
    segments = [folder(path) for _, path, _ in stay.asked(Step.SEGMENT)]
    stretches = [segments[n] for n in range(len(segments)) if segments[n - 1 : n] != [segments[n]]]
    assert [folder(path) for _, path, _ in stay.asked(Step.INIT)] == stretches


def test_a_signature_that_is_over_is_renewed_by_the_next_playlist(match: Scenario) -> None:
    stay = Stay(match, Player.SHAKA, Stream(signed_urls=SIGNED))
    queries = {r.target.partition("?")[2] for _, r, a in stay.noted.asked if a.step is Step.SEGMENT}
    assert len(queries) == pytest.approx(LENGTH / SIGNED.life, abs=4)


@pytest.mark.parametrize("player", [Player.SHAKA, Player.SET_TOP_BOX])
def test_after_an_outage_longer_than_the_life_of_a_url_the_picture_comes_back(
    match: Scenario, player: Player
) -> None:
    outage = Fault(cut_off=CutOff(start=100.0, stop=190.0))
    stay = Stay(match, player, Stream(signed_urls=SIGNED, ad_breaks=ADS), outage)
    after = [answer.outcome for at, _, answer in stay.asked(Step.SEGMENT) if at > 190]
    assert len(after) >= (LENGTH - 190) / 4
    assert set(after) == {Stated.OK}
    assert stay.total.stalls == 1


def test_who_asks_when_a_url_is_over_sees_an_error_and_goes_on_after_starting_again(
    match: Scenario,
) -> None:
    # it takes the last segment two seconds after its playlist, when there is room in its buffer
    stay = Stay(match, Player.SHAKA, Stream(signed_urls=SignedUrls(life=1.0)))
    refused = [at for at, _, answer in stay.noted.asked if answer.outcome is Stated.FORBIDDEN]
    assert len(refused) == 1
    assert len(stay.asked(Step.MASTER)) == 2
    assert stay.total.watched > LENGTH - 10
    assert {(o, n.count) for (_, o, _), n in stay.total.ended.items() if o is not Outcome.OK} == {
        (Outcome.DENIED, 1)
    }
