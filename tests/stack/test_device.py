"""What a device says of itself."""

import pytest

from loadtests.stack.device import UNKNOWN_DEVICE, Device, read_device
from loadtests.vocabulary import Trait


def test_a_header_names_the_device() -> None:
    device = read_device("0000123;smart_tv;brussels;outside+rooted")
    assert device == Device(123, "smart_tv", "brussels", frozenset({Trait.OUTSIDE, Trait.ROOTED}))


def test_what_it_has_not_is_left_empty_and_traits_nobody_knows_are_none() -> None:
    assert read_device("0000007;web;;") == Device(7, "web", "", frozenset())
    assert read_device("7;web;;golden+gateway").traits == {Trait.GATEWAY}


@pytest.mark.parametrize(
    "header",
    ["", "7", "7;web;", "x;web;;", "-1;web;;", "²;web;;", "1;a;b;c;d", "9" * 5000 + ";web;;"],
)
def test_anything_else_is_a_device_nobody_knows(header: str) -> None:
    assert read_device(header) == UNKNOWN_DEVICE
