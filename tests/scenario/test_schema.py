from collections.abc import Iterator
from dataclasses import is_dataclass
from itertools import chain
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from jsonschema import Draft202012Validator

from loadtests.binding.keys import keys
from loadtests.scenario import targets
from loadtests.scenario.library import find, names
from loadtests.scenario.model import Device, Scenario
from loadtests.scenario.schema import KINDS, schema
from loadtests.stack.faults.model import Fault

MATCH = Path(__file__).with_name("match.yaml").read_text(encoding="utf-8")
CONSENT = """
owner: Streaming SRE, +33 1 00 00 00 00
hosts: [{name: api.stage.example.org, approval: CHG-1234}]
window: {from: "2026-11-24T02:00+01:00", to: "2026-11-24T04:00+01:00"}
ceilings: {viewers: 5_000, joins: 100/s, bit_rate: 10 Gbit/s}
totals: {bytes: 500 GB, requests: 2_000_000, licenses: 5_000}
side_effects: {register: 20}
"""
FILES = [("scenario", find(name)) for name in names()]
FILES += [("target", targets.find(name)) for name in targets.names()]


class Texts(yaml.SafeLoader):
    """Every scalar is the text it is, as our reader has it; only merge keys mean something."""


Texts.yaml_implicit_resolvers = {
    "<": [("tag:yaml.org,2002:merge", yaml.SafeLoader.yaml_implicit_resolvers["<"][0][1])]
}


def load(text: str) -> Any:  # noqa: ANN401 - whatever YAML holds
    return yaml.load(text, Loader=Texts)  # noqa: S506 - a SafeLoader


def problems(kind: str, document: Any) -> list[str]:  # noqa: ANN401 - whatever YAML holds
    """Where a document is wrong, as paths: the innermost places there are."""
    found = Draft202012Validator(schema(kind)).iter_errors(document)
    return sorted(error.json_path for error in found)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one(kind: str) -> None:
    made = schema(kind)
    Draft202012Validator.check_schema(made)
    assert made["title"] == f"matchnight {kind}"


@pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda each: getattr(each, "stem", each))
def test_every_shipped_file_is_as_its_schema_says(kind: str, path: Path) -> None:
    assert problems(kind, load(path.read_text(encoding="utf-8"))) == []


def test_a_consent_is_as_its_schema_says() -> None:
    assert problems("consent", load(CONSENT)) == []


def numbers(value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    """The same document with scalars as YAML 1.2's core schema takes them."""
    if isinstance(value, dict):
        return {key: numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [numbers(inner) for inner in value]
    if value in {"true", "false"}:
        return value == "true"
    for kind in (int, float):
        try:
            return kind(value) if "_" not in value else value
        except ValueError:
            pass
    return value


@pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda each: getattr(each, "stem", each))
def test_an_editor_may_take_scalars_for_numbers_and_truth_values(kind: str, path: Path) -> None:
    assert problems(kind, numbers(load(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("title: A small match\n", "", "$"),
        ("speed: 5", "sped: 5", "$"),
        ("speed: 5", "speed: fast", "$.speed"),
        ("scale: 1/10", "scale: 10s", "$.scale"),
        ("window: [-6m, +6m]", "window: [-6m]", "$.window"),
        ("window: [-6m, +6m]", "window: [-6m, +6x]", "$.window[1]"),
        ("window: [-6m, +6m]", "window: {from: -6m, to: 20:30}", "$.window.to"),
        ("shape: rise", "shape: bump", "$.arrivals[0].shape"),
        ("rates: [3, 1]", "rates: [3, 1, 2]", "$.arrivals[1].rates"),
        ("player: shaka", "player: sheka", "$.devices.phone.player"),
        ("bit_rate_cap: 200 kbit/s", "bit_rate_cap: 200 kB", "$.devices.phone.bit_rate_cap"),
        ("at_most: 1 %", "at_most: 1 kB", "$.objectives[0].at_most"),
        ("refresh: {servers: 4", "refresh: {servers: some", "$.stack.stations.refresh.servers"),
        ("    refresh:", "    refersh:", "$.stack.stations"),
        (
            "sign_in: {service_time: 200ms}",
            "sign_in: {time: 1s}",
            "$.variants.slow.set.stack.stations.sign_in",
        ),
        ("published: 100_000", "published: [1]", "$.audience.published"),
    ],
)
def test_a_wrong_file_is_marked_where_it_is_wrong(old: str, new: str, path: str) -> None:
    assert old in MATCH
    assert path in problems("scenario", load(MATCH.replace(old, new, 1)))
    assert problems("scenario", load(MATCH)) == []


def test_a_number_out_of_range_is_marked() -> None:
    match = load(MATCH) | {"speed": 0, "scale": 1.5, "start_limit": 0}
    assert problems("scenario", match) == ["$.scale", "$.speed", "$.start_limit"]


def test_a_recorded_series_and_a_list_of_surges_are_told_apart() -> None:
    match = load(MATCH) | {"arrivals": {"recorded": "x.csv", "column": "n", "peak": "4/s", "x": 1}}
    assert problems("scenario", match) == ["$.arrivals"]
    del match["arrivals"]["x"]
    assert problems("scenario", match) == []


def test_a_fault_is_checked_like_everything_else() -> None:
    cut = {"cut_off": {"from": "0m", "to": "+1m", "whom": {"share": "much"}}}
    match = load(MATCH)
    match["stack"]["faults"] = [cut]
    assert problems("scenario", match) == ["$.stack.faults[0].cut_off.whom.share"]


def test_a_variant_sets_any_key_and_need_not_set_those_that_are_required() -> None:
    match = load(MATCH)
    match["variants"]["slow"]["set"] = {
        "devices": {"tv": {"share": "70 %"}},
        "window": ["-1m", "0"],
    }
    assert problems("scenario", match) == []
    match["variants"]["slow"]["set"]["arrivals"] = [{"shape": "rise"}]
    assert problems("scenario", match) == ["$.variants.slow.set.arrivals[0]"] * 3


def parts(made: Any) -> Iterator[Any]:  # noqa: ANN401 - any part of a schema
    yield made
    inner = made.values() if isinstance(made, dict) else made if isinstance(made, list) else ()
    yield from chain.from_iterable(map(parts, inner))


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_says_what_it_means(kind: str) -> None:
    records = [
        part for part in parts(schema(kind)) if isinstance(part, dict) and "properties" in part
    ]
    assert records
    for record in records:
        if record.get("additionalProperties") is False and "required" in record:
            assert all(key["description"] for key in record["properties"].values())


def test_the_keys_are_those_of_the_records_with_defaults_and_clocks() -> None:
    made: Any = schema("scenario")
    assert {key.name for key in keys(Scenario)} < set(made["properties"])
    limit = made["properties"]["start_limit"]
    assert limit["default"] == "30s"
    assert limit["description"].startswith("a later first frame is a late start. Clock: client. ")
    device = made["$defs"]["Device"]["properties"]
    assert device["join"]["default"] == ["home", "sign_in", "entitlement", "session", "license"]
    assert set(device) == {key.name for key in keys(Device)}
    assert set(made["$defs"]["Fault"]["properties"]) == {key.name for key in keys(Fault)}
    admission = made["$defs"]["WaitingRoom"]["properties"]["answer"]
    assert admission["enum"] == ["429", 429, "503", 503, "queue"]


def test_no_two_records_share_a_name() -> None:
    """A definition is called after its class: a second one of that name would be lost."""
    classes: dict[str, set[type]] = {}
    seen: list[type] = [record for top in KINDS.values() for record in top]
    for record in seen:
        classes.setdefault(record.__name__, set()).add(record)
        seen += [inner for key in keys(record) for inner in inside(key.hint) if inner not in seen]
    assert {name for name, found in classes.items() if len(found) > 1} == set()


def inside(hint: Any) -> Iterator[type]:  # noqa: ANN401 - a type hint has no type
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for arg in get_args(hint):
        yield from inside(arg)
