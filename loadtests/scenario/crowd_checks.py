"""What must hold of the crowd: when it comes, on what, from where and for what."""

from collections import Counter
from collections.abc import Iterable, Iterator

from loadtests.binding import Misfit
from loadtests.binding.scalars import quoted, suggest
from loadtests.scenario.demand import Recording, Shape, Surge
from loadtests.scenario.habits import Refusals
from loadtests.scenario.model import Device, Scenario
from loadtests.scenario.recorded import Period, came
from loadtests.units import plain, write_offset, write_ratio
from loadtests.vocabulary import Purpose, Step

_EXACT = 1e-6
"""How far shares may be from 100 % together: rounding, not a mistake."""
_ON_THE_WAY = (
    Step.WEBSITE,
    Step.BOOT,
    Step.REGISTER,
    Step.HOME,
    Step.SIGN_IN,
    Step.CATALOG,
    Step.ACCOUNT,
    Step.ENTITLEMENT,
    Step.SESSION,
    Step.LICENSE,
)
"""Steps that may lead to the stream; all others belong to another errand, or to watching."""
_SIGNED_IN = frozenset({Step.CATALOG, Step.ACCOUNT, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE})
"""Those of them that need a token."""


def rates_are_for_straight(surge: Surge) -> Iterator[Misfit]:
    """A straight surge needs two rates, no other shape has any."""
    if surge.shape is not Shape.STRAIGHT:
        if surge.rates is not None:
            yield Misfit(f"`{surge.shape}` has its own rates; leave it out", "rates")
    elif surge.rates is None or min(surge.rates) < 0 or max(surge.rates) == 0:
        what = "`straight` needs two rates; write such as [1, 3]"
        yield Misfit(what, "rates")


def devices_are_named_once(surge: Surge) -> Iterator[Misfit]:
    """Named twice, a device would not come twice as often."""
    yield from _once(surge.devices, "devices")


def peak_is_somebody(recording: Recording) -> Iterator[Misfit]:
    """A series is scaled to it."""
    if recording.peak is not None and recording.peak <= 0:
        yield Misfit("nobody comes at that; write more than 0, such as 400/min", "peak")


def join_leads_to_the_stream(device: Device) -> Iterator[Misfit]:
    """Steps of joining, each once; a box boots first, and a token comes before what needs one."""
    yield from _once(device.join, "join")
    for at, step in enumerate(device.join):
        if step not in _ON_THE_WAY:
            known = ", ".join(_ON_THE_WAY)
            instead = (
                "`sign_in` stands for it" if step is Step.REFRESH else f"write some of {known}"
            )
            yield Misfit(f"`{step}` does not lead to the stream; {instead}", "join", at)
        if step is Step.BOOT and at:
            yield Misfit("a device boots before anything else; write it first", "join", at)
        if step in _SIGNED_IN and Step.SIGN_IN in device.join[at:]:
            yield Misfit(f"`{step}` needs a token; write it after `sign_in`", "join", at)


def refusals_leave_the_rest(refusals: Refusals) -> Iterator[Misfit]:
    """Whoever enters a code does not sign up."""
    if refusals.verify + refusals.sign_up > 1 + _EXACT:
        both = f"{plain((refusals.verify + refusals.sign_up) * 100)} %"
        yield Misfit(f"`verify` and `sign_up` make {both}; write at most 100 % together", "sign_up")


def arrivals_add_up(scenario: Scenario) -> Iterator[Misfit]:
    """The parts of the curve are all of the evening's viewers."""
    if not isinstance(scenario.arrivals, Recording):
        yield from _add_up([surge.share for surge in scenario.arrivals], "arrivals")


def recording_stays_within_the_audience(scenario: Scenario) -> Iterator[Misfit]:
    """More viewers than the audience has cannot come."""
    recording, most = scenario.arrivals, scenario.audience.viewers
    if not isinstance(recording, Recording) or recording.peak is None:
        return
    total = sum(period.number for period in came(recording, scenario))
    if total > most * (1 + _EXACT):
        at_most = int(60 * recording.peak * most / total)
        what = f"makes {round(total)} viewers of the series, but the audience has {round(most)}"
        yield Misfit(
            f"{what}; write at most {at_most}/min, or a larger audience", "arrivals", "peak"
        )


def devices_add_up(scenario: Scenario) -> Iterator[Misfit]:
    """The devices are all of them, too."""
    yield from _add_up([device.share for device in scenario.devices.values()], "devices")


def regions_add_up(scenario: Scenario) -> Iterator[Misfit]:
    """And so are the regions, where there are any."""
    if scenario.regions:
        yield from _add_up(list(scenario.regions.values()), "regions")


def _add_up(shares: list[float], key: str) -> Iterator[Misfit]:
    if not shares:
        yield Misfit("nobody comes; write at least one with share: 100 %", key)
    elif abs(sum(shares) - 1) > _EXACT:
        total = write_ratio(sum(shares)) if sum(shares) < 1 else f"{plain(sum(shares) * 100)} %"
        yield Misfit(f"the shares add up to {total}; write shares that make 100 %", key)


def surges_name_devices_there_are(scenario: Scenario) -> Iterator[Misfit]:
    """A surge comes on devices of the scenario."""
    for at, surge in enumerate(surges(scenario)):
        yield from not_among(surge.devices, scenario.devices, "device", "arrivals", at, "devices")


def every_device_is_used(scenario: Scenario) -> Iterator[Misfit]:
    """A device without a share is for the surges that name it."""
    named = {name for surge in surges(scenario) for name in surge.devices}
    for name, device in scenario.devices.items():
        if device.share == 0 and name not in named:
            what = "nobody comes on it; write a share, or name it in `devices` of a surge"
            yield Misfit(what, "devices", name, "share")


def what_is_booted_can_boot(scenario: Scenario) -> Iterator[Misfit]:
    """Only a device whose way to the stream begins with `boot` is switched on."""
    for at, surge in enumerate(surges(scenario)):
        if surge.purpose is not Purpose.BOOT:
            continue
        with_a_share = [name for name, device in scenario.devices.items() if device.share > 0]
        for name in surge.devices or with_a_share:
            device = scenario.devices.get(name)
            if device is not None and device.join[:1] != (Step.BOOT,):
                what = f"{quoted(name)} does not begin its `join` with `boot`"
                where = "devices" if surge.devices else "purpose"
                yield Misfit(f"{what}; name only `devices` that do", "arrivals", at, where)


def window_meets_the_arrivals(scenario: Scenario) -> Iterator[Misfit]:
    """It may begin before the first and end after the last, but somebody has to come in it."""
    parts = _parts(scenario)
    if not parts:
        return
    first, last = min(part.start for part in parts), max(part.stop for part in parts)
    if scenario.window.stop <= first:
        what = f"nobody arrives before {write_offset(first)}; write a later time"
        yield Misfit(what, "window", "to")
    if scenario.window.start >= last:
        what = f"nobody arrives after {write_offset(last)}; write an earlier time"
        yield Misfit(what, "window", "from")


def somebody_is_left(scenario: Scenario) -> Iterator[Misfit]:
    """The scale leaves at least one viewer of those parts of the curve that the window touches.

    An upper bound: how many come exactly is `audience`'s arithmetic.
    """
    window, parts = scenario.window, _parts(scenario)
    touched = (part for part in parts if part.start < window.stop and window.start < part.stop)
    viewers = sum(part.number for part in touched)
    if parts and viewers * scenario.scale < 1:
        advice = f"at least 1/{int(viewers)}" if viewers >= 1 else "a window where somebody arrives"
        what = f"leaves no viewer of the {round(viewers)} in the window; write {advice}"
        yield Misfit(what, "scale")


def surges(scenario: Scenario) -> tuple[Surge, ...]:
    """The parts of the arrival curve; none where a series is replayed."""
    return () if isinstance(scenario.arrivals, Recording) else scenario.arrivals


def not_among(
    names: Iterable[str], known: Iterable[str], kind: str, *path: str | int
) -> Iterator[Misfit]:
    """Names of a list at `path` that name nothing."""
    words = list(known)
    for at, name in enumerate(names):
        if name not in words:
            yield Misfit(f"no {kind} {quoted(name)}; {suggest(name, words)}", *path, at)


def _parts(scenario: Scenario) -> list[Period]:
    """The parts of the arrival curve with the viewers each brings."""
    if isinstance(scenario.arrivals, Recording):
        return list(came(scenario.arrivals, scenario))
    viewers = scenario.audience.viewers
    return [Period(each.start, each.stop, each.share * viewers) for each in scenario.arrivals]


def _once(names: Iterable[str], key: str) -> Iterator[Misfit]:
    for name in (name for name, count in Counter(names).items() if count > 1):
        yield Misfit(f"{quoted(str(name))} stands there twice; write it once", key)
