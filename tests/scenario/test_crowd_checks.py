from pathlib import Path

import pytest

from loadtests.errors import InvalidFile
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import parse_scenario

MATCH = (
    Path(__file__).with_name("match.yaml").read_text(encoding="utf-8").split("default_variant")[0]
)
TV = "{share: 75 %, player: hls_js, signs_in: 30 %"
SECOND = "share: 40 %, rates: [3, 1]"
BOX = "  box: {share: 0 %, player: set_top_box, signs_in: 0 %, join: [boot, home]}\n"


def read(*changes: tuple[str, str]) -> Scenario:
    text = MATCH
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse_scenario(text, file="m", name="match")


def problems(*changes: tuple[str, str]) -> list[str]:
    with pytest.raises(InvalidFile) as caught:
        read(*changes)
    return caught.value.problems


def join(steps: str) -> tuple[str, str]:
    return TV, f"{TV}, join: {steps}"


def faults(text: str) -> tuple[str, str]:
    return "stack:\n", f"stack:\n  faults: [{text}]\n"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            (SECOND, f"{SECOND}, devices: [tv, phne]"),
            "m:12:85: arrivals[1].devices[1]: no device 'phne'; did you mean 'phone'?",
        ),
        (
            (SECOND, f"{SECOND}, devices: [tv, tv]"),
            "m:12:80: arrivals[1].devices: 'tv' stands there twice; write it once",
        ),
        (
            ("objectives:", f"{BOX}objectives:"),
            (
                "m:16:16: devices.box.share: nobody comes on it; "
                "write a share, or name it in `devices` of a surge"
            ),
        ),
        (
            (SECOND, f"{SECOND}, purpose: boot, devices: [phone]"),
            (
                "m:12:95: arrivals[1].devices: 'phone' does not begin its `join` with `boot`; "
                "name only `devices` that do"
            ),
        ),
        (
            (SECOND, f"{SECOND}, purpose: nap"),
            (
                "m:12:80: arrivals[1].purpose: 'nap' is not known; write one of watch, boot, "
                "download, account, sign_up, website, support"
            ),
        ),
        (
            ("stack:\n", "regions: {brussels: 10 %, wallonia: 80 %}\nstack:\n"),
            "m:18:10: regions: the shares add up to 90 %; write shares that make 100 %",
        ),
        (
            ("stack:\n", "refusals: {verify: 60 %, sign_up: 50 %}\nstack:\n"),
            (
                "m:18:35: refusals.sign_up: `verify` and `sign_up` make 110 %; "
                "write at most 100 % together"
            ),
        ),
        (
            join("[home, home, sign_in]"),
            "m:14:59: devices.tv.join: 'home' stands there twice; write it once",
        ),
        (
            join("[home, refresh, license]"),
            (
                "m:14:66: devices.tv.join[1]: `refresh` does not lead to the stream; "
                "`sign_in` stands for it"
            ),
        ),
        (
            join("[home, heartbeat]"),
            (
                "m:14:66: devices.tv.join[1]: `heartbeat` does not lead to the stream; write some "
                "of website, boot, register, home, sign_in, catalog, account, entitlement, "
                "session, license"
            ),
        ),
        (
            join("[home, boot]"),
            ("m:14:66: devices.tv.join[1]: a device boots before anything else; write it first"),
        ),
        (
            join("[license, sign_in]"),
            "m:14:60: devices.tv.join[0]: `license` needs a token; write it after `sign_in`",
        ),
        (
            (TV, f"{TV}, traits: {{loud: 5 %}}"),
            (
                "m:14:62: devices.tv.traits.loud: unknown key; "
                "write one of outside, rooted, unplugged, gateway"
            ),
        ),
        (
            faults("{cut_off: {from: 0m, to: +1m, whom: {regions: {brussels: 5 %}}}}"),
            (
                "m:19:69: stack.faults[0].cut_off.whom.regions.brussels: "
                "no region 'brussels'; leave it out"
            ),
        ),
        (
            faults("{cut_off: {from: 0m, to: +1m, whom: {devices: [phone, vt]}}}"),
            (
                "m:19:66: stack.faults[0].cut_off.whom.devices[1]: no device 'vt'; "
                "write one of tv, phone"
            ),
        ),
        (
            faults("{cut_off: {from: 0m, to: +1m, whom: {traits: [unplugged]}}}"),
            (
                "m:19:58: stack.faults[0].cut_off.whom.traits[0]: no device has it; "
                "write a device `traits: {unplugged: 10 %}`"
            ),
        ),
        (
            faults("{gateway_rule: {from: 0m, to: +1m, steps: [home], rate: 5/s}}"),
            (
                "m:19:27: stack.faults[0].gateway_rule: nobody is behind the gateway; "
                "give a device `traits: {gateway: 30 %}`"
            ),
        ),
        (
            ("stack:\n", "guards: [{prometheus: 'http://p:9090', query: up}]\nstack:\n"),
            (
                "m:18:10: guards[0]: nothing to hold the answer against; "
                "write `at_most` or `at_least`"
            ),
        ),
        (
            ("stack:\n", "guards: [{prometheus: p, query: up, at_most: 1}]\nstack:\n"),
            (
                "m:18:23: guards[0].prometheus: 'p' is not an absolute http or https URL; "
                "write such as http://127.0.0.1:9090"
            ),
        ),
        (
            (
                "stack:\n",
                (
                    "guards: [{prometheus: 'http://p', query: ' ', at_most: 1, at_least: 2}]\n"
                    "stack:\n"
                ),
            ),
            "m:18:42: guards[0].query: asks nothing; write PromQL that gives one number",
        ),
        (
            (
                "stack:\n",
                "guards: [{prometheus: 'http://p', query: u, at_most: 1, at_least: 2}]\nstack:\n",
            ),
            "m:18:67: guards[0].at_least: no answer would be good; write 1 or less",
        ),
    ],
)
def test_a_contradiction_about_the_crowd_is_named_where_it_stands(
    change: tuple[str, str], problem: str
) -> None:
    assert problem in problems(change)


def test_a_device_without_a_share_is_there_for_the_surge_that_names_it() -> None:
    change = (SECOND, f"{SECOND}, purpose: boot, devices: [box]")
    match = read(change, ("objectives:", f"{BOX}objectives:"))
    assert match.devices["box"].share == 0


def test_a_boot_without_devices_is_of_all_that_have_a_share() -> None:
    found = problems((SECOND, f"{SECOND}, purpose: boot"))
    assert [problem.split(": ")[2].split(" ")[0] for problem in found] == ["'tv'", "'phone'"]


def test_what_a_fault_meets_may_be_named_where_it_exists() -> None:
    match = read(
        faults("{cut_off: {from: 0m, to: +1m, whom: {regions: {x: 5 %}, traits: [gateway]}}}"),
        (TV, f"{TV}, traits: {{gateway: 5 %}}"),
        ("objectives:", "regions: {x: 100 %}\nobjectives:"),
    )
    assert match.stack is not None
    assert match.stack.faults[0].kind == "cut_off"
