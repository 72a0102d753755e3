"""The nights of `rule_nights`, scraped, as files for `promtool test rules`.

`python tests/made/rule_files.py` writes `reports/prometheus/nights/`: what
fires on a night there is all that may.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from edge_nights import night_on_paper
from overloads import signed
from rule_nights import LENGTH, NIGHTS, RuleNight

from loadtests.collect.distribution import Distribution
from loadtests.collect.edge.window import EdgeWindow, merged
from loadtests.diagnosis.verdict.kinds import Cause
from loadtests.export import families, metric_names
from loadtests.export.capacity_metrics import signature_metrics
from loadtests.export.edge_metrics import edge_metrics
from loadtests.export.prometheus import LAG_BOUNDS

SCRAPED = 15
"""Seconds between two scrapes."""
RULES = Path(__file__).parents[2] / "reports" / "prometheus"
FOLDER = RULES / "nights"
RULE_FILES = ("exporters/matchnight.yaml", "recording.yaml", "alerts.yaml")
READ = frozenset(
    name
    for file in RULE_FILES
    for name in re.findall(r"\bmatchnight_[a-z0-9_]+", (RULES / file).read_text(encoding="utf-8"))
)
"""The metrics rules read: only those are kept."""


def scrapes(night: RuleNight) -> Iterator[Mapping[str, float]]:
    """What each scrape finds, by series."""
    windows = night_on_paper(night.scenario)
    total = EdgeWindow(0)
    for start in range(0, round(LENGTH), SCRAPED):
        stop = start + SCRAPED
        total.merge(merged(windows[start:stop]))
        lately = merged(windows[max(0, stop - metric_names.LATELY) : stop])
        yield _scraped(night, total, lately, stop)


def _scraped(
    night: RuleNight, total: EdgeWindow, lately: EdgeWindow, at: int
) -> Mapping[str, float]:
    known = [] if night.measured is None else signature_metrics(signed(night.measured, spread=0.05))
    lag = Distribution()
    lag.add(0.5 if night.is_late else 0.001, at)
    told = (
        *edge_metrics(total, lately),
        *known,
        families.histogram(metric_names.TESTER_LAG, lag, LAG_BOUNDS),
        families.gauge(metric_names.TESTER_CPU, 1.0 if night.is_late else 0.3),
    )
    return {
        _name(sample.name, sample.labels): sample.value
        for family in told
        for sample in family.samples
        if sample.name in READ
    }


def _name(name: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    return f"{name}{{{inside}}}" if inside else name


def promtool_test(name: str, *, rules: str = "..", seed: int = 1) -> str:
    """The night of that name as a file of `promtool test rules`; `rules`: their folder."""
    night = NIGHTS[name]()
    night = replace(night, scenario=replace(night.scenario, seed=seed))
    found = list(scrapes(night))
    series = sorted({series for scrape in found for series in scrape})
    lines = [
        f"# {night.title}: made by `python tests/made/rule_files.py`, of a simulated run",
        f"rule_files: [{', '.join(f'{rules}/{file}' for file in RULE_FILES)}]",
        f"evaluation_interval: {SCRAPED}s",
        "tests:",
        f"  - interval: {SCRAPED}s",
        "    input_series:",
    ]
    for each in series:
        values = _values([scrape.get(each) for scrape in found])
        lines += [f"      - series: '{each}'", f"        values: '{values}'"]
    return "\n".join([*lines, *_expected(night)]) + "\n"


def _expected(night: RuleNight) -> Iterator[str]:
    yield from (
        "    promql_expr_test:",
        "      # all that ever fired, by verdict",
        '      - expr: group by (verdict) (last_over_time(ALERTS{alertstate="firing"}[1h]))',
        f"        eval_time: {round(LENGTH) - SCRAPED}s",
    )
    fired = sorted(night.verdicts - {Cause.NOMINAL})
    yield f"        exp_samples:{'' if fired else ' []'}"
    for verdict in fired:
        yield f"          - {{labels: '{{verdict=\"{verdict}\"}}', value: 1}}"


def _values(values: Sequence[float | None]) -> str:
    """As promtool writes series: `_` for none, `axn` for a value and n more of it."""
    parts: list[str] = []
    repeats = 0
    for value in values:
        text = "_" if value is None else f"{value:.6g}"
        if parts and parts[-1] == text:
            repeats += 1
            continue
        _repeat(parts, repeats)
        parts.append(text)
        repeats = 0
    _repeat(parts, repeats)
    return " ".join(parts)


def _repeat(parts: list[str], more: int) -> None:
    if more:
        parts[-1] += f"x{more + (parts[-1] == '_')}"


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in NIGHTS:
        (FOLDER / f"{name}.yaml").write_text(promtool_test(name), encoding="utf-8")


if __name__ == "__main__":
    main()
