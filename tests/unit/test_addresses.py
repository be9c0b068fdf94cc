"""Addresses may live in the environment; what is shown of them holds no secret."""

from __future__ import annotations

import pytest

from data.catalogue.addresses import Address, addresses, connected, simulated
from data.catalogue.entries import Source
from data.collector.fetch import FetchError, api_key

SIMULATOR = "http://127.0.0.1:8051"


def source(*urls, **more):
    return Source(
        key="x", name={"zh": "x", "en": "x"}, platform="", department="weather", connector="cap",
        urls=urls, every=30, timeout=10, stale_after=60, **more,
    )  # fmt: skip


def found(environ, *urls):
    return addresses(source(*urls), {"SIMULATOR": SIMULATOR, "INBOX": "file:///in"}, environ)


def test_a_plain_address_is_shown_as_it_is():
    url = "https://a.example/x"
    assert found({}, url) == [Address(url, url)]
    assert found({}, "${SIMULATOR}/y") == [Address(f"{SIMULATOR}/y", f"{SIMULATOR}/y")]


def test_a_variable_without_a_value_is_no_address():
    assert found({}, "${FEED_URL}", "https://a.example/?k=${FEED_KEY}") == []
    assert found({"FEED_URL": ""}, "${FEED_URL}") == []


def test_a_secret_in_an_address_is_called_but_never_shown():
    (one,) = found({"FEED_KEY": "s3cret"}, "https://a.example/?k=${FEED_KEY}")
    assert one == Address("https://a.example/?k=s3cret", "https://a.example/?k=${FEED_KEY}")
    (two,) = found({"FEED_URL": "https://u:p@a.example/x?k=s3cret#f"}, "${FEED_URL}")
    assert two.shown == "https://a.example/x?..."
    assert two.url.endswith("k=s3cret#f")


def test_a_source_is_connected_when_it_has_an_address():
    assert connected(source("${SIMULATOR}/y"), {})
    assert not connected(source(), {})
    assert not connected(source("${FEED_URL}"), {})
    assert connected(source("${FEED_URL}"), {"FEED_URL": "https://a.example"})
    sql = {"address": "BUREAU_DB", "query": "select 1", "watermark": "t"}
    assert not connected(source(sql=sql), {})
    assert connected(source(sql=sql), {"BUREAU_DB": "sqlite:///x"})


def test_the_demo_city_has_no_source_that_nobody_speaks_for(catalogue, monkeypatch):
    for one in catalogue.sources.values():
        assert simulated(one) == (not one.waits), one.key
        assert connected(one, {}) or one.waits, one.key


def test_a_key_comes_from_the_environment_and_is_never_told():
    assert api_key("", "", {}) == {}
    assert api_key("X-API-Key", "K", {"K": " s3cret\n"}) == {"X-API-Key": "s3cret"}
    with pytest.raises(FetchError, match="K is not set"):
        api_key("X-API-Key", "K", {})
    with pytest.raises(FetchError) as error:
        api_key("X-API-Key", "K", {"K": "s3cret\r\nHost: evil"})
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("more", [{"key_header": "X"}, {"key_env": "X"}, {"key_env": "a b"},
                                  {"key_header": "X\r\nY", "key_env": "X"}])  # fmt: skip
def test_half_a_key_is_a_fault_of_the_catalogue(more):
    with pytest.raises(ValueError, match="key_"):
        source(**more)
