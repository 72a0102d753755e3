"""Windows get through exactly once, whatever happens to the messages that carry them."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from loadtests.audience.canary import canary
from loadtests.audience.trial import Joins, Trial, trial_scenario
from loadtests.collect.window import Window
from loadtests.scenario.library import find
from loadtests.swarm.messages import RESEND_AFTER, Inbox, Outbox, Parcel, Plan

FATES = st.sampled_from(["arrives", "is lost", "arrives twice", "overtakes"])


def window(second: int) -> Window:
    made = Window(second)
    made.stalls = second + 1
    return made


class Network:
    """Carries parcels one way and acknowledgements the other, badly, as long as `fates` last."""

    def __init__(self, fates: list[str]) -> None:
        self._fates = fates
        self._held: list[Parcel] = []
        self.inbox = Inbox()
        self.accepted: Counter[int] = Counter()

    def _fate(self) -> str:
        return self._fates.pop() if self._fates else "arrives"

    def carry(self, parcel: Parcel, outbox: Outbox) -> None:
        match self._fate():
            case "is lost":
                return
            case "overtakes":
                self._held.append(parcel)
                return
            case "arrives twice":
                self._deliver(parcel, outbox)
        self._deliver(parcel, outbox)
        late, self._held = self._held, []
        for held in late:
            self._deliver(held, outbox)

    def _deliver(self, parcel: Parcel, outbox: Outbox) -> None:
        parcel = Parcel.from_json(parcel.to_json())
        if self.inbox.accept(parcel.number):
            self.accepted[Window.from_json(parcel.window).stalls] += 1
        if self._fate() != "is lost":
            outbox.acknowledged(parcel.number)


@given(fates=st.lists(FATES, max_size=80), seconds=st.integers(1, 12))
def test_every_window_is_counted_once_whatever_is_lost_doubled_or_overtaken(
    fates: list[str], seconds: int
) -> None:
    network, outbox, now = Network(fates), Outbox(), 0.0
    for second in range(seconds):
        last = second == seconds - 1
        network.carry(outbox.post(window(second), now, last=last), outbox)
        for parcel in outbox.overdue(now):
            network.carry(parcel, outbox)
        now += 1.0
    while not outbox.is_empty:
        now += RESEND_AFTER
        for parcel in outbox.overdue(now):
            network.carry(parcel, outbox)
    assert network.accepted == Counter({second + 1: 1 for second in range(seconds)})
    assert network.inbox.is_complete(seconds - 1)


def test_a_window_is_sent_again_when_nothing_was_heard_for_two_seconds_and_not_before() -> None:
    outbox = Outbox()
    parcel = outbox.post(window(0), 10.0)
    assert outbox.overdue(11.9) == []
    assert outbox.overdue(12.0) == [parcel]
    assert outbox.overdue(13.9) == []
    assert outbox.overdue(14.0) == [parcel]
    outbox.acknowledged(parcel.number)
    assert outbox.overdue(99.0) == []
    assert outbox.is_empty


def test_only_the_last_parcel_says_that_it_is_the_last() -> None:
    outbox = Outbox()
    parcels = [outbox.post(window(0), 0.0), outbox.post(window(1), 1.0, last=True)]
    assert [parcel.last for parcel in parcels] == [False, True]
    assert [parcel.number for parcel in parcels] == [0, 1]


@given(st.lists(st.integers(0, 30)))
def test_an_inbox_accepts_each_number_once_and_is_complete_when_none_is_missing(
    numbers: list[int],
) -> None:
    inbox = Inbox()
    news = [number for number in numbers if inbox.accept(number)]
    assert sorted(news) == sorted(set(numbers))
    for last in range(31):
        assert inbox.is_complete(last) == (set(range(last + 1)) <= set(numbers))


def test_a_plan_survives_the_journey_to_a_worker() -> None:
    plan = Plan(
        run="4f", folder="/runs/1", file="evening.yaml", scenario="title: x", name="evening",
        variant=None, scale=0.005, speed=None, seed=7, target="http://127.0.0.1:1", consent=None,
        resolve={"cdn.test:80": "127.0.0.1"}, insecure=False, request_log=True, start=1e9,
        worker=1, workers=2,
    )  # fmt: skip
    assert Plan.from_json(plan.to_json()) == plan


def test_the_plan_of_a_canary_is_played_as_the_canary() -> None:
    text = find("smoke").read_text(encoding="utf-8")
    plan = Plan(
        run="4f", folder="/runs/1", file="smoke.yaml", scenario=text, name="smoke",
        variant=None, scale=None, speed=None, seed=None, target="http://127.0.0.1:1", consent=None,
        resolve={}, insecure=False, request_log=False, start=1e9, worker=0, workers=1, canary=5.0,
    )  # fmt: skip
    assert plan.read_scenario() == canary(replace(plan, canary=None).read_scenario(), 5.0)


def test_the_plan_of_a_trial_is_played_as_the_trial() -> None:
    text = find("smoke").read_text(encoding="utf-8")
    trial = Trial(number=2, joins=Joins.SURGE, rate=7.5)
    plan = Plan(
        run="r", folder="f", file="smoke.yaml", scenario=text, name="smoke",
        variant=None, scale=None, speed=None, seed=None, target="http://127.0.0.1:1", consent=None,
        resolve={}, insecure=False, request_log=False, start=1e9, worker=0, workers=1,
        trial=trial.to_text(),
    )  # fmt: skip
    assert plan.read_scenario() == trial_scenario(replace(plan, trial=None).read_scenario(), trial)
