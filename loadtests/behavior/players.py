"""Player profiles as a table: when they reload, what they buffer, repeat and choose.

Where the numbers come from: `player_rules`. What no source says is an assumption, marked [A]. A
further player is a line in `PROFILES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from loadtests.behavior.bandwidth import Adaptation
from loadtests.behavior.player_rules import (
    AVPlayerRetry,
    BoxRetry,
    HlsJsRetry,
    Media3Retry,
    Reload,
    Retry,
    ShakaRetry,
    never,
    reload_by_last_segment,
    reload_by_rfc,
    reload_like_hls_js,
    reload_steadily,
)
from loadtests.behavior.steps import Timeouts
from loadtests.units import BytesPerSecond, Seconds
from loadtests.vocabulary import Player, Step


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


_TELEPHONE = Timeouts(10.0, 3600.0, 3600.0)
"""A call is answered when somebody picks up: how long that may take, callers know themselves."""


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
        Step.SUPPORT: Manners(timeouts=_TELEPHONE, retry=never),
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


def _media3() -> Profile:
    # DefaultHttpDataSource: 8 s to connect, 8 s without a byte; [A] a minute for a whole answer
    timeouts = Timeouts(8.0, 8.0, 60.0)
    own = Manners(timeouts=timeouts, retry=Media3Retry())
    return Profile(
        reload=reload_by_rfc,  # DefaultHlsPlaylistTracker
        buffer_goal=50.0,  # DefaultLoadControl.DEFAULT_MAX_BUFFER_MS
        manners=_table(
            Manners(timeouts=timeouts, retry=never),  # [A] as for hls.js
            license_=own,
            master=own,
            playlist=own,
            segment=own,
        ),
        honors_retry_after=False,
        # AdaptiveTrackSelection: 0.7 of the estimate either way; [A] means in place of its
        # sliding percentile, and no regard to how much is buffered
        adaptation=Adaptation(fast=3.0, slow=9.0, down=0.7, up=0.7),
        default_estimate=1_000_000 / 8,  # DEFAULT_INITIAL_BITRATE_ESTIMATE
    )


def _avplayer() -> Profile:
    # its error log counts ten seconds without an answer to a playlist or a segment (TN2436)
    own = Manners(timeouts=Timeouts(10.0, 10.0, 60.0), retry=AVPlayerRetry())
    return Profile(
        reload=reload_by_last_segment,
        buffer_goal=30.0,  # [A] preferredForwardBufferDuration is the system's choice by default
        manners=_table(
            # URLSession's timeoutIntervalForRequest is 60 s by default; [A] as for hls.js
            Manners(timeouts=Timeouts(10.0, 60.0, 60.0), retry=never),
            license_=own,
            master=own,
            playlist=own,
            segment=own,
        ),
        honors_retry_after=False,
        adaptation=Adaptation(fast=3.0, slow=9.0, down=0.95, up=0.7),  # [A]
        default_estimate=1_000_000 / 8,  # [A]
    )


PROFILES: Mapping[Player, Profile] = {
    Player.HLS_JS: _hls_js(),
    Player.SHAKA: _shaka(),
    Player.AVPLAYER: _avplayer(),
    Player.MEDIA3: _media3(),
    Player.SET_TOP_BOX: _set_top_box(),
}
