"""The judges people use instead: one threshold, or a regression on everything at once."""

from collections.abc import Mapping, Sequence
from math import exp, log1p

from loadtests.collect.edge.sighting import CacheSaid
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.diagnosis.measures.measure import merged
from loadtests.diagnosis.verdict.night import Night

NAMES = (
    "rate", "top", "errors", "denied", "continued",
    "misses", "urls", "starved", "shared", "clients",
)  # fmt: skip


def features(night: Night) -> dict[str, float]:
    """What a rival is given: the same counts, added up over the night and its busiest minute."""
    busiest = _busiest(night.windows)
    whole = merged(night.windows)
    traffic = list(whole.steps.values())
    total = max(1, sum(map(_requests, traffic)))
    return {
        "rate": _rate(busiest) / max(1e-9, total / max(1, len(night.windows))),
        "top": max((_top(t) / total for t in traffic), default=0.0),
        "errors": sum(n for t in traffic for (s, _), n in t.said.items() if s.is_failure) / total,
        "denied": max((_denied(t) for t in traffic), default=0.0),
        "continued": min((t.continued / t.settled for t in traffic if t.settled > 50), default=1.0),
        "misses": max((_misses(t) for t in traffic), default=0.0),
        "urls": max((t.targets.count / max(1, _requests(t)) for t in traffic), default=0.0),
        "starved": sum(t.starved for t in traffic) / total,
        "shared": sum(n for t in traffic for k, n in t.shared.items() if k > 3) / total,
        "clients": sum(t.clients.count for t in traffic) / total,
    }


def _busiest(windows: Sequence[EdgeWindow]) -> EdgeWindow:
    minutes = [merged(windows[at : at + 60]) for at in range(0, len(windows), 60)]
    return max(minutes, key=_rate)


def _rate(minute: EdgeWindow) -> float:
    return sum(map(_requests, minute.steps.values())) / 60


def _requests(traffic: Traffic) -> int:
    return traffic.said.total()


def _top(traffic: Traffic) -> int:
    return max(traffic.top_clients.counts.values(), default=0)


def _denied(traffic: Traffic) -> float:
    denied = sum(n for (said, _), n in traffic.said.items() if said.is_denial)
    return denied / max(1, _requests(traffic))


def _misses(traffic: Traffic) -> float:
    told = traffic.cache.total()
    return traffic.cache[CacheSaid.MISS] / told if told > 50 else 0.0


class Regression:
    """Logistic regression by gradient descent on standardized features."""

    def __init__(self, rows: Sequence[Mapping[str, float]], hits: Sequence[bool]) -> None:
        columns = {name: [log1p(row[name]) for row in rows] for name in NAMES}
        self._means = {name: sum(c) / len(c) for name, c in columns.items()}
        self._scales = {
            name: (sum((x - self._means[name]) ** 2 for x in c) / len(c)) ** 0.5 or 1.0
            for name, c in columns.items()
        }
        self._weights = dict.fromkeys(NAMES, 0.0)
        self._bias = 0.0
        scaled = [self._scaled(row) for row in rows]
        for _ in range(400):
            self._step(scaled, hits)

    def says(self, row: Mapping[str, float]) -> bool:
        return self._odds(self._scaled(row)) > 0

    def _scaled(self, row: Mapping[str, float]) -> dict[str, float]:
        return {n: (log1p(row[n]) - self._means[n]) / self._scales[n] for n in NAMES}

    def _odds(self, scaled: Mapping[str, float]) -> float:
        return self._bias + sum(self._weights[name] * scaled[name] for name in NAMES)

    def _step(self, rows: Sequence[Mapping[str, float]], hits: Sequence[bool]) -> None:
        errors = [_logistic(self._odds(row)) - hit for row, hit in zip(rows, hits, strict=True)]
        rate = 1.0 / len(rows)
        self._bias -= rate * sum(errors)
        for name in NAMES:
            slope = sum(e * row[name] for e, row in zip(errors, rows, strict=True))
            self._weights[name] -= rate * slope


def _logistic(odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))
