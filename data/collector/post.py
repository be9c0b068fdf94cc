"""Send one notice to one target: over HTTP, by mail, or into a file. Every way has an end.

Errors are told without the address: those of chat groups hold their key.
"""

from __future__ import annotations

import contextlib
import json
import os
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import urllib3

from data.alarms import channels
from data.alarms.channels import Request
from data.alarms.messages import NoticeBody, plain
from data.catalogue.notices import Channel, loopback
from data.collector.outbound import (
    PORTS,
    AllowList,
    CheckedAdapter,
    FetchError,
    Resolve,
    Watch,
    dial,
    origin_of,
)

CONNECT_S, TOTAL_S = 3.0, 10.0
ANSWER_BYTES = 16384


class NotSentError(RuntimeError):
    """A target did not take a notice. One line, without its address."""


class Post:
    """The way to one target. Used by one thread at a time."""

    def __init__(
        self,
        found: Channel,
        allowed: AllowList,
        *,
        total: float = TOTAL_S,
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        """Open no connection yet. total: seconds for one try from beginning to end."""
        self.found, self.allowed, self.total, self.resolve = found, allowed, total, resolve
        self.session = requests.Session()
        self.session.trust_env = False
        self.adapter = CheckedAdapter(allowed, resolve)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, self.adapter)

    def send(self, body: NoticeBody, *, key: str, at: float) -> None:
        """Tell a notice.

        Raises:
            NotSentError: it was not taken, or nobody knows whether it was.
        """
        scheme = urlsplit(self.found.url).scheme
        try:
            if scheme == "file":
                _write(Path(unquote(urlsplit(self.found.url).path)), body, key)
                return
            self.allowed.refuse_unlisted(self.found.url)
            if scheme in ("smtp", "smtps"):
                self._mail(body, key, at)
            else:
                self._http(body, key, at)
        except FetchError as error:
            raise NotSentError(str(error)) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise NotSentError(f"no answer ({type(error).__name__})") from None
        except (OSError, ssl.SSLError, smtplib.SMTPException) as error:
            raise NotSentError(f"not sent ({type(error).__name__})") from None

    def cut(self) -> None:
        """End the call that is under way, if any is."""
        self.adapter.cut()

    def _http(self, body: NoticeBody, key: str, at: float) -> None:
        secret, kind = self.found.extras.get("SECRET", ""), self.found.target.kind
        asked = channels.request(kind, self.found.url, secret, body, key=key, at=at)
        with Watch(self.adapter, self.total) as watch:
            status, answer = self._answer(asked, watch)
        said = channels.answered(kind, status, answer)
        if said:
            raise NotSentError(said)

    def _answer(self, asked: Request, watch: Watch) -> tuple[int, bytes]:
        """Return status and the beginning of the answer, however slowly it drips."""
        answer = b""
        with self.session.post(
            asked.url, data=asked.body, headers=dict(asked.headers), stream=True,
            timeout=(CONNECT_S, watch.seconds), allow_redirects=False,
        ) as found:  # fmt: skip
            if _broken(found):
                raise NotSentError("half an answer")
            while len(answer) < ANSWER_BYTES and (part := found.raw.read1(4096)):
                answer += part
                if watch.over():
                    break
        if watch.over():
            raise NotSentError(f"not finished within {watch.seconds:g} s")
        return found.status_code, answer

    def _mail(self, body: NoticeBody, key: str, at: float) -> None:
        parts, extras = urlsplit(self.found.url), self.found.extras
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        try:
            made = channels.mail(
                body, sender=extras["FROM"], receivers=extras["TO"], key=key, at=at
            )
        except ValueError as error:
            raise NotSentError(f"{self.found.target.setting}_FROM or _TO is none") from error
        infos = self.allowed.checked(origin_of(self.found.url), host, port, self.resolve)
        context = ssl.create_default_context()
        with _until(dial(infos, CONNECT_S), self.total) as sock:
            sock.settimeout(self.total)
            if parts.scheme == "smtps":
                sock = context.wrap_socket(sock, server_hostname=host)
            self._talk(_Smtp(sock, host, port), parts.scheme, host, context, made)

    def _talk(
        self, smtp: smtplib.SMTP, scheme: str, host: str, context: ssl.SSLContext, made: Any
    ) -> None:
        """Hand a mail over. Without TLS it goes to this machine only, or without a password."""
        smtp.ehlo()
        user = self.found.extras.get("USER", "")
        safe = scheme == "smtps" or loopback(host)
        if scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo()
            safe = True
        if not safe:
            raise NotSentError("the mail server offers no TLS: nothing is sent in the clear")
        if user:
            smtp.login(user, self.found.extras.get("PASSWORD", ""))
        smtp.send_message(made)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()  # it took the mail already


def _broken(found: requests.Response) -> bool:
    """Return whether the line ended within the headers: urllib3 only logs that."""
    original = getattr(found.raw, "_original_response", None)
    return bool(getattr(getattr(original, "msg", None), "defects", None))


class _Smtp(smtplib.SMTP):
    """Speaks over a socket to an address that was checked."""

    def __init__(self, sock: socket.socket, host: str, port: int) -> None:
        self._checked = sock
        super().__init__(host, port, local_hostname="zhizhi.invalid")

    def _get_socket(self, _host: str, _port: int, _timeout: Any) -> socket.socket:
        return self._checked


@contextlib.contextmanager
def _until(sock: socket.socket, seconds: float) -> Iterator[socket.socket]:
    """Cut a line after so long, whatever still drips in; close it at the end."""

    def cut() -> None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    end = time.monotonic() + seconds
    try:
        yield sock
    except (OSError, smtplib.SMTPException) as error:
        if time.monotonic() >= end:
            raise NotSentError(f"not finished within {seconds:g} s") from error
        raise
    finally:
        timer.cancel()
        sock.close()


def _write(path: Path, body: NoticeBody, key: str) -> None:
    """Write a notice as a file that is whole at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(
        json.dumps({**plain(body), "key": key}, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    part.replace(path)
