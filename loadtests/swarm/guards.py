"""What the target's real users say: a Prometheus query out of bounds, or silent, stops a run.

A guard nobody can hear guards nothing: silence stops a run as surely as a bad figure does.
"""

import json
import math
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.consent import read_consent
from loadtests.scenario.model import Scenario
from loadtests.scenario.stopping import Guard
from loadtests.swarm.clock import now
from loadtests.swarm.http_get import get
from loadtests.swarm.options import Options
from loadtests.swarm.reach import is_this_machine
from loadtests.units import Seconds, plain, write_duration
from loadtests.url import split

PATIENCE: Seconds = 1.0  # with one question; a query that takes longer needs a recording rule
AGAIN: Seconds = 0.25  # after a question without a good answer
_OK = 200


class Sentry:
    """Asks one guard's query, and says when a run must stop for it.

    `heard` is when it last got a good answer: one finite number. Without one for half as long again
    as `every`, and at least a second longer than it, the guard is silent. A run ends within two
    more seconds of that.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        resolve: Mapping[str, str] | None = None,
        verify: bool = True,
    ) -> None:
        """MatchnightError if the server's URL is none. `resolve`: "host:port" to an address."""
        self.guard = guard
        self.silent_after: Seconds = guard.every + max(1.0, guard.every / 2)
        self.heard = now()
        self.problem = "nobody has asked yet"  # why the last answer was no good one; empty: it was
        self._resolve = resolve
        self._verify = verify
        try:
            self.host = split(guard.prometheus).host
        except ValueError as problem:
            raise MatchnightError(f"guards: prometheus: {problem}") from None

    def ask(self) -> str | None:
        """Ask once: what is out of bounds, or None; without a good answer `problem` says why."""
        try:
            value = self._value()
        except (OSError, ValueError) as problem:
            self.problem = str(problem) or type(problem).__name__
            return None
        self.heard, self.problem = now(), ""
        return self._out_of_bounds(value)

    @property
    def pause(self) -> Seconds:
        """How long to wait before the next question."""
        return AGAIN if self.problem else self.guard.every

    def silence(self, at: Seconds) -> str | None:
        """Why the guard counts as silent at `at`; None while it does not."""
        silent = at - self.heard
        if silent <= self.silent_after:
            return None
        why = self.problem or f"no answer within {write_duration(PATIENCE)}"
        return f"the guard {self.name} is silent: no number for {silent:.1f} s ({why})"

    @property
    def name(self) -> str:
        """Its query, as long as it is short."""
        query = " ".join(self.guard.query.split())
        return repr(query if len(query) <= 60 else query[:57] + "...")  # noqa: PLR2004 - of a line of 100

    def _value(self) -> float:
        url = f"{self.guard.prometheus.rstrip('/')}/api/v1/query?query={quote(self.guard.query)}"
        answer = get(url, patience=PATIENCE, resolve=self._resolve, verify=self._verify)
        if answer.status != _OK:
            raise ValueError(f"answered with status {answer.status}")
        return one_number(answer.body)

    def _out_of_bounds(self, value: float) -> str | None:
        guard = self.guard
        if guard.at_most is not None and value > guard.at_most:
            return f"the guard {self.name} is at {value:g}, above {plain(guard.at_most)}"
        if guard.at_least is not None and value < guard.at_least:
            return f"the guard {self.name} is at {value:g}, below {plain(guard.at_least)}"
        return None


def one_number(body: bytes) -> float:
    """The value of an instant query's answer (Prometheus HTTP API, v1); ValueError: it has not one.

    A scalar, or a vector of one sample; not a number, or infinite, is no value either.
    """
    try:
        data = json.loads(body)["data"]
        kind, result = data["resultType"], data["result"]
        samples = [result] if kind == "scalar" else [sample["value"] for sample in result]
        values = [float(value) for _, value in samples]
    except (KeyError, TypeError, ValueError):
        raise ValueError("answered with something else than a number") from None
    if len(values) != 1:
        raise ValueError(f"answered with {len(values)} numbers instead of one")
    if not math.isfinite(values[0]):
        raise ValueError(f"answered with {values[0]}")
    return values[0]


def posted(scenario: Scenario, options: Options) -> list[Sentry]:
    """A sentry for each guard of a scenario; MatchnightError if one may not be asked."""
    sentries = [
        Sentry(guard, resolve=options.resolve, verify=not options.insecure)
        for guard in scenario.guards
    ]
    for host in {sentry.host for sentry in sentries}:
        if not (is_this_machine(host) or _is_listed(host, options)):
            raise MatchnightError(
                f"guards: {host} is not this machine, and no --consent lists it among its hosts",
                ExitStatus.UNREACHABLE,
            )
    return sentries


def _is_listed(host: str, options: Options) -> bool:
    return options.consent is not None and read_consent(options.consent).covers(host)


def check(sentries: Sequence[Sentry]) -> None:
    """Hear every guard once before anything is sent; MatchnightError if one is not, or says no."""
    for sentry in sentries:
        said = sentry.ask()
        if sentry.problem:
            where = f"{sentry.guard.prometheus}: {sentry.problem}"
            what = f"guards: {sentry.name} cannot be heard at {where}"
            raise MatchnightError(f"{what}; nothing is sent without it", ExitStatus.UNREACHABLE)
        if said is not None:
            raise MatchnightError(f"{said}, before anything was sent", ExitStatus.MISSED)
