"""What speaks for each explanation of a trouble, and against it: one module a family."""

from collections.abc import Callable, Iterator, Mapping

from loadtests.diagnosis.verdict.evidence.demand import demand
from loadtests.diagnosis.verdict.evidence.onset import onset
from loadtests.diagnosis.verdict.evidence.refusals import refusals
from loadtests.diagnosis.verdict.evidence.retries import retries
from loadtests.diagnosis.verdict.evidence.saturation import saturation
from loadtests.diagnosis.verdict.kinds import Family
from loadtests.diagnosis.verdict.records import Evidence, Missing
from loadtests.diagnosis.verdict.scene import Scene

FAMILIES: Mapping[Family, Callable[[Scene], Iterator[Evidence | Missing]]] = {
    Family.DEMAND: demand,
    Family.SATURATION: saturation,
    Family.ONSET: onset,
    Family.RETRIES: retries,
    Family.POLICY: refusals,
}
