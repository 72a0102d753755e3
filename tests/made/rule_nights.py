"""Nights the Prometheus rules are tested with, and the verdicts each of them is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from loadtests.diagnosis.verdict.kinds import Cause, Hostile
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.habits import HumanRetry, Patience
from loadtests.scenario.hostile import Attack, Pattern
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Span, Viewing
from loadtests.stack.faults.dependency import Broken, Dependency
from loadtests.stack.faults.gateway_rule import GatewayRule
from loadtests.stack.faults.model import Fault
from loadtests.stack.model import EdgeCache, Stack, Station, Stream
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Player, Step, Trait

QUIET: Seconds = 600.0
RISE: Seconds = 60.0
PEAK: Seconds = 300.0
FALL: Seconds = 120.0
CALM: Seconds = 360.0
LENGTH: Seconds = QUIET + RISE + PEAK + FALL + CALM
ATTACKED = Span(start=QUIET + 60.0, stop=QUIET + RISE + PEAK)

FEW, MANY = 2.0, 6.0  # viewers who come a second: usually, and at the peak
SIGNS_IN: Ratio = 0.5
ASKED = {Step.SIGN_IN: SIGNS_IN, Step.REFRESH: 1 - SIGNS_IN}  # requests a viewer; else 1
SERVICE_TIME: Seconds = 0.1
ROOMY: Ratio = 0.5
"""Load of each station at the peak, unless a night says otherwise."""

_ONE = Estimate(value=1.0, low=1.0, high=1.0)
_TELEVISION = Device(
    share=1.0,
    player=Player.HLS_JS,
    signs_in=SIGNS_IN,
    patience=Patience(none_before=5.0, leaving_per_second=0.03, at_most=0.5),
    human_retry=HumanRetry(times=1, after=8.0),
)


@dataclass(frozen=True, kw_only=True)
class RuleNight:
    """A night, and the verdicts it is: an alert of each fires, and none of any other."""

    title: str
    verdicts: frozenset[Cause | Hostile]
    scenario: Scenario
    measured: Scenario | None  # whose signature is known
    is_late: bool = False  # the tester itself is


@dataclass(frozen=True, kw_only=True)
class Evening:
    """What befalls a service, and what it is sized for."""

    few: float = FEW
    many: float = FEW
    loads: Mapping[Step, Ratio] = field(default_factory=dict)  # stations' at `many`; else ROOMY
    slower: Mapping[Step, float] = field(default_factory=dict)  # since the last deployment
    queue: Seconds = 4.0  # of work a line holds
    faults: tuple[Fault, ...] = ()
    attacks: tuple[Attack, ...] = ()
    refused: Ratio = 0.0
    device: Device = _TELEVISION

    def scenario(self) -> Scenario:
        """Half a minute each on average, from ten minutes before the rush to six after it."""
        viewers = self.few * LENGTH + (self.many - self.few) * (RISE / 2 + PEAK + FALL / 2)
        return Scenario(
            name="rule-night",
            title="a night for rules",
            event=Event(name="Match", kick_off="2022-09-06 21:00"),
            audience=Audience(published=round(viewers), people_per_account=_ONE, share_on_app=_ONE),
            scale=1.0,
            speed=1.0,
            window=Span(start=0.0, stop=LENGTH),
            arrivals=tuple(self._arrivals(viewers)),
            devices={"television": self.device},
            viewing=Viewing(until=LENGTH, early=1.0, early_stay=30.0),
            hostile=self.attacks,
            stack=self._stack(),
        )

    def _arrivals(self, viewers: float) -> Iterator[Surge]:
        more = self.many - self.few
        parts = [(Shape.STEADY, 0.0, LENGTH, self.few * LENGTH)]
        if more:
            rush, calm = QUIET + RISE, QUIET + RISE + PEAK
            parts += [
                (Shape.RISE, QUIET, rush, more * RISE / 2),
                (Shape.STEADY, rush, calm, more * PEAK),
                (Shape.FALL, calm, calm + FALL, more * FALL / 2),
            ]
        for shape, start, stop, number in parts:
            yield Surge(shape=shape, start=start, stop=stop, share=number / viewers)

    def _stack(self) -> Stack:
        steps = (
            Step.HOME, Step.SIGN_IN, Step.REFRESH, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE,
        )  # fmt: skip
        return Stack(
            stations={step: self._station(step) for step in steps},
            stream=Stream(target_duration=4.0, bit_rates=(20_000.0,)),
            cache=EdgeCache(),
            refused_accounts=self.refused,
            faults=self.faults,
        )

    def _station(self, step: Step) -> Station:
        capacity = self.many * ASKED.get(step, 1.0) / self.loads.get(step, ROOMY)
        slower = self.slower.get(step, 1.0)
        servers = max(1, round(capacity * SERVICE_TIME))
        time = servers / capacity
        return Station(
            servers=servers,
            service_time=min(SERVICE_TIME, time) * slower,
            rest=max(0.0, time - SERVICE_TIME) * slower,
            queue=max(3, round(capacity / slower * self.queue)),
        )


def _attack(pattern: Pattern, rate: float, **more: object) -> Attack:
    return replace(
        Attack(
            pattern=pattern,
            start=ATTACKED.start,
            lasts=ATTACKED.stop - ATTACKED.start,
            rate=rate,
            sources=300,
            step=Step.HOME if pattern is Pattern.FLOOD else None,
        ),
        **more,  # type: ignore[arg-type] # fields of it, by name
    )


def _down(*steps: Step, start: Seconds, lasts: Seconds) -> Fault:
    return Fault(
        dependency=Dependency(
            start=start, stop=start + lasts, steps=steps, answer=Broken.SERVER_ERROR
        )
    )


_INSISTING = Device(
    share=1.0,
    player=Player.SET_TOP_BOX,
    signs_in=SIGNS_IN,
    patience=Patience(at_most=0.0),
    human_retry=HumanRetry(times=50, after=2.0),
)
_BEHIND_A_GATEWAY = replace(_TELEVISION, traits={Trait.GATEWAY: 0.4})


def _night(
    title: str, *verdicts: Cause | Hostile, measured: Evening | None = None, of: Evening
) -> RuleNight:
    return RuleNight(
        title=title,
        verdicts=frozenset(verdicts),
        scenario=of.scenario(),
        measured=(measured or of).scenario(),
    )


def _hostile(title: str, kind: Hostile, *attacks: Attack) -> RuleNight:
    return _night(title, kind, of=Evening(attacks=attacks, loads={Step.SIGN_IN: 0.2}))


_RUSH = Evening(many=MANY)
_TOO_SMALL = Evening(many=MANY, loads={Step.SIGN_IN: 1.6})
_OUTAGE = _down(Step.ENTITLEMENT, Step.SESSION, start=QUIET + RISE, lasts=PEAK)
_TIGHT = Evening(few=4.0, many=4.0, loads={Step.ENTITLEMENT: 0.85}, queue=40.0, device=_INSISTING)

NIGHTS: Mapping[str, Callable[[], RuleNight]] = {
    "nominal": lambda: _night("nothing happens", Cause.NOMINAL, of=Evening()),
    "surge_absorbed": lambda: _night(
        "three times the usual crowd, held", Cause.SURGE_ABSORBED, of=_RUSH
    ),
    "demand_above_knee": lambda: _night(
        "the crowd is more than sign-in carries", Cause.DEMAND_ABOVE_KNEE, of=_TOO_SMALL
    ),
    "capacity_regression": lambda: _night(
        "the crowd once held; each entitlement takes five times as long",
        Cause.CAPACITY_REGRESSION,
        of=replace(_RUSH, slower={Step.ENTITLEMENT: 5.0}),
        measured=_RUSH,
    ),
    "retry_storm": lambda: _night(
        "a short failure, and repeats that keep it down",
        Cause.RETRY_STORM,
        of=replace(_TIGHT, faults=(_down(Step.ENTITLEMENT, start=QUIET, lasts=45.0),)),
    ),
    "dependency_outage": lambda: _night(
        "what two steps depend on fails at a load it had carried",
        Cause.DEPENDENCY_OUTAGE,
        of=Evening(faults=(_OUTAGE,)),
    ),
    "policy_rejection": lambda: _night(
        "plans of a third do not include the event",
        Cause.POLICY_REJECTION,
        of=Evening(refused=0.33),
    ),
    "defence_collateral": lambda: _night(
        "a rate limit takes a gateway for one client",
        Cause.DEFENCE_COLLATERAL,
        of=Evening(
            device=_BEHIND_A_GATEWAY,
            faults=(
                Fault(
                    gateway_rule=GatewayRule(
                        start=QUIET, stop=LENGTH, steps=(Step.ENTITLEMENT,), rate=0.2
                    )
                ),
            ),
        ),
    ),
    "malice_caused": lambda: _night(
        "the crowd would fit; with the attempts of others sign-in does not",
        Cause.MALICE_CAUSED,
        Hostile.CREDENTIAL_STUFFING,
        of=Evening(
            attacks=(_attack(Pattern.CREDENTIAL_STUFFING, 4.0, unknown_users=0.5),),
            loads={Step.SIGN_IN: 0.5},
        ),
    ),
    "tester_limited": lambda: replace(
        _night("the tester is late", Cause.TESTER_LIMITED, of=_TOO_SMALL), is_late=True
    ),
    "undetermined": lambda: replace(
        _night("as above the knee, but nobody knows the knee", Cause.UNDETERMINED, of=_TOO_SMALL),
        measured=None,
    ),
    "credential_stuffing": lambda: _hostile(
        "leaked passwords, one attempt in two",
        Hostile.CREDENTIAL_STUFFING,
        _attack(Pattern.CREDENTIAL_STUFFING, 1.0, unknown_users=0.3),
    ),
    "l7_flood": lambda: _hostile(
        "the home page, over and over", Hostile.L7_FLOOD, _attack(Pattern.FLOOD, 1.5)
    ),
    "cache_busting": lambda: _hostile(
        "segments with queries no cache has seen",
        Hostile.CACHE_BUSTING,
        _attack(Pattern.CACHE_BUSTING, 5.0),
    ),
    "slow_http": lambda: _hostile(
        "requests that never end",
        Hostile.SLOW_HTTP,
        _attack(Pattern.SLOW_REQUEST, 0.5, holds=60.0),
    ),
    "token_replay": lambda: _hostile(
        "one account's token in many hands",
        Hostile.TOKEN_REPLAY,
        _attack(Pattern.TOKEN_REPLAY, 0.3, holds=60.0),
    ),
    "license_abuse": lambda: _hostile(
        "licenses nobody plays", Hostile.LICENSE_ABUSE, _attack(Pattern.LICENSE_FARMING, 1.5)
    ),
    "scanner": lambda: _hostile(
        "what lies open by mistake", Hostile.SCANNER, _attack(Pattern.SCANNER, 0.5)
    ),
}
