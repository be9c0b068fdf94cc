"""Mail goes over TLS or to this machine; a server that hangs or refuses is survived."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from data.catalogue import catalogue
from data.catalogue.notices import Channel, unsafe
from data.collector.outbound import AllowList
from data.collector.post import NotSentError, Post
from tests.store.test_notify import BODY

TARGET = catalogue().notices["duty_mail"]
EXTRAS = {"FROM": "zhizhi@city.example", "TO": "duty@city.example, second@city.example"}


@contextmanager
def mail_server(fails_at=""):
    """Serve just enough SMTP; `fails_at` names the word after which nothing or a refusal comes."""
    heard, over = [], threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text):
            self.wfile.write(text.encode() + b"\r\n")

        def handle(self):
            self.say("220 here")
            while line := self.rfile.readline():
                word = line.split()[0].upper().decode() if line.split() else ""
                if fails_at == f"hang {word}":
                    over.wait(10)
                    return
                if fails_at == f"refuse {word}":
                    self.say("550 no")
                elif word == "DATA":
                    self.say("354 go on")
                    body = []
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        body.append(part)
                    heard.append(b"".join(body).decode())
                    self.say("250 taken")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield SimpleNamespace(port=server.server_address[1], heard=heard)
    finally:
        over.set()
        server.shutdown()
        thread.join(5)
        server.server_close()


def post(port, host="127.0.0.1", total=5.0, network="", **more):
    place = f"smtp://{host}:{port}"
    found = Channel(TARGET, place, EXTRAS | more)
    allowed = AllowList([place + (f"={network}" if network else "")])

    def resolve(_host, port, **_more):
        import socket

        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    return Post(found, allowed, total=total, resolve=resolve)


def test_a_mail_arrives_whole_at_every_receiver():
    with mail_server() as server:
        post(server.port).send(BODY, key="k-7", at=BODY["at"])
    (told,) = server.heard
    assert "Message-ID: <k-7@zhizhi.invalid>" in told
    assert "To: duty@city.example, second@city.example" in told
    assert "Subject: =?utf-8?" in told


@pytest.mark.parametrize("where", ["refuse RCPT", "refuse DATA", "hang DATA", "hang EHLO"])
def test_a_server_that_refuses_or_hangs_took_nothing(where):
    with mail_server(where) as server, pytest.raises(NotSentError):
        post(server.port, total=0.4).send(BODY, key="k", at=BODY["at"])
    assert server.heard == []


def test_nothing_goes_in_the_clear_to_another_machine():
    with mail_server() as server, pytest.raises(NotSentError, match="no TLS"):
        post(server.port, "mail.example", network="127.0.0.0/8", PASSWORD="p", USER="u").send(
            BODY, key="k", at=BODY["at"]
        )
    assert server.heard == []


def test_nobody_listens():
    with pytest.raises(NotSentError, match="not sent"):
        post(9).send(BODY, key="k", at=BODY["at"])


def test_sender_and_receivers_are_needed():
    assert "_FROM is not set" in unsafe(Channel(TARGET, "smtps://mail.example:465", {}))
    assert "needs smtps://" in unsafe(Channel(TARGET, "https://mail.example", EXTRAS))
