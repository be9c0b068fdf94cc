"""What may be fetched, and what a server can do to whoever fetches."""

from __future__ import annotations

import gzip

import pytest

from data.collector.fetch import Fetcher, FetchError, origin_of
from data.collector.loop import allow_list
from data.settings import Settings
from tests.store.fetching import get
from tests.store.stub_server import serving


def test_a_payload_comes_with_its_address(stub, fetcher):
    url = stub.says("/a", b"hello")
    (found,) = fetcher.fetch(url, timeout=2)
    assert (found.payload, found.origin) == (b"hello", url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a",
        "https://127.0.0.1:{port}/a",
        "http://localhost:{port}/a",
        "ftp://127.0.0.1:{port}/a",
    ],
)
def test_only_places_on_the_list_are_asked(stub, fetcher, url):
    stub.says("/a")
    with pytest.raises(FetchError, match="not on the allow-list"):
        get(fetcher, url.format(port=stub.address.rsplit(":", 1)[1]))
    assert stub.asked == []


def test_a_redirect_is_not_followed(stub, fetcher):
    stub.says("/secret", b"no")
    url = stub.says("/a", b"", 302, Location=stub.url("/secret"))
    with pytest.raises(FetchError, match="answered 302"):
        get(fetcher, url)
    assert stub.asked == ["/a"]


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_error_answer_is_an_error(stub, fetcher, status):
    with pytest.raises(FetchError, match=f"answered {status}"):
        get(fetcher, stub.says("/a", b"sorry", status))


def test_an_answer_larger_than_allowed_is_cut_off(stub, fetcher):
    assert get(fetcher, stub.says("/fits", b"x" * 1000)) == [b"x" * 1000]
    with pytest.raises(FetchError, match="more than"):
        get(fetcher, stub.says("/big", b"x" * 300_000))


def test_a_server_that_never_answers_is_given_up(stub, fetcher):
    stub.answers["/slow"] = lambda _handler: stub.over.wait(10)
    with pytest.raises(FetchError, match="no answer"):
        get(fetcher, stub.url("/slow"), timeout=0.2)


def test_a_server_that_drips_byte_by_byte_is_given_up(stub, fetcher):
    """Each byte comes in time; the whole would take an hour."""
    sent = []

    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "900")
        handler.end_headers()
        while len(sent) < 900 and not stub.over.wait(0.01):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            sent.append(1)

    stub.answers["/drip"] = drip
    with pytest.raises(FetchError, match="not finished within"):
        get(fetcher, stub.url("/drip"), timeout=0.3)
    assert len(sent) < 900


def test_an_answer_that_breaks_off_is_an_error(stub, fetcher):
    def half(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "900")
        handler.end_headers()
        handler.wfile.write(b"x" * 100)
        handler.close_connection = True

    stub.answers["/half"] = half
    with pytest.raises(FetchError, match="no answer"):
        get(fetcher, stub.url("/half"))


def test_a_compressed_answer_in_pieces_is_one_payload(stub, fetcher):
    body = gzip.compress(b"y" * 900)

    def pieces(handler):
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for start in range(0, len(body), 5):
            part = body[start : start + 5]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.write(b"0\r\n\r\n")

    stub.answers["/zip"] = pieces
    assert get(fetcher, stub.url("/zip")) == [b"y" * 900]
    assert get(fetcher, stub.says("/empty", b"")) == [b""]


def test_a_small_file_that_unpacks_to_a_large_one_is_cut_off(stub, fetcher):
    url = stub.says("/bomb", gzip.compress(b"0" * 5_000_000), **{"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match="more than"):
        get(fetcher, url)


def test_a_lost_connection_is_tried_once_more(stub, fetcher):
    def hang_up(handler):
        handler.close_connection = True
        stub.says("/a", b"now")

    stub.answers["/a"] = hang_up
    assert get(fetcher, stub.url("/a")) == [b"now"]
    assert stub.asked == ["/a", "/a"]


def test_nobody_there_is_one_line_for_the_operator(fetcher, stub):
    with serving() as gone:
        address = gone.address
    with pytest.raises(FetchError) as error:
        get(Fetcher(allowed=frozenset({address}), max_bytes=10), f"{address}/a")
    assert "\n" not in str(error.value)


def test_a_proxy_of_the_environment_is_not_used(stub, fetcher, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert get(fetcher, stub.says("/a")) == [b"ok"]


def test_the_allow_list_has_what_is_named_and_the_demos_own_loopback():
    named = "https://a.example:443, http://b.example:80 ,"
    assert allow_list(Settings(allowed_hosts=named, demo=False)) == {
        "https://a.example:443",
        "http://b.example:80",
    }
    demo = allow_list(Settings(allowed_hosts="", demo=True, simulator="http://127.0.0.1:8051"))
    assert demo == {"http://127.0.0.1:8051"}
    assert allow_list(Settings(allowed_hosts="", demo=False)) == frozenset()


def test_an_origin_is_scheme_host_and_port():
    assert origin_of("https://a.example/x?y") == "https://a.example:443"
    assert origin_of("http://a.example:8080/x") == "http://a.example:8080"
    assert origin_of("http://user@a.example/x") == "http://a.example:80"
