"""Where the collector may call: by name on the list, and by the address the name leads to."""

from __future__ import annotations

import socket

import pytest
import requests

from data.collector.outbound import AllowList, CheckedAdapter, FetchError, origin_of

PLACE = "https://platform.example:443"


def leads_to(*addresses):
    """Return a resolver that answers with these addresses."""

    def resolve(_host, port, **_more):
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port))
            for a in addresses
        ]

    return resolve


def reached(allowed, *addresses, host="platform.example"):
    infos = AllowList(allowed).checked(PLACE, host, 443, leads_to(*addresses))
    return [info[4][0] for info in infos]


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "172.16.3.4", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
     "64:ff9b::a00:1", "2002:a00:1::"],
)  # fmt: skip
def test_a_public_name_that_leads_inside_is_not_called(address):
    with pytest.raises(FetchError, match="inner address"):
        reached([PLACE], address)


def test_a_public_address_is_called():
    assert reached([PLACE], "8.8.8.8", "2606:4700::1111") == ["8.8.8.8", "2606:4700::1111"]


def test_of_mixed_answers_only_the_public_one_is_called():
    assert reached([PLACE], "127.0.0.1", "8.8.8.8", "169.254.169.254") == ["8.8.8.8"]


def test_a_granted_network_opens_that_network_alone():
    granted = [f"{PLACE}=10.20.0.0/16"]
    assert reached(granted, "10.20.3.4") == ["10.20.3.4"]
    with pytest.raises(FetchError, match="inner address"):
        reached(granted, "10.21.3.4")


def test_no_grant_opens_the_place_where_clouds_keep_secrets():
    with pytest.raises(FetchError, match="inner address"):
        reached([f"{PLACE}=169.254.0.0/16"], "169.254.169.254")


def test_a_host_written_as_an_address_is_meant_as_it_stands():
    assert reached([PLACE], "10.0.0.9", host="10.0.0.9") == ["10.0.0.9"]
    assert reached([PLACE], "127.0.0.1", host="localhost") == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://platform.example/x", None),
        ("https://PLATFORM.example.:443/x", None),
        ("http://platform.example/x", "not on the allow-list"),
        ("https://platform.example:444/x", "not on the allow-list"),
        ("https://platform.example.evil.example/x", "not on the allow-list"),
        ("https://platform.example@evil.example/x", "not on the allow-list"),
        ("https://user:pass@platform.example/x", "do not belong"),
        ("gopher://platform.example:443/x", "not on the allow-list"),
        ("https://platform.example:port/x", "not an address"),
        ("https://xn--.example/x", "not on the allow-list"),
    ],
)
def test_only_scheme_host_and_port_of_the_list_pass(url, said):
    allowed = AllowList([PLACE])
    if said is None:
        allowed.refuse_unlisted(url)
        return
    with pytest.raises(FetchError, match=said) as error:
        allowed.refuse_unlisted(url)
    assert "pass@" not in str(error.value)


def test_a_name_in_chinese_is_the_same_as_its_ascii_form():
    assert origin_of("https://政务.中国/x") == origin_of("https://xn--zfr164b.xn--fiqs8s:443/y")
    assert origin_of("http://[::1]/x") == "http://[::1]:80"


def test_a_bad_entry_of_the_list_is_named():
    with pytest.raises(FetchError, match=r"10\.20\.0\.0/99"):
        AllowList([f"{PLACE}=10.20.0.0/99"])


def session(allowed, resolve):
    found = requests.Session()
    found.trust_env = False
    found.mount("http://", CheckedAdapter(AllowList(allowed), resolve))
    return found


def test_the_connection_goes_to_the_address_that_was_checked():
    """A name that answers differently the second time (DNS rebinding) is asked only once."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        asked = []

        def rebinding(host, wanted, **more):
            asked.append(host)
            return leads_to("127.0.0.1" if len(asked) == 1 else "127.0.0.9")(host, wanted, **more)

        name = f"http://platform.example:{port}"
        server.settimeout(5)
        ours = session([f"{name}=127.0.0.1/32"], rebinding)
        with pytest.raises(requests.RequestException):
            ours.get(f"{name}/x", timeout=(1, 0.2))
        conn, _ = server.accept()
        conn.close()
    assert asked == ["platform.example"]


def test_a_name_that_leads_to_this_machine_is_not_called():
    with socket.create_server(("127.0.0.1", 0)) as server:
        name = f"http://platform.example:{server.getsockname()[1]}"
        with pytest.raises(FetchError, match="inner address"):
            session([name], leads_to("127.0.0.1")).get(f"{name}/x", timeout=1)
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_name_that_is_not_known_is_a_lost_connection():
    def unknown(*_args, **_more):
        raise socket.gaierror(-2, "not known")

    with pytest.raises(requests.ConnectionError):
        session(["http://nowhere.example:80"], unknown).get("http://nowhere.example/x", timeout=1)
