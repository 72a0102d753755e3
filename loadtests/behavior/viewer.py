"""A viewer's whole way: turning up, doing what they have come for, trying again, leaving."""

from collections.abc import Callable, Mapping

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.journeys.account import account
from loadtests.behavior.journeys.boot import boot
from loadtests.behavior.journeys.download import download
from loadtests.behavior.journeys.sign_up import sign_up
from loadtests.behavior.journeys.support import support
from loadtests.behavior.journeys.watch import watch
from loadtests.behavior.journeys.website import website
from loadtests.behavior.session import Observer, Session
from loadtests.behavior.steps import Journey
from loadtests.behavior.target import Target
from loadtests.scenario.model import Scenario
from loadtests.units import Seconds
from loadtests.vocabulary import Purpose

JOURNEYS: Mapping[Purpose, Callable[[Session], Journey]] = {
    Purpose.WATCH: watch,
    Purpose.BOOT: boot,
    Purpose.DOWNLOAD: download,
    Purpose.ACCOUNT: account,
    Purpose.SIGN_UP: sign_up,
    Purpose.WEBSITE: website,
    Purpose.SUPPORT: support,
}
"""What each purpose leads to."""


def visit(
    arrival: Arrival, scenario: Scenario, target: Target, start: Seconds, observer: Observer
) -> Journey:
    """The whole journey of one viewer; `start` is the epoch second arrivals count from.

    The observer is told one end, by this rule, which an access log and the list of arrivals
    suffice to redo. Of those who have come to watch (also on a box just switched on, or with an
    account just taken):

    - *in time* or *started late*: the init section and the first segment of every track were
      answered whole. The last of them is the first frame; it is in time up to `start_limit` after
      the arrival.
    - *refused*: a step was refused by policy. Final, unless the viewer can prove to be of the
      household, or takes a subscription of their own: then what that comes to counts.
    - *never started*: a step failed, was not or no longer repeated by the player, and the person
      has started the app again as often as people do.
    - Patience (or the stay) ran out before any of these: *left waiting* if the last request of
      this viewer that was answered whole was answered well or sent the viewer to wait, or if none
      was answered at all; *never started* if it had failed. Requests that got no whole answer
      (refused, reset, timed out, called off) do not count here. Patience rests while a code is
      being read.

    Of those with another errand:

    - *served*: its last step was answered well: the last page or the cancellation, the license of
      the title, an agent or a message that was enough. Steps the target does not have are skipped.
    - *turned away*: a step was refused by policy.
    - *unserved*: a step failed, was not or no longer repeated by the device, and the person has
      tried again as often as people do; or patience (or the stay) ran out before the first page or
      the license. Callers have a patience of their own, and redial instead.

    What comes after (the renewals of a title, calls about how it ended) changes no end.
    """
    return JOURNEYS[arrival.purpose](Session(arrival, scenario, target, start, observer))
