"""Old playlists, served with 200: healthy by status and response time, and nothing moves."""

from dataclasses import dataclass, field

from loadtests.binding import about
from loadtests.stack.exchange import Answer, Stated
from loadtests.stack.faults.interface import Asked, Hinder, Proceed, Site, check_times, is_on
from loadtests.stack.faults.whom import Whom
from loadtests.units import Offset, Seconds
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class StalePlaylists:
    """Media playlists stay what they were when it began."""

    start: Offset = field(metadata=about("first moment", clock="event", name="from"))
    stop: Offset = field(metadata=about("last moment", clock="event", name="to"))
    whom: Whom = field(default=Whom(), metadata=about("who is served them"))

    def __post_init__(self) -> None:
        check_times(self)


def stale_playlists(plan: StalePlaylists, site: Site) -> Hinder:
    """Behind it everything goes on as ever: load, response times, the cache; the text is old."""
    whom = plan.whom

    def hinder(asked: Asked, now: Seconds, proceed: Proceed) -> Answer:
        answer = proceed(asked, now)
        is_served_it = (
            asked.step is Step.PLAYLIST
            and answer.outcome is Stated.OK
            and is_on(plan, site.clock, now)
            and whom.includes(asked.device)
        )
        if not is_served_it:
            return answer
        old = site.edge.playlist(asked.request.target, site.clock.moment(plan.start), now)
        return answer._replace(body=old)

    return hinder
