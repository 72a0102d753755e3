"""Figures and odds in the words of a verdict's sentences."""

from loadtests.diagnosis.verdict.kinds import Cause, Word
from loadtests.diagnosis.verdict.records import Reading
from loadtests.units import Ratio, Seconds

SURE: Ratio = 0.97
LIKELY: Ratio = 0.85
LEANING: Ratio = 0.70

NAMES = {
    Cause.DEMAND_ABOVE_KNEE: "more demand than was ever carried",
    Cause.CAPACITY_REGRESSION: "a capacity regression",
    Cause.RETRY_STORM: "a retry storm",
    Cause.DEPENDENCY_OUTAGE: "the outage of a dependency",
    Cause.POLICY_REJECTION: "refusals by policy",
    Cause.DEFENCE_COLLATERAL: "a rule of our own defense that refuses viewers",
    Cause.MALICE_CAUSED: "hostile traffic",
}


def percent(ratio: Ratio) -> str:
    """`62 %`."""
    return f"{ratio:.0%}".replace("%", " %")


def between(reading: Reading) -> str:
    """`62 % (55 to 70 %)`."""
    low, high = (f"{100 * end:.0f}" for end in (reading.low, reading.high))
    return f"{percent(reading.value)} ({low} to {high} %)"


def seconds(time: Seconds) -> str:
    """`340 ms` or `1.24 s`."""
    return f"{time * 1000:.0f} ms" if time < 0.9995 else f"{time:.3g} s"  # noqa: PLR2004 - would round to 1000 ms


def word(probability: Ratio) -> Word:
    """How sure that is."""
    if probability >= SURE:
        return Word.NEAR_CERTAIN
    if probability >= LIKELY:
        return Word.LIKELY
    return Word.LEANING if probability >= LEANING else Word.UNDETERMINED


def odds(probability: Ratio) -> str:
    """`about 20 to 1`: one or two digits, never beyond a thousand."""
    against = max(1.0 - probability, 1e-3)
    ratio = probability / against
    if ratio >= 999:  # noqa: PLR2004 - more is not to be told of any model
        return "more than 1,000 to 1"
    if ratio >= 10:  # noqa: PLR2004 - two digits
        return f"about {float(f'{ratio:.1g}'):.0f} to 1"
    return f"about {ratio:.0f} to 1" if ratio >= 1.5 else "about even"  # noqa: PLR2004 - rounds to 2
