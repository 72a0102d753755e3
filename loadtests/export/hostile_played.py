"""What hostile traffic a run played beside its viewers: ground truth, in words, for its report."""

from collections.abc import Iterator, Sequence

from loadtests.export import words
from loadtests.export.archive import Run
from loadtests.scenario.hostile import Attack, Pattern


def hostile_played(run: Run) -> list[str]:
    """A sentence for each pattern; empty for a run without any."""
    return list(_sentences(run))


def _sentences(run: Run) -> Iterator[str]:
    played = run.timeline.total.hostile
    for pattern in Pattern:
        attacks = [attack for attack in run.scenario.hostile if attack.pattern is pattern]
        requests = sum(n for (kind, _, _), n in played.items() if kind is pattern)
        if attacks:
            yield (
                f"Hostile traffic, {pattern}: {words.count(requests)} requests {_from(attacks)}. "
                "No figure of the viewers counts them."
            )


def _from(attacks: Sequence[Attack]) -> str:
    sources = sum(attack.sources for attack in attacks)
    addresses = f"{words.count(sources)} address{'es' if sources > 1 else ''}"
    spans = ", ".join(words.span([attack.start, attack.stop]) for attack in attacks)
    return f"from {addresses}, {spans}"
