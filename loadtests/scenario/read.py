"""Files to scenarios; variants and the command line's wishes are laid over before binding."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from loadtests.binding import Misfit, Rules, about, bind_node
from loadtests.binding.scalars import quoted, suggest
from loadtests.binding.yaml_nodes import (
    Entry,
    Flawed,
    MappingNode,
    Place,
    Problem,
    ScalarNode,
    invalid,
    locate,
    overlay,
)
from loadtests.binding.yaml_text import compose, decode
from loadtests.errors import InvalidFile, MatchnightError
from loadtests.scenario.checks import OF_THE_WHOLE, RULES
from loadtests.scenario.demand import Recording
from loadtests.scenario.model import Objective, Scenario
from loadtests.scenario.recorded import series
from loadtests.units import plain, write_duration, write_offset, write_ratio

NONE = "none"
"""The variant that is no variant: the file as it stands."""
_CHOOSING = ("variants", "default_variant")
_Read = Callable[[str], str]
"""Gives the text of a file a scenario names; MatchnightError: it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Another course of the same evening: the file with some keys set differently."""

    title: str = field(metadata=about("one line: what is different"))
    changes: MappingNode = field(
        metadata=about("the keys that are different, nested as in the file", name="set")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """The keys of a file that choose what of it is played."""

    variants: Mapping[str, Variant] = field(
        default_factory=dict, metadata=about("other courses of the same evening, by name")
    )
    default_variant: str = field(
        default=NONE, metadata=about("which of them is played unless another is asked for")
    )


def load(path: Path) -> str:
    """The text of a file; MatchnightError or InvalidFile where it cannot be read."""
    try:
        return decode(path.read_bytes(), file=str(path))
    except OSError as error:
        raise MatchnightError(f"{path}: cannot be read: {error.strerror or error}") from None


def read_scenario(
    path: Path,
    *,
    variant: str | None = None,
    scale: float | None = None,
    speed: float | None = None,
    seed: int | None = None,
) -> Scenario:
    """The scenario a file describes, see `parse_scenario`; its name is the file's stem.

    Files it names are read from its folder.
    """
    wishes = _wishes(scale=scale, speed=speed, seed=seed)
    return _File(load(path), file=str(path), name=path.stem, read=_beside(path)).play(
        variant, wishes
    )


def other_files(path: Path) -> dict[str, str]:
    """Texts of the files that a scenario's file names, in any of its variants, by those names.

    Raises what `read_scenario` raises.
    """
    file = _File(load(path), file=str(path), name=path.stem, read=_beside(path))
    file.play(NONE, _wishes())
    return file.others


def _beside(path: Path) -> _Read:
    return lambda name: load(path.parent / name)


def parse_scenario(  # noqa: PLR0913 - each is a wish of the command line
    text: str,
    *,
    file: str,
    name: str,
    variant: str | None = None,
    scale: float | None = None,
    speed: float | None = None,
    seed: int | None = None,
    files: Mapping[str, str] = MappingProxyType({}),
) -> Scenario:
    """The scenario a text describes: the variant asked for, else the file's default one.

    InvalidFile has every problem of the file, whichever variant it is in; MatchnightError: there is
    no such variant. Scale, speed and seed replace the file's own. `files` are the texts of those it
    names (`other_files`): nothing is read from disk.
    """
    wishes = _wishes(scale=scale, speed=speed, seed=seed)
    return _File(text, file=file, name=name, read=_given(files)).play(variant, wishes)


def _given(files: Mapping[str, str]) -> _Read:
    def read(name: str) -> str:
        if name not in files:
            raise MatchnightError(f"{name}: cannot be read: not among the files of the run")
        return files[name]

    return read


def variants(path: Path) -> Mapping[str, str]:
    """Title of each variant of a file, by name; without `none`."""
    parts = _File(load(path), file=str(path), name=path.stem, read=_beside(path)).parts
    return {name: variant.title for name, variant in parts.variants.items()}


class _File:
    """One file: the tree of what does not vary, the variants, and what is wrong with either."""

    def __init__(self, text: str, *, file: str, name: str, read: _Read) -> None:
        self._name = name
        self._folder = Path(file).parent
        self._read = read
        self.others: dict[str, str] = {}
        try:
            root, self._problems = compose(text, file=file)
        except Flawed as flawed:
            raise invalid(flawed.problems) from None
        self._base = root.without(*_CHOOSING)
        self.parts = Variants()
        try:
            self.parts = bind_node(root.only(*_CHOOSING), Variants, rules=_RULES)
        except Flawed as flawed:
            self._problems += flawed.problems

    def play(self, variant: str | None, wishes: MappingNode) -> Scenario:
        """The variant asked for; every variant of the file must be right, or none is played."""
        played = {name: self._bound(name, wishes) for name in (NONE, *self.parts.variants)}
        if self._problems:
            raise invalid(self._problems)
        asked = self.parts.default_variant if variant is None else variant
        scenario = played.get(asked)
        if scenario is None:
            advice = suggest(asked, [*self.parts.variants, NONE])
            raise MatchnightError(f"{self._name} has no variant {quoted(asked)}; {advice}")
        return scenario

    def _bound(self, variant: str, wishes: MappingNode) -> Scenario | None:
        """The scenario of one variant; None if there are problems, which are kept."""
        tree, chosen = self._base, self.parts.variants.get(variant)
        if chosen is not None:
            tree = overlay(tree, chosen.changes)
        given = {"name": self._name, "variant": chosen and variant}
        try:
            tree = overlay(_sized(tree), wishes)
            scenario = bind_node(tree, Scenario, rules=RULES, given=given, besides=_CHOOSING)
            scenario = self._furnished(tree, scenario)
            _check(tree, scenario)
        except Flawed as flawed:
            self._problems += flawed.problems
            return None
        title = f"{scenario.title}: {chosen.title}" if chosen else scenario.title
        return replace(scenario, title=title, objectives=tuple(map(_named, scenario.objectives)))

    def _furnished(self, tree: MappingNode, scenario: Scenario) -> Scenario:
        """The scenario with the text of the series it replays; Flawed: that cannot be replayed."""
        if not isinstance(scenario.arrivals, Recording):
            return scenario
        name = scenario.arrivals.recorded
        try:
            text = self.others[name] = self.others.get(name) or self._read(name)
            recording = replace(scenario.arrivals, text=text)
            series(recording, kick_off=scenario.event.kick_off, file=str(self._folder / name))
        except Misfit as misfit:
            where = locate(tree, "arrivals", *misfit.path)
            raise Flawed(Problem(*where, misfit.what)) from None
        except InvalidFile:  # not UTF-8, and says so
            raise
        except MatchnightError as error:
            where = locate(tree, "arrivals", "recorded")
            raise Flawed(Problem(*where, f"{error}; write the path of a CSV file")) from None
        return replace(scenario, arrivals=recording)


def _check(tree: MappingNode, scenario: Scenario) -> None:
    """Flawed: what contradicts what in a scenario that has all its parts."""
    misfits = [misfit for rule in OF_THE_WHOLE for misfit in rule(scenario)]
    if misfits:
        raise Flawed(*(Problem(*locate(tree, *m.path), m.what) for m in misfits))


def _sized(tree: MappingNode) -> MappingNode:
    """The stack is written for the file's own scale and speed, unless it says otherwise."""
    if "stack_sized_for" in tree.entries or not {"stack", "scale", "speed"} <= set(tree.entries):
        return tree
    sizing = tree.only("scale", "speed")
    return replace(tree, entries={**tree.entries, "stack_sized_for": Entry(tree.place, sizing)})


def _wishes(**options: float | None) -> MappingNode:
    """What the command line wants of the file, as if the file said so."""
    nodes = {
        name: ScalarNode(place=Place(f"--{name}"), text=_exactly(value))
        for name, value in options.items()
        if value is not None
    }
    entries = {name: Entry(node.place, node) for name, node in nodes.items()}
    return MappingNode(place=Place("command line"), entries=entries)


def _exactly(number: float) -> str:
    """A number as files write it, to the last bit: a run must be repeatable from its overrides."""
    return format(Decimal(repr(number)), "f")


def _named(objective: Objective) -> Objective:
    """The objective with a name made from the rest, where the file gave none."""
    return objective if objective.name else replace(objective, name=describe(objective))


def describe(objective: Objective) -> str:
    """What an objective is called that has no name of its own."""
    quantile = f" p{plain(objective.quantile * 100)}" if objective.quantile else ""
    step = f" of {objective.step}" if objective.step else ""
    write = write_ratio if objective.at_most.kind == "ratio" else write_duration
    start, stop = write_offset(objective.between.start), write_offset(objective.between.stop)
    bound = write(objective.at_most.value)
    return f"{objective.metric}{quantile}{step} at most {bound}, {start} to {stop}"


def _default_is_there(variants: Variants) -> Iterator[Misfit]:
    if variants.default_variant not in {NONE, *variants.variants}:
        advice = suggest(variants.default_variant, [*variants.variants, NONE])
        what = f"no variant {quoted(variants.default_variant)}; {advice}"
        yield Misfit(what, "default_variant")


def _none_is_taken(variants: Variants) -> Iterator[Misfit]:
    if NONE in variants.variants:
        yield Misfit("`none` means the file itself; write another name", "variants", NONE)


_RULES: Rules = {Variants: (_default_is_there, _none_is_taken)}
