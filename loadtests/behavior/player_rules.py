"""What players repeat, and when they load a playlist again: one rule a player.

Sources: hls.js 1.x `src/config.ts` (`hlsDefaultConfig`), `src/utils/error-helper.ts`
(`shouldRetry`, `getRetryDelay`), `src/utils/level-helper.ts` (`computeReloadInterval`); Shaka
Player `lib/util/player_configuration.js`, `lib/net/networking_engine.js`, `lib/player.js`
(`defaultStreamingFailureCallback_`); Media3 `DefaultLoadErrorHandlingPolicy`,
`DefaultHlsPlaylistTracker`; for AVPlayer Apple's TN2436 and developer forum. What no source says is
an assumption, marked [A].
"""

from dataclasses import dataclass
from typing import Protocol

from loadtests.behavior.judge import FORBIDDEN, UNAUTHORIZED
from loadtests.behavior.playlist import Media
from loadtests.behavior.steps import Reply
from loadtests.chance import Chance
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Outcome

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


def reload_by_rfc(playlist: Media, *, changed: bool, behind: Seconds) -> Seconds:  # noqa: ARG001 - Reload
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


def reload_steadily(playlist: Media, *, changed: bool, behind: Seconds) -> Seconds:  # noqa: ARG001 - Reload
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
class Media3Retry:
    """Media3's `DefaultLoadErrorHandlingPolicy`: three retries, 0, 1 and 2 s after the failure.

    Whatever failed to load is retried, a status such as 403 or 404 included; what cannot be parsed
    is not. [A] Retries end after the third: the player itself goes on for as long as it has
    something buffered. [A] Renditions are not changed for a failure, as it would where it can.
    """

    retries: int = 3
    step: Seconds = 1.0
    longest: Seconds = 5.0

    def __call__(self, failed: int, reply: Reply, chance: Chance) -> Seconds | None:  # noqa: ARG002 - Retry
        """See `Retry`."""
        if failed > self.retries or reply.outcome in {Outcome.GARBAGE, Outcome.POLICY}:
            return None
        return min((failed - 1) * self.step, self.longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class AVPlayerRetry:
    """AVPlayer (Apple TV, iOS): Apple documents that it retries and falls back, not how often.

    [A] throughout: twice, 1 and 2 s after the failure, for what may pass by itself: statuses of 500
    and above, broken connections, time-outs. 4xx are for the app to handle (TN2436).
    """

    retries: int = 2
    delay: Seconds = 1.0

    def __call__(self, failed: int, reply: Reply, chance: Chance) -> Seconds | None:  # noqa: ARG002 - Retry
        """See `Retry`."""
        passes = not reply.status or reply.status >= _SERVER_ERROR
        return self.delay * failed if passes and failed <= self.retries else None


def reload_by_last_segment(playlist: Media, *, changed: bool, behind: Seconds) -> Seconds:  # noqa: ARG001 - Reload
    """The last segment's duration after a change, half a target after none: AVPlayer since iOS 13.

    Never sooner than after none: a last segment of no duration would make a flood.
    """
    target = playlist.target_duration
    if not changed or not playlist.segments:
        return target / 2
    # never later than a target duration: a playlist that breaks its promise is not believed
    return min(max(playlist.segments[-1].duration, target / 2), target)
