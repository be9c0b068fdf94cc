"""Get bytes: over HTTP from places on the allow-list, or from a watched folder."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from tenacity import (
    RetryError,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random,
)

SETTLED_S = 2.0
"""A file younger than this may still be written to."""


class FetchError(RuntimeError):
    """The source could not be asked or did not answer well. One line for the operator."""


@dataclass(frozen=True)
class Fetched:
    """One payload and where it came from."""

    payload: bytes
    origin: str
    mark: tuple[str, int, int] | None = None
    """Name, time and size of a file of a watched folder."""


class Fetcher:
    """Fetches one source's payloads. Safe to use from one thread at a time."""

    def __init__(self, *, allowed: frozenset[str], max_bytes: int) -> None:
        self.allowed, self.max_bytes = allowed, max_bytes
        self.session = requests.Session()
        self.session.trust_env = False  # a proxy variable must not carry us off the allow-list
        self._taken: set[tuple[str, int, int]] = set()

    def fetch(self, url: str, *, timeout: float) -> Iterator[Fetched]:
        """Yield every payload that `url` has for us now.

        Raises:
            FetchError: not allowed, unreachable, too slow, too big, or an error answer.
        """
        if urlsplit(url).scheme == "file":
            yield from self._folder(Path(unquote(urlsplit(url).path)))
        else:
            yield Fetched(self._http(url, timeout), url)

    def _http(self, url: str, timeout: float) -> bytes:
        if origin_of(url) not in self.allowed:
            raise FetchError(f"{origin_of(url)} is not on the allow-list (ZHIZHI_ALLOWED_HOSTS)")
        tries = Retrying(
            stop=stop_after_attempt(2),
            wait=wait_random(0.2, 1.0),
            retry=retry_if_exception_type(requests.ConnectionError),
        )
        try:
            return tries(self._get, url, timeout)
        except (requests.RequestException, RetryError) as error:
            raise FetchError(f"{url}: no answer ({type(error).__name__})") from error

    def _get(self, url: str, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        with self.session.get(
            url, timeout=(3, timeout), stream=True, allow_redirects=False
        ) as answer:
            if answer.status_code != 200:
                raise FetchError(f"{url}: answered {answer.status_code}")
            parts, size = [], 0
            for part in _arriving(answer):
                size += len(part)
                if size > self.max_bytes:
                    raise FetchError(f"{url}: more than {self.max_bytes / 1e6:.0f} MB")
                if time.monotonic() > deadline:
                    raise FetchError(f"{url}: not finished within {timeout:.0f} s")
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
            if mark[2] > self.max_bytes:
                self._taken.add(mark)
                raise FetchError(f"{path.name}: more than {self.max_bytes / 1e6:.0f} MB")
            yield Fetched(path.read_bytes(), path.as_uri(), mark)

    @property
    def untouched(self) -> bool:
        """Whether no file of a watched folder was ever taken."""
        return not self._taken

    def taken(self, fetched: Fetched) -> None:
        """Remember that a file need not be read again."""
        if fetched.mark is not None:
            self._taken.add(fetched.mark)

    @staticmethod
    def _ready(path: Path) -> tuple[str, int, int] | None:
        if not path.is_file() or path.name.startswith(".") or path.suffix in (".tmp", ".part"):
            return None
        stat = path.stat()
        if time.time() - stat.st_mtime < SETTLED_S:
            return None
        return str(path), stat.st_mtime_ns, stat.st_size


def _arriving(answer: requests.Response) -> Iterator[bytes]:
    """Yield what has come, however little: waiting for a full block could outlast any deadline."""
    try:
        while part := answer.raw.read1(65536, decode_content=True):
            yield part
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError(error) from error


def folder_of(url: str) -> Path | None:
    """Return the watched folder a file:// address names if it is there."""
    folder = Path(unquote(urlsplit(url).path))
    return folder if urlsplit(url).scheme == "file" and folder.is_dir() else None


def origin_of(url: str) -> str:
    """Return scheme://host:port of a URL, the form of the allow-list."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"
