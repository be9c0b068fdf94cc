"""Where is a source asked? Addresses may live in the environment, secrets always do."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from data.catalogue.entries import Source

SIMULATOR = "${SIMULATOR}"
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


@dataclass(frozen=True)
class Address:
    """One address: as it is called, and as it may be shown, logged and stored."""

    url: str
    shown: str


def addresses(
    source: Source, *, simulator: str, environ: Mapping[str, str] = os.environ
) -> list[Address]:
    """Return the addresses of `source` that have all their variables, in file order."""
    found = []
    for template in source.urls:
        plain = template.replace(SIMULATOR, simulator)
        names = _VARIABLE.findall(plain)
        if all(environ.get(name) for name in names):
            url = _VARIABLE.sub(lambda m: environ[m[1]], plain)
            whole = _VARIABLE.fullmatch(plain) is not None
            found.append(Address(url, _without_secrets(url) if whole else plain))
    return found


def connected(source: Source, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether the source is asked by the collector: it has an address."""
    if source.sql is not None:
        return bool(environ.get(source.sql.address))
    return bool(addresses(source, simulator="-", environ=environ))


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
