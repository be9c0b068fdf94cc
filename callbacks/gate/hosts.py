"""Which names this server answers to, and which machines may speak for others."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from data.settings import Settings

PEER = "zhizhi.peer"
"""Of the environ: the machine that really holds the connection, where a proxy spoke for another."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Hosts:
    """Names of this server. A foreign name that leads here (DNS rebinding) is answered by none.

    An address and this machine's own names are always good; others are named in
    ZHIZHI_TRUSTED_HOSTS or stand in ZHIZHI_PUBLIC_URL. `*` is any name.
    """

    def __init__(self, config: Settings) -> None:
        named = {h.casefold() for h in config.host_names}
        public = urlsplit(config.public_url).hostname
        self._any = "*" in named
        self._names = named | {"localhost", socket.gethostname().casefold()}
        if public:
            self._names.add(public.casefold())

    def knows(self, host: str) -> bool:
        """Return whether a Host header is one of ours."""
        name = host_name(host)
        if name is None:
            return False
        return self._any or name in self._names or _is_address(name)


def host_name(host: str) -> str | None:
    """Return the name of a Host header without its port, None for one that is no host."""
    if not host or len(host) > 260 or not host.isascii() or any(c in host for c in "/\\@?#, \t"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        _port = parts.port
    except ValueError:
        return None
    return parts.hostname.casefold() if parts.hostname else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def networks(given: Iterable[str]) -> tuple[Network, ...]:
    """Return addresses and networks that were named.

    Raises:
        ValueError: one that is neither, named.
    """
    return tuple(ipaddress.ip_network(text, strict=False) for text in given)


def within(address: str, known: Iterable[Network]) -> bool:
    """Return whether an address is in one of some networks."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in known if network.version == found.version)


class Proxied:
    """Before Flask: the address of whoever a declared proxy speaks for; else nobody is believed.

    Only the last hop that a declared proxy names counts, hop by hop from the right; what a caller
    wrote further left is theirs to invent.
    """

    def __init__(self, inner: Wsgi, proxies: Iterable[Network]) -> None:
        self._inner, self._proxies = inner, tuple(proxies)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Hand a request on."""
        peer = str(environ.get("REMOTE_ADDR", ""))
        environ[PEER] = peer
        if self._proxies and within(peer, self._proxies):
            environ["REMOTE_ADDR"] = self._caller(environ, peer)
        return self._inner(environ, start)

    def _caller(self, environ: Mapping[str, Any], peer: str) -> str:
        found = peer
        for hop in _hops(str(environ.get("HTTP_X_FORWARDED_FOR", ""))):
            found = hop
            if not within(hop, self._proxies):
                break
        return found


def _hops(header: str) -> Iterator[str]:
    for part in reversed(header[-2000:].split(",")):
        text = part.strip()
        try:
            ipaddress.ip_address(text)
        except ValueError:
            return
        yield text
