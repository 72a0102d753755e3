import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.logs.clients import holder


@pytest.mark.parametrize(
    "text",
    ["198.51.100.7", "198.51.100.7:51234", "::ffff:198.51.100.7", "[::ffff:198.51.100.7]:80"],
)
def test_an_address_is_one_client_however_it_is_written(text: str) -> None:
    assert holder(text) == "198.51.100.7"


def test_all_addresses_of_one_ipv6_network_are_one_client() -> None:
    assert holder("2600:1:2:3::1") == holder("[2600:1:2:3:ffff::2]:443") != holder("2600:1:2:4::1")


def test_a_host_name_is_a_client() -> None:
    assert holder("piweba1y.prodigy.com") == "piweba1y.prodigy.com"


def test_behind_the_targets_own_proxy_the_last_address_it_was_forwarded_counts() -> None:
    assert holder("10.0.0.1", "6.6.6.6, 8.8.4.4, 10.0.0.9") == "8.8.4.4"


def test_a_client_cannot_make_up_where_it_comes_from() -> None:
    assert holder("8.8.8.8", "6.6.6.6") == "8.8.8.8"


@pytest.mark.parametrize("forwarded", ["", "unknown", "10.0.0.2"])
def test_a_proxy_that_was_forwarded_no_public_address_is_the_client(forwarded: str) -> None:
    assert holder("10.0.0.1", forwarded) == "10.0.0.1"


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_stands_for_somebody(address: str, forwarded: str) -> None:
    assert isinstance(holder(address, forwarded), str)
