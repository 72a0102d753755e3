import re
from pathlib import Path

import pytest
from edge_nights import rehearsed, shipped
from prometheus_client.parser import text_string_to_metric_families
from rule_files import RULE_FILES, RULES

from loadtests.diagnosis.measures import MEASURES
from loadtests.export import metric_names
from loadtests.export.metric_names import Named
from loadtests.export.prometheus import MOST_SERIES, exposition
from loadtests.scenario import library
from loadtests.scenario.read import NONE, variants

ROOT = Path(__file__).parents[2]
OURS = [named for named in vars(metric_names).values() if isinstance(named, Named)]
NAMES = {named.name for named in (*OURS, *metric_names.TESTBED)}
LABELS = {"endpoint", "outcome", "attempt", "code", "fact", "joins", "bound", "station"}
READ = re.compile(
    r"(?<![:a-z])(matchnight_[a-z0-9_]+?)(?:_total|_sum|_count|_bucket)?(?![a-z0-9_:])"
)
"""A metric of ours in PromQL: what a rule records has a colon before its name or behind it."""


def _series(name: str, variant: str) -> tuple[int, set[str]]:
    text = exposition(rehearsed(shipped(name, variant)))
    families = list(text_string_to_metric_families(text))
    return sum(len(f.samples) for f in families), {f.name for f in families}


def test_every_name_is_given_once_and_says_what_it_counts() -> None:
    assert len(NAMES) == len(OURS) + len(metric_names.TESTBED)
    for named in (*OURS, *metric_names.TESTBED):
        assert re.fullmatch(r"matchnight_[a-z]+(_[a-z]+)*", named.name)
        assert named.what.endswith(".")
        assert set(named.labels) <= LABELS


def test_the_testbed_shows_what_is_named_here() -> None:
    text = (ROOT / "loadtests" / "testbed" / "metrics.py").read_text(encoding="utf-8")
    shown = set(re.findall(r'"(matchnight_[a-z_]+)"', text))
    assert shown == {named.name for named in metric_names.TESTBED}


def test_rules_queries_and_measures_read_only_what_there_is() -> None:
    shelf = library.folder() / "queries"
    files = [RULES / name for name in RULE_FILES]
    texts = [path.read_text(encoding="utf-8") for path in (*files, shelf / "matchnight.yaml")]
    code = "\n".join(re.sub(r"(?m)^\s*#.*|- (record|name): .*", "", text) for text in texts)
    promql = "\n".join(each.promql or "" for each in MEASURES.values())
    read = set(READ.findall(f"{code}\n{promql}"))
    assert metric_names.REQUESTS.name in read
    assert read <= NAMES


def test_an_instance_has_few_series_and_none_without_a_name() -> None:
    number, names = _series("password-sharing", "b")  # the one with most steps
    assert number <= MOST_SERIES
    assert names <= NAMES


@pytest.mark.prove
@pytest.mark.parametrize("name", library.names())
def test_every_shipped_scenario_has_few_series(name: str) -> None:
    for variant in (NONE, *variants(library.find(name))):
        number, names = _series(name, variant)
        assert number <= MOST_SERIES
        assert names <= NAMES
