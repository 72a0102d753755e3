"""What people do: how long they wait, when they try again, call, cancel, and watch offline."""

from dataclasses import dataclass, field
from typing import Annotated

from loadtests.binding import about
from loadtests.units import Count, Lasting, Range, Seconds, Share, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long people wait for a first frame: Krishnan and Sitaraman, IMC 2012, and `at_most`."""

    none_before: Seconds = field(
        default=2.0, metadata=about("nobody leaves before", clock="client")
    )
    leaving_per_second: Share = field(
        default=0.058, metadata=about("share that leaves in each further second")
    )
    at_most: Share = field(
        default=0.6, metadata=about("share that ever leaves for lack of patience")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanRetry:
    """What a person does who is shown an error: starts the app again, some times, then gives up."""

    times: Whole = field(default=3, metadata=about("how often"))
    after: Seconds = field(
        default=8.0, metadata=about("how long after the error, on average", clock="client")
    )
    spread: Share = field(default=0.5, metadata=about("how far from `after`, evenly, either way"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """When people call the support desk, and how they behave on the telephone."""

    after_failure: Share = field(
        default=0.0, metadata=about("share that calls after a black screen or a failed errand")
    )
    after_refusal: Share = field(
        default=0.0, metadata=about("share that calls after a refusal by policy")
    )
    after: Lasting = field(
        default=10.0, metadata=about("how long after it, on average", clock="client")
    )
    patience: Lasting | None = field(
        default=None,
        metadata=about(
            "how long callers wait for an agent, on average (exponential); absent: for ever",
            clock="client",
        ),
    )
    redial: Share = field(
        default=0.0, metadata=about("share of those not served that calls again, each time")
    )
    redial_after: Lasting = field(
        default=15.0, metadata=about("how long later, on average", clock="client")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """What people do whose device is refused for being outside the household."""

    verify: Share = field(
        default=0.0, metadata=about("share that asks for a code, gets it and enters it")
    )
    code_after: Lasting = field(
        default=10.0, metadata=about("until a code is read and entered", clock="client")
    )
    sign_up: Share = field(
        default=0.0, metadata=about("share that takes a subscription of its own instead")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPages:
    """What people do who open their account pages."""

    pages: Count = field(default=2, metadata=about("pages a visit, one after the other"))
    reading: Lasting = field(
        default=5.0, metadata=about("between pages, on average", clock="client")
    )
    cancel: Share = field(default=0.0, metadata=about("share that cancels"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloads:
    """What people do with titles kept for offline viewing."""

    titles: Count = field(default=1000, metadata=about("titles of the catalog"))
    popularity: Annotated[float, Range(least=0)] = field(
        default=1.0,
        metadata=about("exponent of how much more popular the first titles are (Zipf); 0: alike"),
    )
    first_play: Lasting = field(
        default=43_200.0,
        metadata=about("from download to first viewing, on average (exponential)", clock="event"),
    )
    unfinished: Share = field(
        default=0.4, metadata=about("share of viewings not finished when the license expires")
    )
    renew: Share = field(
        default=0.8, metadata=about("share of those that renews, each time a license expires")
    )
