"""Names, proxies, plain values and buckets, without a server."""

from __future__ import annotations

import pytest

from callbacks.gate.bucket import Buckets
from callbacks.gate.hosts import Hosts, Proxied, host_name, networks
from callbacks.gate.plain import unplain
from data.settings import Settings


def test_names_are_those_that_were_named():
    named = Hosts(Settings(trusted_hosts="wall.city.example, other.example",
                           public_url="https://ops.city.example/x"))  # fmt: skip
    assert [named.knows(h) for h in ("WALL.city.example:443", "ops.city.example", "city.example")] == [
        True, True, False,
    ]  # fmt: skip
    assert Hosts(Settings(trusted_hosts="*")).knows("any.example")
    assert host_name("a.example:80") == "a.example"


@pytest.mark.parametrize("value", ["x", 1, [1, {"a": None}], {"a": [True] * 100}, "𠮷", 10**15])
def test_plain_values_are_plain(value):
    assert unplain(value) == ""


def test_what_is_not_plain_says_why():
    deep = []
    for _ in range(30):
        deep = [deep]
    for value in (deep, [0] * 50_000, {"a\x00": 1}, {"a": "\udfff"}, 10**16, float("inf")):
        assert unplain(value) != ""


def test_a_bucket_fills_at_its_rate_and_a_clock_that_steps_back_gives_nothing():
    bucket = Buckets(2.0, 3.0)
    assert [bucket.take("a", 0.0) for _ in range(4)] == [0, 0, 0, 1]
    assert bucket.take("b", 0.0) == 0
    assert bucket.take("a", 0.6) == 0
    assert bucket.take("a", -100.0) == 1
    assert bucket.take("a", 1.2) == 0


def asked_as(proxies, peer, header):
    seen = {}

    def inner(environ, _start):
        seen.update(environ)
        return []

    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": header}
    Proxied(inner, networks(proxies))(environ, None)
    return seen["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("peer", "header", "found"),
    [
        ("127.0.0.1", "10.5.5.5", "10.5.5.5"),
        ("127.0.0.1", "1.1.1.1, 10.5.5.5", "10.5.5.5"),
        ("127.0.0.1", "1.1.1.1, 10.5.5.5, 10.0.0.7", "10.5.5.5"),
        ("10.9.9.9", "127.0.0.1", "10.9.9.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "not an address", "127.0.0.1"),
        ("127.0.0.1", "x, 10.5.5.5", "10.5.5.5"),
        ("::ffff:127.0.0.1", "10.5.5.5", "10.5.5.5"),
    ],
)
def test_only_a_declared_proxy_says_who_asks(peer, header, found):
    assert asked_as(("127.0.0.1", "10.0.0.0/29"), peer, header) == found


def test_without_a_declared_proxy_nobody_is_believed():
    assert asked_as((), "127.0.0.1", "10.5.5.5") == "127.0.0.1"
