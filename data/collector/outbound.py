"""Where may we call, and is that really the machine we reach?

An allow-list names scheme, host and port. The name is resolved once, the address is
checked, and the connection goes to that very address: a name that changes its answer
between the check and the call (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[..., list[Any]]

PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mariadb": 3306,
         "oracle": 1521, "smtp": 587, "smtps": 465}  # fmt: skip
_LOCAL_NAMES = ("localhost",)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class FetchError(RuntimeError):
    """The source could not be asked or did not answer well. One line for the operator."""


class AllowList:
    """The places we may call. Entries: scheme://host:port, and =network for an inner name.

    A host that is written as an address, or localhost, is meant as it stands. Any
    other name must lead to a public address, unless its entry grants a network:
    https://platform.city.gov.cn:443=10.20.0.0/16. A link-local address (where clouds
    keep their secrets) is reached only if it is written as an address.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self.granted: dict[str, list[Network]] = {}
        for entry in entries:
            place, _, network = entry.strip().partition("=")
            try:
                granted = self.granted.setdefault(origin_of(place), [])
                if network:
                    granted.append(ipaddress.ip_network(network.strip(), strict=False))
            except ValueError as error:
                raise FetchError(f"allow-list entry {entry[:80]!r}: {error}") from error

    def refuse_unlisted(self, url: str) -> None:
        """Raise FetchError unless the place of `url` is on the list."""
        try:
            parts, origin = urlsplit(url), origin_of(url)
        except ValueError as error:
            raise FetchError(f"not an address: {error}") from error
        if origin not in self.granted:
            raise FetchError(f"{origin} is not on the allow-list (ZHIZHI_ALLOWED_HOSTS)")
        if parts.username or parts.password:
            raise FetchError(f"{origin}: user and password do not belong into an address")

    def checked(
        self, origin: str, host: str, port: int, resolve: Resolve = socket.getaddrinfo
    ) -> list[Any]:
        """Return the address infos of `host` that may be reached; raise FetchError if none.

        Raises:
            OSError: the name cannot be resolved.
        """
        found = resolve(host, port, type=socket.SOCK_STREAM)
        literal = is_literal(host)
        networks = self.granted.get(origin, [])
        good = [info for info in found if literal or _permitted(info[4][0], networks)]
        if not good:
            raise FetchError(
                f"{origin} leads to an inner address; grant its network in the allow-list"
                f" ({origin}=10.0.0.0/8) if that is meant"
            )
        return good


def is_literal(host: str) -> bool:
    """Return whether a host is meant as it stands: an address, or this machine."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.lower() in _LOCAL_NAMES
    return True


def _permitted(address: str, networks: Iterable[Network]) -> bool:
    ip = _inner(ipaddress.ip_address(address.partition("%")[0]))
    if ip.is_multicast or ip.is_unspecified or ip.is_link_local:
        return False
    return ip.is_global or any(ip in n for n in networks if n.version == ip.version)


def _inner(ip: Ip) -> Ip:
    """Return the IPv4 address that an IPv6 one only wraps: it is the one that is reached."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)


def origin_of(url: str) -> str:
    """Return scheme://host:port of a URL, the form of the allow-list."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError as error:
        raise ValueError(f"not a host name: {host[:60]!r}") from error
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}:{parts.port or PORTS.get(parts.scheme, 0)}"


class CheckedAdapter(HTTPAdapter):
    """Lets requests connect to checked addresses only, and can cut what takes too long."""

    def __init__(self, allowed: AllowList, resolve: Resolve = socket.getaddrinfo) -> None:
        self.allowed, self.resolve = allowed, resolve
        self.open: weakref.WeakSet[HTTPConnection] = weakref.WeakSet()
        self._lock = threading.Lock()
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of our own connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self)

    def connect(self, conn: HTTPConnection, scheme: str) -> socket.socket:
        """Return a socket to an address of the connection's host that passed the check."""
        host, port = conn.host.strip("[]"), conn.port or PORTS[scheme]
        origin = origin_of(f"{scheme}://{conn.host if ':' not in host else f'[{host}]'}:{port}")
        with self._lock:
            self.open.add(conn)
        try:
            infos = self.allowed.checked(origin, host, port, self.resolve)
            return dial(infos, conn.timeout)
        except OSError as error:
            raise NewConnectionError(conn, f"{origin}: {error}") from error

    def cut(self) -> None:
        """End every open connection: whoever waits for an answer gets an end of file."""
        with self._lock:
            connections = list(self.open)
        for conn in connections:
            try:
                if conn.sock is not None:
                    conn.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it ended by itself


class Watch:
    """Cuts the line when the whole answer takes too long, whatever still drips in."""

    def __init__(self, adapter: CheckedAdapter, seconds: float) -> None:
        self.seconds, self._deadline = seconds, time.monotonic() + seconds
        self._timer = threading.Timer(seconds, adapter.cut)
        self._timer.daemon = True

    def __enter__(self) -> Watch:
        self._timer.start()
        return self

    def __exit__(self, *_args: object) -> None:
        self._timer.cancel()

    def over(self) -> bool:
        """Return whether the time is up."""
        return time.monotonic() >= self._deadline


def dial(infos: list[Any], timeout: Any) -> socket.socket:
    """Connect to the first address that answers."""
    last: OSError | None = None
    for family, kind, proto, _, address in infos:
        sock = socket.socket(family, kind, proto)
        try:
            if isinstance(timeout, int | float):
                sock.settimeout(timeout)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
        except OSError as error:
            last = error
            sock.close()
        else:
            return sock
    raise last or OSError("no address")


def _pools(adapter: CheckedAdapter) -> dict[str, Any]:
    """Return pool classes whose connections are made by `adapter`."""

    class Http(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return adapter.connect(self, "http")

    class Https(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return adapter.connect(self, "https")

    class HttpPool(HTTPConnectionPool):
        ConnectionCls = Http

    class HttpsPool(HTTPSConnectionPool):
        ConnectionCls = Https

    return {"http": HttpPool, "https": HttpsPool}
