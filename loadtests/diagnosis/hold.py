"""Judges one load from its windows: was it held, did it break, or must it be held on to tell?

What a step was sent and has not answered well grows by what comes beyond what it carries: in its
line while there are places, in refusals from then on. How fast it grows is the shortfall, and that
does not change when a line is full: three places show what three thousand do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import ceil, floor

from loadtests.audience.trial import Aim, Joins, Trial
from loadtests.collect.window import Window
from loadtests.diagnosis.judging import BOUND, SURE, broken, level_of
from loadtests.diagnosis.level import Found, Level
from loadtests.diagnosis.overload import overload
from loadtests.diagnosis.promises import kept
from loadtests.diagnosis.slope import Slope
from loadtests.diagnosis.step_load import Played
from loadtests.diagnosis.surge import surge
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.model import Objective
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Step

__all__ = ["BOUND", "Hold", "InvalidTrial"]

LITTLE: Ratio = 0.1
"""How far requests in flight may be from throughput x response time."""

ENOUGH = 10.0
"""Requests in flight for that to be checked: they are counted once a second, to whole ones."""

CAME: Ratio = 0.95
"""Of the viewers a trial asks for: with fewer it says nothing of the load it was to be."""

HASTE: Seconds = 10.0
"""After so long a load that is FAR beyond what the target carries is taken off it again."""

FAR: Ratio = 0.15

Judge = Callable[[Trial, Played], Level | None]
"""What a trial has shown by now; None: nothing yet, and it is not over."""


class InvalidTrial(MatchnightError):  # noqa: N818 - reads as what it says
    """The tester's own figures do not add up, or its viewers did not come: nothing was measured."""

    def __init__(self, trial: Trial, what: str) -> None:
        super().__init__(f"trial {trial.number}: {what}", ExitStatus.INVALID_RUN)


class Hold:
    """One trial, judged while it is played."""

    def __init__(self, trial: Trial, objectives: Sequence[Objective] = ()) -> None:
        """`objectives` about times are asked as well, of a load that is carried."""
        self._trial = trial
        self._objectives = objectives
        self._played = Played()
        self._judge = _judge(trial)

    def look(self, windows: Sequence[Window]) -> Level | None:
        """What the trial has shown, given its windows so far (one a second, from 0); None: play on.

        Never None once they are as many as the trial's duration has whole seconds. Raises
        InvalidTrial if the tester measured wrongly, or hardly anybody came.
        """
        self._played.read(windows[: seconds(self._trial)])
        level = self._judge(self._trial, self._played)
        if level is None:
            return None
        _check(level)
        is_carried = level.found is Found.HELD and self._trial.aim is Aim.LEVEL
        since = self._played.windows[int(level.start) :]  # a surge's viewers start after it, too
        return kept(level, self._objectives, since) if is_carried else level


def seconds(trial: Trial) -> int:
    """Whole seconds of a trial nobody ends early."""
    return floor(trial.duration)


def begins(trial: Trial) -> int:
    """The first second a steady load is judged by: all steps are met, as many leave as come."""
    rise = trial.rise if trial.joins is Joins.RAMP else 0.0
    return ceil(rise + trial.settle + trial.stay)


def steady(trial: Trial, played: Played) -> Level | None:
    """Of a load that stays: held if no step falls short, broken if one does beyond doubt."""
    start, is_over = begins(trial), len(played) >= seconds(trial)
    held = len(played) - start
    if held < HASTE and not is_over:
        return None
    falls = played.shortfalls(start)
    found = _found(falls)
    is_clear = found is not Found.UNSTEADY and (held >= trial.least or _is_far(falls))
    if not is_clear and not is_over:
        return None
    level = level_of(trial, played, found, falls, start=start, stop=len(played))
    return replace(level, little=_little(trial, played, start) if found is Found.HELD else None)


def _found(falls: Mapping[Step, Slope]) -> Found:
    if broken(falls):
        return Found.BROKE
    is_held = all(fall.value + SURE * fall.error < BOUND for fall in falls.values())
    return Found.HELD if is_held else Found.UNSTEADY


def _is_far(falls: Mapping[Step, Slope]) -> bool:
    return any(fall.value - SURE * fall.error > FAR for fall in falls.values())


def _little(trial: Trial, played: Played, start: int) -> Ratio | None:
    """Requests in flight ÷ what throughput and response time make of them; None: too few to tell.

    Raises InvalidTrial if they are too far apart: one of the three was not measured right.
    """
    in_flight, ratio = played.little(start)
    if ratio is None or in_flight < ENOUGH:
        return None
    if abs(ratio - 1) > LITTLE:
        what = f"{in_flight:.3g} requests were in flight, throughput x response time gives"
        raise InvalidTrial(trial, f"{what} {in_flight / ratio:.3g}: the tester measured wrongly")
    return ratio


def _judge(trial: Trial) -> Judge:
    if trial.aim is Aim.OVERLOAD:
        return overload
    return surge if trial.joins is Joins.SURGE else steady


def _check(level: Level) -> None:
    """InvalidTrial unless as many came as the trial asks for; one may be on either side of it."""
    asked, lasted = level.trial.rate, level.stop - level.start
    if level.joins < CAME * asked - 1 / lasted:
        came = f"{level.joins:.3g} viewers a second came instead of {asked:.3g}"
        raise InvalidTrial(level.trial, f"{came}: the tester could not keep up")
