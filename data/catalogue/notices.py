"""The targets of notices: which there are, where each is reached, what is unsafe about that."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from data.catalogue.alarm_entries import NoticeTarget
from data.catalogue.reading import CatalogueError, read_entry, read_yaml

SETTING = re.compile(r"ZHIZHI_NOTIFY_[A-Z0-9_]{1,40}")
EXTRAS = ("SECRET", "USER", "PASSWORD", "FROM", "TO")
"""What stands beside an address, in settings named after it: <setting>_SECRET."""
SCHEMES = {
    "wecom": ("https", "http"),
    "dingtalk": ("https", "http"),
    "feishu": ("https", "http"),
    "webhook": ("https", "http"),
    "mail": ("smtps", "smtp"),
    "heartbeat": ("file", "https", "http"),
}
KEYED = frozenset({"wecom", "dingtalk", "feishu"})
"""Their address holds a key by their own design: it never goes in the clear."""
_SECRET = re.compile(r"(?i)(token|key|secret|passw|pwd|sign|auth)")


@dataclass(frozen=True)
class Channel:
    """Where and how one target is reached. Nothing of it is ever logged, stored or shown."""

    target: NoticeTarget
    url: str = field(repr=False)
    extras: Mapping[str, str] = field(repr=False, default_factory=dict)


def read_notices(folder: Path) -> dict[str, NoticeTarget]:
    """Read notices.yaml; a catalogue without one tells nobody. Raises CatalogueError."""
    path = folder / "notices.yaml"
    if not path.is_file():
        return {}
    found: dict[str, NoticeTarget] = {}
    for row in read_yaml(path) or []:
        target = read_entry(NoticeTarget, row, path)
        if target.key in found:
            raise CatalogueError(f"notices.yaml: {target.key} stands twice")
        if not SETTING.fullmatch(target.setting):
            raise CatalogueError(
                f"notices.yaml, entry {target.key}: setting must be the name of one, "
                "ZHIZHI_NOTIFY_...; addresses and keys stand in the environment"
            )
        found[target.key] = target
    return found


def settings_of(targets: Mapping[str, NoticeTarget]) -> frozenset[str]:
    """Return the names of all settings that targets read."""
    names = {t.setting for t in targets.values()}
    return frozenset(names | {f"{name}_{extra}" for name in names for extra in EXTRAS})


def channel(
    target: NoticeTarget, heartbeat: Path, environ: Mapping[str, str] = os.environ
) -> Channel | None:
    """Return how a target is reached, None if it has no address.

    heartbeat: the file a heartbeat is written to when its setting names no other place.

    Raises:
        ValueError: the address cannot be used; told without the address itself.
    """
    url = environ.get(target.setting, "").strip()
    if not url and target.kind == "heartbeat":
        url = heartbeat.resolve().as_uri()
    if not url:
        return None
    named = {x: environ.get(f"{target.setting}_{x}", "").strip() for x in EXTRAS}
    found = Channel(target, url, {name: value for name, value in named.items() if value})
    fault = unsafe(found)
    if fault:
        raise ValueError(f"{target.setting}: {fault}")
    return found


def unsafe(found: Channel) -> str:
    """Return what is wrong with an address, "" if nothing is; the address is not in it."""
    kind = found.target.kind
    try:
        parts = urlsplit(found.url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "no address"
    if parts.scheme not in SCHEMES[kind]:
        return f"{kind} needs {' or '.join(s + '://' for s in SCHEMES[kind])}"
    if parts.scheme == "file":
        return "" if parts.path and not parts.netloc else "file:///folder/file is needed"
    if not host:
        return "no host in the address"
    if parts.username or parts.password:
        return f"user and password do not belong into an address: {found.target.setting}_USER"
    return _open_secret(found, parts.scheme, host) or _lacks(found)


def _open_secret(found: Channel, scheme: str, host: str) -> str:
    """Return what would be told to who listens on the way, or reads the logs of a proxy."""
    kind, clear = found.target.kind, scheme in ("http", "smtp") and not loopback(host)
    if kind in KEYED:
        return "the address holds a key: https:// is needed" if clear else ""
    if kind == "mail":
        return ""  # a password is only ever sent after STARTTLS
    for name, _ in parse_qsl(urlsplit(found.url).query, keep_blank_values=True):
        if _SECRET.search(name):
            return f"a secret does not belong into the address ({name}=): use its _SECRET setting"
    return ""


def _lacks(found: Channel) -> str:
    if found.target.kind != "mail":
        return ""
    missing = [x for x in ("FROM", "TO") if x not in found.extras]
    return f"{found.target.setting}_{missing[0]} is not set" if missing else ""


def loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
