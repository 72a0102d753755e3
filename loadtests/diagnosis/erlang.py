"""What telephone desks do in steady state: blocking and waiting, by Erlang's formulas.

Load is in erlangs: calls per second times the mean handle time (ITU-T E.501, traffic offered).
Callers are Poisson, handle times exponential where anybody waits. Sources:

- A. K. Erlang, Solution of some problems in the theory of probabilities of significance in
  automatic telephone exchanges, 1917: B and C.
- R. B. Cooper, Introduction to Queueing Theory, 2nd edition, 1981, chapter 3: their recursion, the
  waiting times, and desks with a limited number of lines (M/M/c/K).
- C. Palm, Research on telephone traffic carried by full availability groups, Tele, 1957: callers
  who hang up (Erlang A).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import exp, inf, log

from loadtests.units import PerSecond, Ratio, Seconds


def erlang_b(load: float, agents: int) -> Ratio:
    """Share of the calls that find every one of `agents` busy, if nobody can wait.

    B(0) = 1, B(n) = a B(n - 1) / (n + a B(n - 1)). It depends on the mean handle time alone.
    """
    blocking = 1.0
    for n in range(1, agents + 1):
        blocking = load * blocking / (n + load * blocking)
    return blocking


def erlang_c(load: float, agents: int) -> Ratio:
    """Share of the calls that must wait, if all can and nobody hangs up; 1 from `agents` erlangs.

    C = B / (1 - a / c (1 - B)).
    """
    return _waiting(erlang_b(load, agents), load, agents)


def mean_wait(load: float, agents: int, handle_time: Seconds) -> Seconds:
    """How long calls wait for an agent, those that do not wait included; infinity if ever longer.

    C h / (c - a).
    """
    if load >= agents:
        return inf
    return erlang_c(load, agents) * handle_time / (agents - load)


def wait_quantile(load: float, agents: int, handle_time: Seconds, q: Ratio) -> Seconds:
    """What a share `q` of the calls does not wait longer than, first come, first served.

    P(W > t) = C exp(-(c - a) t / h).
    """
    if load >= agents:
        return inf
    waiting = erlang_c(load, agents)
    if 1 - q >= waiting:
        return 0.0
    return log(waiting / (1 - q)) * handle_time / (agents - load) if q < 1 else inf


def agents_needed(
    load: float, handle_time: Seconds, *, share: Ratio = 0.8, within: Seconds = 20.0
) -> int:
    """The fewest agents who pick up a share of the calls within so many seconds; lines for all.

    80 % within 20 s is the custom of the trade. [A]
    """
    agents, blocking = 0, 1.0
    while True:
        agents += 1
        blocking = load * blocking / (agents + load * blocking)
        late = exp(-(agents - load) * within / handle_time) if agents > load else 1.0
        if _waiting(blocking, load, agents) * late <= 1 - share:
            return agents


def _waiting(blocking: Ratio, load: float, agents: int) -> Ratio:
    """Erlang C from Erlang B."""
    return blocking / (1 - load / agents * (1 - blocking)) if load < agents else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephones:
    """A desk in steady state: M/M/c/K, with callers who hang up (Erlang A) and a message before.

    Without patience, message and with as many lines as agents this is Erlang B; with lines for all
    Erlang C. A message of any length keeps the product form (S. S. Lam, Queuing networks with
    population size constraints, IBM Journal of Research and Development 21, 1977): the call holds a
    line in it, and no agent.
    """

    calls: PerSecond  # redials included, as if they were Poisson
    agents: int
    lines: int  # calls at once: in the message, waiting or being served
    handle_time: Seconds
    patience: Seconds = inf  # of those who wait for an agent, on average (exponential)
    satisfied: Ratio = 0.0  # by the message
    message: Seconds = 0.0  # how long it takes; 0: there is none

    @property
    def offered(self) -> float:
        """Erlangs of those who ask for an agent, had all found a line."""
        return self.calls * (1 - self.satisfied) * self.handle_time

    def expect(self) -> "Expected":
        """What callers meet; nothing at all where nobody calls."""
        if not self.calls:
            return Expected(blocking=0.0, abandoned=0.0, wait=self.message)
        at_the_desk = list(_normalized(self._at_the_desk()))
        hearing = list(_normalized(self._hearing()))
        up_to = list(accumulate(hearing))
        lines = self.lines
        together = sum(p * up_to[lines - n] for n, p in enumerate(at_the_desk))
        blocking = sum(p * hearing[lines - n] for n, p in enumerate(at_the_desk)) / together
        waiting = sum(
            (n - self.agents) * p * up_to[lines - n]
            for n, p in enumerate(at_the_desk)
            if n > self.agents
        )
        asking = self.calls * (1 - self.satisfied) * (1 - blocking)
        # Little's law; who hangs up has waited, too
        wait = waiting / together / asking if asking else 0.0
        return Expected(blocking=blocking, abandoned=wait / self.patience, wait=self.message + wait)

    def _at_the_desk(self) -> Iterator[float]:
        """Logarithms of how likely so many calls are, waiting or being served; not to scale."""
        come = self.calls * (1 - self.satisfied)
        likely = 0.0
        yield likely
        for n in range(1, self.lines + 1):
            go = min(n, self.agents) / self.handle_time + max(0, n - self.agents) / self.patience
            likely += log(come / go) if come else -inf
            yield likely

    def _hearing(self) -> Iterator[float]:
        """The same of so many calls hearing the message."""
        load = self.calls * self.message
        likely = 0.0
        yield likely
        for m in range(1, self.lines + 1):
            likely += log(load / m) if load else -inf
            yield likely


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What callers of a desk in steady state meet."""

    blocking: Ratio  # of all calls: every line is engaged
    abandoned: Ratio  # of those who ask for an agent and have a line
    wait: Seconds  # of the same, on average: until they are picked up or hang up, message included


def _normalized(logarithms: Iterator[float]) -> Iterator[float]:
    """Numbers in proportion, the greatest 1: none is too great for a float."""
    values = list(logarithms)
    greatest = max(values)
    return (exp(value - greatest) for value in values)
