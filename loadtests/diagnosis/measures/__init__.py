"""Everything a verdict's evidence is measured by: `MEASURES`, by name.

Each is a pure function of what the edge saw in a span, so that whoever doubts an evidence item can
recompute it: `matchnight diagnose SOURCE --measure NAME --step STEP --between FROM TO`.
"""

from collections.abc import Mapping

from loadtests.diagnosis.measures.causes import CAUSES
from loadtests.diagnosis.measures.hostile import HOSTILE
from loadtests.diagnosis.measures.measure import Measure

MEASURES: Mapping[str, Measure] = {**CAUSES, **HOSTILE}
