"""Get bytes: over HTTP from places on the allow-list, or from a watched folder."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random,
)

from data.collector.outbound import AllowList, CheckedAdapter, FetchError, Watch, origin_of

__all__ = ["FetchError", "Fetched", "Fetcher", "api_key", "origin_of"]

SETTLED_S = 2.0
"""A file younger than this may still be written to."""

_HEADER_VALUE = re.compile(r"[\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?")


@dataclass(frozen=True)
class Fetched:
    """One payload and where it came from.

    unchanged: the source says, or its bytes say, that it is what was taken last;
    payload is then None if the source did not send it again. sha256 is of what it is.
    """

    payload: bytes | None
    origin: str
    mark: tuple[str, int, int] | None = None
    """Name, time and size of a file of a watched folder."""
    url: str = ""
    sha256: str = ""
    unchanged: bool = False
    validators: tuple[tuple[str, str], ...] = ()
    watermark: str = ""
    """How far a batch of another database went."""
    path: Path | None = None
    """A file too large for the memory: read from where it lies."""


class Fetcher:
    """Fetches one source's payloads. Safe to use from one thread at a time."""

    def __init__(
        self,
        *,
        allowed: frozenset[str],
        max_bytes: int,
        large: int | None = None,
        largest: int | None = None,
    ) -> None:
        """Make one.

        Args:
            allowed: the allow-list.
            max_bytes: the most that is taken into the memory.
            large: files of a folder beyond so many bytes are named, not read.
            largest: files of a folder beyond so many are refused; those that are read
                must not exceed max_bytes either.
        """
        self.allowed, self.max_bytes = AllowList(allowed), max_bytes
        self.large = max_bytes if large is None else min(large, max_bytes)
        self.largest = max_bytes if largest is None else largest
        self.session = requests.Session()
        self.session.trust_env = False  # a proxy variable must not carry us off the allow-list
        self.adapter = CheckedAdapter(self.allowed)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, self.adapter)
        self._taken: set[tuple[str, int, int]] = set()
        self._last: dict[str, Fetched] = {}

    def fetch(
        self,
        url: str,
        *,
        timeout: float,
        shown: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Fetched]:
        """Yield every payload that `url` has for us now.

        Args:
            url: as it is called.
            timeout: seconds for the whole answer.
            shown: the address as it may be logged and stored; `url` if not given.
            headers: sent along, such as a key. Never logged.

        Raises:
            FetchError: not allowed, unreachable, too slow, too big, or an error answer.
        """
        shown = shown or url
        if urlsplit(url).scheme == "file":
            yield from self._folder(Path(unquote(urlsplit(url).path)))
        else:
            yield self._http(url, shown, timeout, dict(headers or {}))

    def _http(self, url: str, shown: str, timeout: float, headers: dict[str, str]) -> Fetched:
        self.allowed.refuse_unlisted(url)
        last = self._last.get(url)
        headers |= dict(last.validators) if last else {}
        tries = Retrying(
            stop=stop_after_attempt(2),
            wait=wait_random(0.2, 1.0),
            retry=retry_if_exception_type(requests.ConnectionError),
            reraise=True,
        )
        watch = Watch(self.adapter, timeout)
        try:
            with watch:
                return tries(self._get, url, shown, headers, watch)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            # the cause may hold the address with its key: it is not passed on
            raise FetchError(f"{shown}: no answer ({type(error).__name__})") from None

    def _get(self, url: str, shown: str, headers: dict[str, str], watch: Watch) -> Fetched:
        if watch.over():
            raise FetchError(f"{shown}: no answer within {watch.seconds:g} s")
        with self.session.get(
            url, timeout=(3, watch.seconds), stream=True, allow_redirects=False, headers=headers
        ) as answer:
            last = self._last.get(url)
            if answer.status_code == 304 and last:
                return Fetched(None, shown, url=url, sha256=last.sha256, unchanged=True)
            if answer.status_code != 200:
                raise FetchError(f"{shown}: answered {answer.status_code}")
            payload = self._body(answer, shown, watch)
            sha = hashlib.sha256(payload).hexdigest()
            same = last is not None and last.sha256 == sha
            return Fetched(payload, shown, None, url, sha, same, _validators(answer))

    def _body(self, answer: requests.Response, shown: str, watch: Watch) -> bytes:
        parts, size = [], 0
        for part in _arriving(answer, shown, watch):
            size += len(part)
            if size > self.max_bytes:
                raise FetchError(f"{shown}: more than {self.max_bytes / 1e6:.0f} MB")
            if watch.over():
                raise FetchError(f"{shown}: not finished within {watch.seconds:g} s")
            parts.append(part)
        return b"".join(parts)

    def _folder(self, folder: Path) -> Iterator[Fetched]:
        """Yield files not taken before, oldest first. Files are read, never moved.

        A file is taken when taken() is told so: one that could not be stored comes again.
        """
        if not folder.is_dir():
            raise FetchError(f"{folder} is not a folder")
        for path in sorted(folder.iterdir(), key=lambda p: p.stat().st_mtime_ns):
            mark = self._ready(path)
            if mark is None or mark in self._taken:
                continue
            if mark[2] > self.largest:
                self._taken.add(mark)
                raise FetchError(f"{path.name}: more than {self.largest / 1e6:.0f} MB")
            if mark[2] > self.large:
                yield Fetched(None, path.as_uri(), mark, path=path)
                continue
            yield Fetched(path.read_bytes(), path.as_uri(), mark)

    @property
    def untouched(self) -> bool:
        """Whether no file of a watched folder was ever taken."""
        return not self._taken

    def taken(self, fetched: Fetched, *, good: bool = True) -> None:
        """Remember that a payload was stored and need not be sent or read again.

        good: it was understood. One that was not is asked for whole the next time.
        """
        if fetched.mark is not None:
            self._taken.add(fetched.mark)
        elif fetched.url and not good:
            self._last.pop(fetched.url, None)
        elif fetched.url and fetched.payload is not None:
            # the bytes themselves are not kept: their hash tells whether they are the same
            self._last[fetched.url] = Fetched(
                None, fetched.origin, None, fetched.url, fetched.sha256, True, fetched.validators
            )

    def forget(self) -> None:
        """Ask for everything whole again: the store may hold other things than we remember."""
        self._last.clear()

    @staticmethod
    def _ready(path: Path) -> tuple[str, int, int] | None:
        if not path.is_file() or path.name.startswith(".") or path.suffix in (".tmp", ".part"):
            return None
        stat = path.stat()
        if time.time() - stat.st_mtime < SETTLED_S:
            return None
        return str(path), stat.st_mtime_ns, stat.st_size


def _validators(answer: requests.Response) -> tuple[tuple[str, str], ...]:
    """Return the headers that ask whether this answer is still the newest."""
    pairs = (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))
    found = ((ask, answer.headers.get(told, "")) for told, ask in pairs)
    return tuple((ask, value) for ask, value in found if _HEADER_VALUE.fullmatch(value))


def _arriving(answer: requests.Response, shown: str, watch: Watch) -> Iterator[bytes]:
    """Yield what has come, however little: waiting for a full block could outlast any deadline."""
    try:
        while part := answer.raw.read1(65536, decode_content=True):
            yield part
    except (urllib3.exceptions.HTTPError, OSError) as error:
        if watch.over():
            late = f"{shown}: not finished within {watch.seconds:g} s"
            raise FetchError(late) from None
        raise requests.ConnectionError(error) from error


def folder_of(url: str) -> Path | None:
    """Return the watched folder a file:// address names if it is there."""
    folder = Path(unquote(urlsplit(url).path))
    return folder if urlsplit(url).scheme == "file" and folder.is_dir() else None


def api_key(header: str, variable: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the header that carries a platform's key, {} when it needs none.

    Raises:
        FetchError: the variable is not set, or cannot be a header. The key is never told.
    """
    if not header:
        return {}
    value = environ.get(variable, "").strip()
    if not value:
        raise FetchError(f"the key is missing: environment variable {variable} is not set")
    if not _HEADER_VALUE.fullmatch(value):
        raise FetchError(f"environment variable {variable} holds what no header can carry")
    return {header: value}
