"""Which field of a log says what, where its names are not the usual ones: a YAML file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loadtests.binding import about, bind
from loadtests.collect.edge.sighting import Said
from loadtests.collect.logs.told import Told, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """The names of a log's fields. What is not named is looked for under its usual names."""

    fields: Mapping[Told, str] = field(
        default_factory=dict,
        metadata=about("the field that says it, by name; a dot leads into an object"),
    )
    duration_in: Unit | None = field(
        default=None, metadata=about("what durations are counted in; absent: told by name and form")
    )
    outcomes: Mapping[str, Said] = field(
        default_factory=dict,
        metadata=about("what the application's own outcomes mean, where they are not our words"),
    )
    first_attempt: int = field(
        default=1, metadata=about("the number of a first attempt: 0 where retries are counted")
    )


def parse_field_map(text: str, *, file: str) -> FieldMap:
    """The map a text describes; InvalidFile has every problem of it."""
    return bind(text, file=file, into=FieldMap)
