"""What must hold of a target profile beyond the types of its keys: mostly, that names are known."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass

from loadtests.binding import Misfit, Rules, keys
from loadtests.binding.leaves import Json
from loadtests.binding.scalars import quoted, suggest
from loadtests.scenario.answering import Condition, Meaning, Source
from loadtests.scenario.profile import OF_THE_STREAM, Exchange, Signature, TargetProfile
from loadtests.scenario.template import Template
from loadtests.units import parse_duration
from loadtests.url import split

Path = tuple[str | int, ...]

OF_DEVICES: dict[str, str] = {
    "index": "the viewer's number in the crowd, seven digits: 0000123",
    "device": "the device's name in the scenario",
    "device.id": "a UUID of the viewer's device, always the same one",
    "region": "the viewer's region; empty without regions",
    "traits": "what is special about the device or line, joined by +; mostly empty",
}
OF_VIEWERS: Mapping[str, str] = OF_DEVICES | {
    "account": "of --accounts, else `viewer-<index>`",
    "password": "of --accounts, else `password-of-viewer-<index>`",
    "refresh_token": "kept, else of --accounts, else `refresh-viewer-<index>`",
    "target": "the target's URL, without a slash at the end",
}
OF_REQUESTS: Mapping[str, str] = {
    "now": "seconds since 1970 when the request is due",
    "now.ms": "the same in milliseconds",
    "now.iso": "the same as 2026-11-22T20:00:00Z",
    "uuid": "a random UUID (RFC 9562, version 4), the same throughout one request",
    "state": "random, the same throughout one step: for OAuth's `state`",
    "nonce": "random, the same throughout one step: for OpenID Connect's `nonce`",
    "pkce.verifier": "random, the same throughout one step (RFC 7636, 4.1)",
    "pkce.challenge": "S256 of that verifier (RFC 7636, 4.2)",
}
OF_STEPS: Mapping[str, str] = {
    "box": "boot, register: the set-top box's number",
    "platform": "register: where the box belongs",
    "code": "household: the code that was sent",
    "patience": "support: seconds until the caller hangs up; empty: never",
    "title": "download, renewal: which title",
    "license": "renewal: the license it replaces, kept of the step before",
    "position": "heartbeat: seconds into the stream",
    "session": "heartbeat, leave: kept of the step session",
}
OF_SIGNATURES: Mapping[str, str] = {
    "method": "of the request",
    "host": "of the request, with its port unless that is the scheme's own",
    "path": "of the request's URL",
    "query": "of the request's URL, without its question mark",
    "path_and_query": "of the request's URL, as it is sent",
    "body": "of the request, if that is text",
    "body.sha256": "digest of the body in hexadecimal",
    "body.sha256.base64": "the same in base64, as Content-Digest has it (RFC 9530)",
    "signature": "what the function gave: in `headers` only",
}
_REDIRECTION = range(300, 400)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # of a header's name (RFC 9110, 5.6.2)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](?::[0-9]{1,5})?")


def names_are_known(profile: TargetProfile) -> Iterator[Misfit]:
    """Every name in a template is of the viewer, the step, a secret, or kept somewhere."""
    known = _known(profile)
    for path, template in _templates(profile, ()):
        also = OF_SIGNATURES if path[0] == "signatures" else ()
        for name in template.names:
            if name not in known and name not in also and not name.startswith("account."):
                yield Misfit(f"no name {{{name}}}; {_advice(name, known)}", *path)


def _advice(name: str, known: set[str]) -> str:
    advice = suggest(name, sorted(known))
    if advice.startswith("did"):
        return advice
    return "keep it of an answer, or write it under `names`"


def own_names_build_on_earlier_ones(profile: TargetProfile) -> Iterator[Misfit]:
    """A name of the profile's own stands for itself in no roundabout way."""
    later = set(profile.names)
    for name, template in profile.names.items():
        for used in later.intersection(template.names):
            yield Misfit(f"{{{used}}} is not written above it; move it up", "names", name)
        later.discard(name)


def _known(profile: TargetProfile) -> set[str]:
    kept = {
        name
        for step in profile.steps
        for exchange in profile.exchanges(step)
        for name in exchange.keep
    }
    secrets = {f"secret.{name}" for name in profile.secrets}
    # a profile begins with a step or two: that nothing keeps `master` yet is said when it is needed
    return {*OF_VIEWERS, *OF_REQUESTS, *OF_STEPS, *profile.names, *kept, *secrets, "master"}


def _templates(value: object, path: Path) -> Iterator[tuple[Path, Template]]:
    """Every template of a record, with the path to it as the file has it."""
    if isinstance(value, Template):
        yield path, value
    elif isinstance(value, Json):
        yield from _texts(value.value, path)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _templates(each, (*path, name))
    elif isinstance(value, tuple):
        for i, each in enumerate(value):
            yield from _templates(each, (*path, i))
    elif is_dataclass(value) and not hasattr(value, "from_text"):
        record: type = type(value)
        for key in keys(record):
            if key.name != "equals":  # compared with as it stands
                yield from _templates(getattr(value, key.field), (*path, key.name))


def _texts(value: object, path: Path) -> Iterator[tuple[Path, Template]]:
    if isinstance(value, str):
        yield path, Template.from_text(value)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts(each, (*path, name))
    elif isinstance(value, list):
        for i, each in enumerate(value):
            yield from _texts(each, (*path, i))


def steps_can_be_said(profile: TargetProfile) -> Iterator[Misfit]:
    """Requests of the stream are not said, and signatures named are there."""
    for step in profile.steps:
        if step in OF_THE_STREAM:
            yield Misfit("playlists say where it is; leave it out, see `stream`", "steps", step)
        exchanges = profile.steps[step]
        if exchanges == ():
            yield Misfit("found an empty list; write what it sends", "steps", step)
        for i, exchange in enumerate(profile.exchanges(step)):
            if exchange.sign is not None and exchange.sign not in profile.signatures:
                advice = suggest(exchange.sign, profile.signatures)
                place = (i,) if isinstance(exchanges, tuple) else ()
                what = f"no signature {quoted(exchange.sign)}; {advice}"
                yield Misfit(what, "steps", step, *place, "sign")


def the_rest_is_sound(profile: TargetProfile) -> Iterator[Misfit]:
    """Hosts are hosts, the base is a URL, names can stand in templates."""
    for i, host in enumerate(profile.hosts):
        if not _HOST.fullmatch(host):
            yield Misfit(f"{quoted(host)} is no host; write such as cdn.example:8443", "hosts", i)
    if profile.url is not None:
        try:
            split(profile.url)
        except ValueError as error:
            yield Misfit(f"{error}; write such as https://api.example", "url")
    for kind in ("names", "secrets", "signatures"):
        for name in getattr(profile, kind):
            if not _NAME.fullmatch(name):
                yield Misfit(f"{quoted(name)} can be no name; write letters, digits, _", kind, name)
    yield from _headers(profile.headers)
    if profile.stream.headers is not None:
        yield from _headers(profile.stream.headers, "stream")


def _headers(headers: Mapping[str, Template], *path: str | int) -> Iterator[Misfit]:
    for name in headers:
        if not _TOKEN.fullmatch(name):
            yield Misfit(f"{quoted(name)} is no name of a header", *path, "headers", name)


def an_exchange_is_sound(exchange: Exchange) -> Iterator[Misfit]:
    """Names of headers and of what is kept are names, and an interval is one."""
    yield from _headers(exchange.headers)
    for name in exchange.keep:
        if not _NAME.fullmatch(name):
            what = f"{quoted(name)} can be no name; write letters, digits and _"
            yield Misfit(what, "keep", name)
    every = exchange.repeat.every if exchange.repeat else None
    if every is not None and not every.names:
        try:
            parse_duration(every.text)
        except ValueError:
            what = f"{quoted(every.text)} is no duration; write such as 5s, or {{interval}}"
            yield Misfit(what, "repeat", "every")
    codes = frozenset() if exchange.expect is None else exchange.expect.codes
    if exchange.follow and any(code in _REDIRECTION for code in codes):
        yield Misfit("a redirect is followed; write `follow: false` too", "expect", "status")
    if set(exchange.devices) & set(exchange.other_devices):
        yield Misfit("a device is in `devices` too; keep one", "other_devices")


def a_signature_is_sound(signature: Signature) -> Iterator[Misfit]:
    """Its headers have names."""
    yield from _headers(signature.headers)


def a_condition_says_something(condition: Condition) -> Iterator[Misfit]:
    """What says nothing would hold of every answer."""
    parts = (condition.json, condition.header, condition.body, condition.size)
    if not condition.codes and all(part is None for part in parts):
        yield Misfit("says nothing of the answer; write status, json, header, body or size")


def a_meaning_is_sound(meaning: Meaning) -> Iterator[Misfit]:
    """It says which answers it is about, and takes its text from them or writes it out."""
    yield from a_condition_says_something(meaning)
    for name in ("code", "wait"):
        source: Source | None = getattr(meaning, name)
        if source is not None and source.fixed is not None and source.fixed.names:
            yield Misfit("no name can stand here; write a plain text", name, "fixed")


RULES: Rules = {
    TargetProfile: (
        names_are_known,
        own_names_build_on_earlier_ones,
        steps_can_be_said,
        the_rest_is_sound,
    ),
    Condition: (a_condition_says_something,),
    Meaning: (a_meaning_is_sound,),
    Exchange: (an_exchange_is_sound,),
    Signature: (a_signature_is_sound,),
}
