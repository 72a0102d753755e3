"""Player profiles as a table: when they reload, what they buffer, repeat and choose.

Sources: hls.js 1.x `src/config.ts` (`hlsDefaultConfig`), `src/utils/error-helper.ts`
(`shouldRetry`, `getRetryDelay`), `src/utils/level-helper.ts` (`computeReloadInterval`); Shaka
Player `lib/util/player_configuration.js`, `lib/net/networking_engine.js`, `lib/player.js`
(`defaultStreamingFailureCallback_`). What no source says is an assumption, marked [A]. A further
player is a line in `PROFILES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from loadtests.behavior.bandwidth import Adaptation
from loadtests.behavior.judge import FORBIDDEN, UNAUTHORIZED
from loadtests.behavior.playlist import Media
from loadtests.behavior.steps import Reply, Timeouts
from loadtests.chance import Chance
from loadtests.units import BytesPerSecond, Ratio, Seconds
from loadtests.vocabulary import Outcome, Player, Step

_SERVER_ERROR = 500

TIMED_OUT = frozenset({Outcome.CONNECT_TIMEOUT, Outcome.FIRST_BYTE_TIMEOUT, Outcome.TIMEOUT})
NEAR_EDGE = 4
"""hls.js: so many target durations from the live edge, a short last segment hastens a reload."""


class Reload(Protocol):
    """When a player loads a live playlist again."""

    def __call__(self, playlist: Media, *, changed: bool, behind: Seconds) -> Seconds:
        """Seconds from when the load that gave `playlist` began to when the next one does.

        `changed`: it was not what the player knew already; `behind`: media from the screen to
        its end.
        """


class Retry(Protocol):
    """What a player repeats, and when."""

    def __call__(self, failed: int, reply: Reply, chance: Chance) -> Seconds | None:
        """Seconds from the end of `reply`, the `failed`th in vain, to the next; None: no more."""


def reload_by_rfc(playlist: Media, *, changed: bool, behind: Seconds) -> Seconds:  # noqa: ARG001
    """One target duration after a change, half of one after none (RFC 8216, 6.3.4)."""
    return playlist.target_duration * (1.0 if changed else 0.5)


def reload_like_hls_js(playlist: Media, *, changed: bool, behind: Seconds) -> Seconds:
    """RFC 8216's rule; near the live edge after a change, a last segment's shorter duration."""
    target = playlist.target_duration
    if not changed:
        return target / 2
    if not playlist.segments or behind >= NEAR_EDGE * target:
        return target
    # never sooner than after an unchanged one, or a last segment of no duration makes a flood
    return max(min(target, playlist.segments[-1].duration), target / 2)


def reload_steadily(playlist: Media, *, changed: bool, behind: Seconds) -> Seconds:  # noqa: ARG001
    """One target duration after every load, changed or not: Shaka's update timer."""
    return playlist.target_duration


def never(failed: int, reply: Reply, chance: Chance) -> Seconds | None:  # noqa: ARG001 - Retry
    """One attempt and no more."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class HlsJsRetry:
    """hls.js's policy for one kind of resource: `shouldRetry` and `getRetryDelay`, no jitter.

    A time-out and an error have counts of their own, held against one counter of attempts. Retried
    are time-outs and statuses of 500 and above; a connection refused or reset has no status and is
    not (the browser says it is online), nor is an answer that cannot be parsed.
    """

    errors: int
    timeouts: int
    delay: Seconds = 1.0
    longest: Seconds = 8.0
    linear: bool = False
    timeout_delay: Seconds = 0.0

    def __call__(self, failed: int, reply: Reply, chance: Chance) -> Seconds | None:  # noqa: ARG002 - Retry
        """See `Retry`."""
        if reply.outcome in TIMED_OUT:
            return self.timeout_delay if failed <= self.timeouts else None
        if failed > self.errors or reply.status < _SERVER_ERROR:
            return None
        # "linear" is hls.js's word for a constant delay
        return self.delay if self.linear else min(self.delay * 2.0 ** (failed - 1), self.longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShakaRetry:
    """Shaka's policy: `attempts` a request, 1 s x 2^n +- 50 % apart; `endless` live streaming.

    For live streams the default failure callback starts another request 1 s after an error, 0.1 s
    after a time-out, without end. 401 and 403 are critical and never retried.
    """

    endless: bool
    attempts: int = 2
    delay: Seconds = 1.0
    fuzz: Ratio = 0.5

    def __call__(self, failed: int, reply: Reply, chance: Chance) -> Seconds | None:
        """See `Retry`."""
        if reply.status in {UNAUTHORIZED, FORBIDDEN}:
            return None
        tried = (failed - 1) % self.attempts + 1
        if tried < self.attempts:
            delay = self.delay * 2.0 ** (tried - 1)
            return delay * chance.between(1 - self.fuzz, 1 + self.fuzz)
        if not self.endless:
            return None
        return 0.1 if reply.outcome in TIMED_OUT else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxRetry:
    """A set-top box: the same again after `delay`, without end and without jitter.

    [A] throughout. 401 asks for other credentials, and a policy refusal is an answer: neither is
    repeated.
    """

    delay: Seconds = 5.0

    def __call__(self, failed: int, reply: Reply, chance: Chance) -> Seconds | None:  # noqa: ARG002 - Retry
        """See `Retry`."""
        final = reply.status == UNAUTHORIZED or reply.outcome is Outcome.POLICY
        return None if final else self.delay


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a player treats one kind of resource: how long it waits, what it repeats."""

    timeouts: Timeouts
    retry: Retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One player's rules, shared by all its viewers."""

    reload: Reload
    buffer_goal: Seconds  # media ahead of the playhead beyond which nothing is asked for
    manners: Mapping[Step, Manners]  # every step
    honors_retry_after: bool  # in the player's requests; every app heeds the waiting room
    adaptation: Adaptation | None  # None: the device plays the rendition it began with
    default_estimate: BytesPerSecond  # throughput taken for granted before any was measured

    def heeds(self, step: Step) -> bool:
        """Whether a request of this kind waits as long as Retry-After says."""
        return self.honors_retry_after or step not in PLAYER_STEPS


PLAYER_STEPS = frozenset({Step.LICENSE, Step.MASTER, Step.PLAYLIST, Step.INIT, Step.SEGMENT})
"""Steps the player itself asks for; the others are the app's."""


def _table(
    app: Manners, *, license_: Manners, master: Manners, playlist: Manners, segment: Manners
) -> Mapping[Step, Manners]:
    """Manners by step; a step not named here is the app's own request, not the player's."""
    own = {
        Step.LICENSE: license_,
        Step.MASTER: master,
        Step.PLAYLIST: playlist,
        Step.INIT: segment,
        Step.SEGMENT: segment,
        Step.HEARTBEAT: Manners(timeouts=app.timeouts, retry=never),
        Step.LEAVE: Manners(timeouts=app.timeouts, retry=never),
    }
    return {step: own.get(step, app) for step in Step}


def _hls_js() -> Profile:
    # a browser shows no connect time-out of its own: the limit for the first byte covers it
    return Profile(
        reload=reload_like_hls_js,
        buffer_goal=30.0,  # maxBufferLength
        manners=_table(
            # [A] an app's own calls: no retries, the human is the retry
            Manners(timeouts=Timeouts(10.0, 10.0, 20.0), retry=never),
            license_=Manners(
                timeouts=Timeouts(8.0, 8.0, 20.0),
                retry=HlsJsRetry(
                    errors=8, timeouts=1, longest=20.0, linear=True, timeout_delay=1.0
                ),
            ),
            master=Manners(
                timeouts=Timeouts(20.0, 20.0, 20.0), retry=HlsJsRetry(errors=1, timeouts=2)
            ),
            playlist=Manners(
                timeouts=Timeouts(10.0, 10.0, 20.0), retry=HlsJsRetry(errors=2, timeouts=2)
            ),
            segment=Manners(
                timeouts=Timeouts(10.0, 10.0, 120.0), retry=HlsJsRetry(errors=6, timeouts=4)
            ),
        ),
        honors_retry_after=False,
        adaptation=Adaptation(fast=3.0, slow=9.0, down=0.95, up=0.7),
        default_estimate=500_000 / 8,  # abrEwmaDefaultEstimate
    )


def _shaka() -> Profile:
    # connectionTimeout 10 s, timeout 30 s; stallTimeout (5 s without a byte) has no counterpart
    timeouts = Timeouts(10.0, 10.0, 30.0)
    request = Manners(timeouts=timeouts, retry=ShakaRetry(endless=False))
    streaming = Manners(timeouts=timeouts, retry=ShakaRetry(endless=True))
    return Profile(
        reload=reload_steadily,
        buffer_goal=10.0,  # bufferingGoal
        manners=_table(
            Manners(timeouts=timeouts, retry=never),  # [A] as for hls.js
            license_=request,
            master=request,
            playlist=streaming,
            segment=streaming,
        ),
        honors_retry_after=False,
        adaptation=Adaptation(fast=2.0, slow=5.0, down=0.95, up=0.85, interval=8.0),
        default_estimate=1_000_000 / 8,  # abr.defaultBandwidthEstimate
    )


def _set_top_box() -> Profile:
    # [A] throughout: a box keeps trying by itself, for everything: what boot storms are made of
    same = Manners(timeouts=Timeouts(10.0, 10.0, 30.0), retry=BoxRetry())
    return Profile(
        reload=reload_by_rfc,
        buffer_goal=20.0,
        manners=_table(same, license_=same, master=same, playlist=same, segment=same),
        honors_retry_after=True,
        adaptation=Adaptation(fast=3.0, slow=9.0, down=0.95, up=0.7),
        default_estimate=500_000 / 8,
    )


PROFILES: Mapping[Player, Profile] = {
    Player.HLS_JS: _hls_js(),
    Player.SHAKA: _shaka(),
    Player.SET_TOP_BOX: _set_top_box(),
}
"""AVPlayer and Media3 belong here once their policies are read up (PLAYER.md, retries)."""
