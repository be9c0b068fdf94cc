"""Where is a source asked? Addresses may live in the environment, secrets always do."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from data.catalogue.entries import Source

SIMULATOR = "${SIMULATOR}"
BUILTIN = ("SIMULATOR", "INBOX")
"""Variables that the settings fill, not the environment."""

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


@dataclass(frozen=True)
class Address:
    """One address: as it is called, and as it may be shown, logged and stored."""

    url: str
    shown: str


def addresses(
    source: Source, builtin: Mapping[str, str], environ: Mapping[str, str] = os.environ
) -> list[Address]:
    """Return the addresses of `source` that have all their variables, in file order.

    builtin: what SIMULATOR and INBOX stand for; these may be shown.
    """
    found = []
    for template in source.urls:
        plain = _VARIABLE.sub(lambda m: builtin.get(m[1], m[0]), template)
        if all(environ.get(name) for name in _VARIABLE.findall(plain)):
            url = _VARIABLE.sub(lambda m: environ[m[1]], plain)
            whole = _VARIABLE.fullmatch(plain) is not None
            found.append(Address(url, _without_secrets(url) if whole else plain))
    return found


def connected(source: Source, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether the source is asked by the collector: it has an address."""
    if source.sql is not None:
        return bool(environ.get(source.sql.address))
    return bool(addresses(source, dict.fromkeys(BUILTIN, "-"), environ))


def variables(source: Source) -> frozenset[str]:
    """Return the environment variables that a source reads: its addresses and its secrets."""
    named = {name for template in source.urls for name in _VARIABLE.findall(template)}
    named |= {source.key_env} | ({source.sql.address} if source.sql is not None else set())
    return frozenset(named - {"", *BUILTIN})


def waits(source: Source) -> bool:
    """Return whether nobody is to expect anything of the source before its first file."""
    return source.waits or not connected(source)


def simulated(source: Source) -> bool:
    """Return whether the demo city speaks for this source."""
    return any(SIMULATOR in url for url in source.urls)


def _without_secrets(url: str) -> str:
    """Return the URL without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "...", "" ) if parts.query else
                          (parts.scheme, host, parts.path, "", ""))  # fmt: skip
    except ValueError:
        return "an address that is none"
