"""Evenings at an edge made of sightings: a crowd that joins and watches, and who means it harm."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from loadtests.collect.edge.sighting import Attempt, CacheSaid, Said, Sighting
from loadtests.collect.edge.watcher import Watcher
from loadtests.collect.edge.window import EdgeWindow
from loadtests.diagnosis.measures.measure import merged
from loadtests.diagnosis.verdict.baseline import baseline_of
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.diagnosis.verdict.night import Baseline, Night, Origin
from loadtests.units import PerSecond, Ratio, Seconds
from loadtests.vocabulary import Step

LENGTH = 270
"""Seconds of an evening."""

START, STOP = 60.0, 180.0
"""Of what is hostile."""

JOINS: PerSecond = 8 / 3
WAY_IN = (
    Step.HOME,
    Step.SIGN_IN,
    Step.ENTITLEMENT,
    Step.SESSION,
    Step.LICENSE,
    Step.MASTER,
)
EVERYTHING: Mapping[Observable, Ratio] = dict.fromkeys(Observable, 1.0)

GATEWAY = 1
"""The address of many."""

_VIEWERS, _HOSTILE = 1_000_000, 2_000_000
_NEVER_SEEN = 3_000_000

Seen = Iterable[Sighting]

_BASELINES: dict[int, tuple[Sequence[EdgeWindow], Baseline]] = {}


def crowd(  # noqa: PLR0913 - an evening has this many sides
    *,
    joins: PerSecond = JOINS,
    behind_gateway: Ratio = 0.0,
    forgetful: Ratio = 0.0,
    start: Seconds = 0.0,
    stop: Seconds = LENGTH,
    way: Sequence[Step] = WAY_IN,
    first: int = 0,
) -> Iterator[Sighting]:
    """Viewers who join evenly, take the way in a step a second, and watch for some seconds.

    A share of them mistypes the password once, and gets it right three seconds later.
    """
    for number in range(round((stop - start) * joins)):
        at, who = start + (number + 0.5) / joins, _identity(_VIEWERS + first + number)
        client = GATEWAY if _is_one_of(number, behind_gateway) else who
        forgets = _is_one_of(number, forgetful)
        yield from _visit(at, who, client, way, forgets=forgets)


def _visit(
    at: Seconds, who: int, client: int, way: Sequence[Step], *, forgets: bool
) -> Iterator[Sighting]:
    for step in way:
        if step is Step.SIGN_IN and forgets:
            yield seen(at, step, Said.BAD_CREDENTIALS, client=client, account=who)
            at += 3.0
        account = None if step is Step.HOME else who
        yield seen(at, step, client=client, account=account)
        at += 1.0
    for number in range(3):
        target = _identity(int(at) // 4)
        yield seen(at + number, Step.PLAYLIST, client=client, account=who, cache=CacheSaid.HIT)
        cache = CacheSaid.MISS if number == 0 and who % 50 == 0 else CacheSaid.HIT
        yield seen(
            at + number,
            Step.SEGMENT,
            client=client,
            account=who,
            cache=cache,
            target=target,
            path=target,
        )


def seen(  # noqa: PLR0913 - a request has this many parts
    at: Seconds,
    step: Step | None,
    said: Said = Said.OK,
    *,
    client: int,
    account: int | None = None,
    cache: CacheSaid | None = None,
    target: int = 7,
    path: int = 7,
    duration: Seconds = 0.1,
    size: int = 1000,
    probe: bool = False,
    moved: bool = False,
) -> Sighting:
    """One request that ended."""
    return Sighting(
        at=at,
        step=step,
        said=said,
        attempt=Attempt.FIRST,
        client=client,
        account=account,
        target=target,
        path=path,
        size=size,
        duration=duration,
        cache=cache,
        probe=probe,
        is_post=step in {Step.SIGN_IN, Step.SIGN_UP},
        moved=moved,
    )


def attempts(
    rate: PerSecond, *, sources: int, said: Said = Said.BAD_CREDENTIALS, step: Step = Step.SIGN_IN
) -> Iterator[Sighting]:
    """Requests nothing follows, each with another account, from so many addresses in turn."""
    for number in range(round((STOP - START) * rate)):
        client = _identity(_HOSTILE + number % sources)
        account = _identity(_NEVER_SEEN + number)
        yield seen(START + number / rate, step, said, client=client, account=account)


def flood(rate: PerSecond, *, sources: int, step: Step = Step.HOME) -> Iterator[Sighting]:
    """Good requests of no account, and nothing else."""
    for sighting in attempts(rate, sources=sources, said=Said.OK, step=step):
        yield sighting._replace(account=None)


def busting(rate: PerSecond, *, sources: int) -> Iterator[Sighting]:
    """Segments under URLs nobody ever asked for."""
    requests = attempts(rate, sources=sources, said=Said.OK, step=Step.SEGMENT)
    for number, sighting in zip(count(), requests):
        target = _identity(5_000_000 + number)
        yield sighting._replace(account=None, cache=CacheSaid.MISS, target=target)


def slow(rate: PerSecond) -> Iterator[Sighting]:
    """Sign-ins that take a minute to be sent, and are cut off."""
    for sighting in attempts(rate, sources=50, said=Said.CLIENT_ERROR):
        yield sighting._replace(at=sighting.at + 60.0, duration=60.0, size=0, account=None)


def replay(rate: PerSecond, *, tokens: int = 2, sources: int = 60) -> Iterator[Sighting]:
    """Segments served to a few tokens in many hands."""
    requests = attempts(rate, sources=sources, said=Said.OK, step=Step.SEGMENT)
    for number, sighting in zip(count(), requests):
        account = _identity(_NEVER_SEEN + number % tokens)
        yield sighting._replace(account=account, cache=CacheSaid.HIT)


def farm(rate: PerSecond, *, sources: int = 5) -> Iterator[Sighting]:
    """Licenses for a few accounts, and never a picture."""
    for number, sighting in zip(count(), flood(rate, sources=sources, step=Step.LICENSE)):
        yield sighting._replace(account=_identity(_NEVER_SEEN + number % sources))


def probing(rate: PerSecond) -> Iterator[Sighting]:
    """What is not there, and lies open elsewhere."""
    for sighting in attempts(rate, sources=3, said=Said.NOT_FOUND):
        yield sighting._replace(step=None, probe=True, is_post=False)


def windows(*streams: Seen, length: int = LENGTH) -> list[EdgeWindow]:
    """What an edge's log makes of them."""
    watcher = Watcher(0.0)
    watcher.resolution = 5  # a bin of the diagnosis, that much sooner made
    for sighting in sorted((s for stream in streams for s in stream), key=lambda s: s.at):
        if sighting.at < length:
            watcher.see(sighting)
    for _ in range(2):  # what is known of the others is told as time goes on; one might be a stray
        watcher.see(seen(length - 0.5, Step.LEAVE, client=GATEWAY))
    return watcher.close(length - 1)


def beside(usual: Sequence[EdgeWindow], *streams: Seen) -> list[EdgeWindow]:
    """The windows of an evening with more requests, of others: windows add up."""
    return [merged(pair) for pair in zip(usual, windows(*streams), strict=True)]


def night(made: Sequence[EdgeWindow]) -> Night:
    """One whose log says everything, and of which nothing is known from before."""
    return Night(windows=made, origin=Origin.ACCESS_LOG, source="access.jsonl", observed=EVERYTHING)


def known(of: Night, usual: Sequence[EdgeWindow], *, same_class: bool = True) -> Night:
    """The same with an evening before."""
    name = "an evening like it" if same_class else "an ordinary evening"
    if id(usual) not in _BASELINES:  # with the windows, so that no others can take their place
        _BASELINES[id(usual)] = usual, baseline_of(usual, name=name, same_class=same_class)
    learned = replace(_BASELINES[id(usual)][1], name=name, same_class=same_class)
    return replace(of, baseline=learned)


def without(of: Night, *observables: Observable) -> Night:
    """The same of a log that does not say these."""
    return replace(of, observed={**of.observed, **dict.fromkeys(observables, 0.0)})


def renamed(sightings: Seen, seed: int) -> Iterator[Sighting]:
    """The same requests of people with other addresses and accounts."""
    key = _identity(seed)
    for s in sightings:
        client = None if s.client is None else _identity(s.client ^ key)
        account = None if s.account is None else _identity(s.account ^ key)
        yield s._replace(client=client, account=account)


def _is_one_of(number: int, share: Ratio) -> bool:
    return int((number + 1) * share) > int(number * share)


def _identity(number: int) -> int:
    """64 bits that look like a hash (SplitMix64; Steele, Lea and Flood, OOPSLA 2014)."""
    mask = 0xFFFFFFFFFFFFFFFF
    z = (number + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)
