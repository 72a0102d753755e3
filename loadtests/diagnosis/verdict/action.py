"""What to do about it, with a number where there is one."""

from loadtests.diagnosis.verdict.kinds import Cause
from loadtests.diagnosis.verdict.load import load, tonight
from loadtests.diagnosis.verdict.records import Action, Episode
from loadtests.diagnosis.verdict.scene import Scene

MARGIN = 0.8
"""Of the low end of the knee: what is let in must be carried for certain."""


def action(scene: Scene, episode: Episode) -> Action | None:
    """By the cause; None where nothing is to be done, or nothing is known."""
    step, kind = scene.step, episode.cause.kind
    knee = tonight(scene.night, step)
    if kind in _ADMIT and knee is not None:
        admit = MARGIN * knee.low
        what = _ADMIT[kind].format(admit=admit, step=step)
        return Action(what=what, number=admit, unit="requests/s")
    if kind is Cause.CAPACITY_REGRESSION:
        served = scene.measure("good", scene.core, scene.core_lasted)
        number = MARGIN * served.low if served else None
        return Action(
            what=f"roll back the last change of {step}; until then admit what it still serves",
            number=number,
            unit="requests/s",
        )
    if kind is Cause.MALICE_CAUSED:
        found = load(scene)
        return Action(
            what=f"limit what is suspected at {step}, not who shares an address with it",
            number=None if found is None else found.legitimate.high * found.knee,
            unit="requests/s viewers alone ask for, at most",
        )
    return Action(what=_PLAIN[kind].format(step=step)) if kind in _PLAIN else None


_ADMIT = {
    Cause.DEMAND_ABOVE_KNEE: "waiting room: admit at most {admit:.3g} requests/s to {step} "
    "(0.8 of the low end of the knee)",
    Cause.RETRY_STORM: "shed repeats: let at most {admit:.3g} requests/s through to {step} "
    "until they end",
}
_PLAIN = {
    Cause.DEPENDENCY_OUTAGE: "find what {step} depends on; let viewers back in by steps, "
    "for they will all sign in again",
    Cause.POLICY_REJECTION: "no capacity will help: explain the rule where it refuses, "
    "and to the support desk",
    Cause.DEFENCE_COLLATERAL: "take back the rule that blocks {step}, "
    "or let it count sessions and not addresses",
}
