"""The sorts of viewers whose ways differ, each with its part of those who come for a purpose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

from loadtests.audience.draws import among
from loadtests.audience.errands import Errand
from loadtests.scenario.habits import Refusals
from loadtests.scenario.model import Device, Scenario
from loadtests.stack.defaults import DEFAULT
from loadtests.stack.downloads import is_downloadable
from loadtests.stack.model import Stack, Station
from loadtests.stack.policies import DownloadRules
from loadtests.units import Offset, Ratio
from loadtests.vocabulary import Purpose, Step, Trait

_ROOM = 4096  # servers: more than viewers are ever sampled at once


class Kind(NamedTuple):
    """Viewers whom the same has been dealt before they come."""

    device: str
    traits: frozenset[Trait]
    signs_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """Viewers of a kind who are alike in what they do later, if somebody refuses them."""

    weight: Ratio  # of all who come for the purpose
    scenario: Scenario
    kind: Kind
    likely: Mapping[Step, Ratio]  # of steps all take here, the share of them who really do
    goes_on: Ratio  # share that has not finished a title when it expires, and renews it


def at_its_best(stack: Stack) -> Stack:
    """The same stack with room for everybody and nothing that goes wrong; its rules stay."""
    return replace(
        stack,
        stations={step: _roomy(station) for step, station in stack.stations.items()},
        origin=_roomy(stack.origin),
        waiting_room=None,
        support=None,
        faults=(),
    )


def _roomy(station: Station) -> Station:
    return Station(servers=_ROOM, service_time=station.service_time, queue=0)


def standings(scenario: Scenario, purpose: Purpose) -> Iterator[tuple[Stack, Ratio]]:
    """The scenario's stack at its best, once with each answer its rules have; and how often.

    Accounts that nobody has paid for, or whose plan is another; titles that cannot be kept.
    """
    stack = at_its_best(scenario.stack or DEFAULT)
    held, refused = stack.accounts_on_hold, stack.refused_accounts
    missing = _missing(scenario, stack.downloads) if purpose is Purpose.DOWNLOAD else 0.0
    good = (1 - held) * (1 - refused)
    for on_hold, out_of_plan, gone, part in (
        (0.0, 0.0, 0.0, good * (1 - missing)),
        (0.0, 0.0, 1.0, good * missing),
        (1.0, 0.0, 0.0, held),
        (0.0, 1.0, 0.0, (1 - held) * refused),
    ):
        if part:
            rules = replace(stack.downloads, not_downloadable=gone)
            yield (
                replace(
                    stack,
                    downloads=rules,
                    accounts_on_hold=on_hold,
                    refused_accounts=out_of_plan,
                ),
                part,
            )


def _missing(scenario: Scenario, rules: DownloadRules) -> Ratio:
    """Share of the choices that fall on a title that cannot be downloaded (`journeys.titles`)."""
    habits = scenario.downloads
    weights = {n: float(n**-habits.popularity) for n in range(1, habits.titles + 1)}
    missing = (
        weight
        for n, weight in weights.items()
        if not is_downloadable(f"title-{n:04d}", rules.not_downloadable)
    )
    return sum(missing) / sum(weights.values())


def kinds(scenario: Scenario, errand: Errand) -> dict[Kind, Ratio]:
    """The kinds of those who come for an errand, and how many are of each; all together: 1."""
    shares = {name: device.share for name, device in scenario.devices.items()}
    devices = among(errand.devices, shares)
    everybody = sum(devices.values())
    found: dict[Kind, Ratio] = {}
    for name, share in devices.items():
        device = scenario.devices[name]
        signing_in = ((True, device.signs_in), (False, 1 - device.signs_in))
        for (traits, special), (signs_in, part) in product(_traits(device), signing_in):
            if weight := share / everybody * special * part:
                found[Kind(name, traits, signs_in)] = weight
    return found


def sorts(
    scenario: Scenario, purpose: Purpose, kinds: Mapping[Kind, Ratio], at: Offset
) -> Iterator[Sort]:
    """The sorts of these kinds, of those who come `at` a time of the evening.

    Whoever is refused calls about it; whoever looks at the account pages cancels; whoever has kept
    a title renews it: `likely` and `goes_on` are for counting that.
    """
    downloads = scenario.downloads
    called = 1.0 if purpose is Purpose.SUPPORT else scenario.calls.after_refusal
    for kind, weight in kinds.items():
        for refusals, part in _ways(scenario, kind.traits, at):
            yield Sort(
                weight=weight * part,
                scenario=_certain(scenario, refusals),
                kind=kind,
                likely={Step.SUPPORT: called, Step.CANCEL: scenario.account_pages.cancel},
                goes_on=downloads.unfinished * downloads.renew,
            )


def _certain(scenario: Scenario, refusals: Refusals) -> Scenario:
    """What people may or may not do, they do."""
    return replace(
        scenario,
        refusals=refusals,
        calls=replace(scenario.calls, after_refusal=1.0, redial=0.0),
        account_pages=replace(scenario.account_pages, cancel=1.0),
        downloads=replace(scenario.downloads, unfinished=1.0, renew=1.0),
    )


def _traits(device: Device) -> list[tuple[frozenset[Trait], Ratio]]:
    """Every combination of what is special about a device, and how many are so."""
    found: list[tuple[frozenset[Trait], Ratio]] = [(frozenset(), 1.0)]
    for trait, share in device.traits.items():
        have = [(traits | {trait}, part * share) for traits, part in found]
        found = have + [(traits, part * (1 - share)) for traits, part in found]
    return [(traits, part) for traits, part in found if part]


def _ways(scenario: Scenario, traits: frozenset[Trait], at: Offset) -> list[tuple[Refusals, Ratio]]:
    """What those outside the household do about it, and how many of them."""
    said, stack = scenario.refusals, scenario.stack
    rule = stack.household if stack else None
    if Trait.OUTSIDE not in traits or rule is None or at < rule.start:
        return [(said, 1.0)]
    verify, sign_up = said.verify, min(said.sign_up, 1 - said.verify)
    ways = ((1.0, 0.0, verify), (0.0, 1.0, sign_up), (0.0, 0.0, 1 - verify - sign_up))
    return [(replace(said, verify=v, sign_up=s), part) for v, s, part in ways if part > 0]
