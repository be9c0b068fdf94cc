"""What can be seen of this machine without the store."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from data.calendar import BasisKind
from data.catalogue import Catalogue
from data.ops.backup import NAME
from data.ops.findings import BAD, OK, WARN, Finding
from data.ops.product import ROOT
from data.queries.health import DISK_FREE
from data.queries.health import disk as disk_of
from data.settings import Settings

OLDEST, TRIED = (3, 11), ((3, 11),)
DISK_LOW = 0.10
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SECRET_LENGTH, TOKEN_LENGTH = 32, 16
BACKUP_OLD_S = 2 * 86400.0
PREFIX = "ZHIZHI_"
LAST_MONTH = 12
BESIDE = frozenset({"ZHIZHI_WORKERS", "ZHIZHI_DATABASE_URL", "ZHIZHI_PORT"})
"""Switches that no field of the settings is named after."""


def python() -> Iterator[Finding]:
    """Is this Python new enough, and one that was tried."""
    here = sys.version_info[:2]
    said = f"{here[0]}.{here[1]}.{sys.version_info[2]}"
    if here < OLDEST:
        yield Finding("python", BAD, f"{said}: 3.11 or newer is needed")
    elif here not in TRIED:
        yield Finding("python", WARN, f"{said}: this product is tried with 3.11")
    else:
        yield Finding("python", OK, said)


def libraries(file: Path = ROOT / "requirements.txt") -> Iterator[Finding]:
    """Are the libraries there, in the versions that were tried."""
    missing, other, count = [], [], 0
    for name, pin in _pins(file):
        count += 1
        try:
            found = version(name)
        except PackageNotFoundError:
            missing.append(name)
            continue
        if found != pin:
            other.append(f"{name} {found}, not {pin}")
    if missing:
        yield Finding("libraries", BAD, f"missing: {', '.join(missing)}; run `make setup`")
    if other:
        yield Finding("libraries", WARN, f"other versions than tried: {'; '.join(other)}")
    if not missing and not other:
        yield Finding("libraries", OK, f"{count} as pinned")


def _pins(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        found = re.match(r"([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==(\S+)", line)
        if found:
            yield found[1], found[2]


def switches(
    config: Settings, environ: dict[str, str], sources: frozenset[str]
) -> Iterator[Finding]:
    """Are the settings safe, and is each one known."""
    before = []
    known = {PREFIX + name.upper() for name in Settings.model_fields} | BESIDE | sources
    for name in sorted(n for n in environ if n.startswith(PREFIX) and n not in known):
        near = get_close_matches(name, sorted(known), n=1)
        hint = f", is {near[0]} meant?" if near else ""
        before.append(Finding("settings", WARN, f"{name} is none{hint}"))
    key = config.secret_key.get_secret_value()
    if key and len(key) < SECRET_LENGTH:
        said = f"ZHIZHI_SECRET_KEY needs at least {SECRET_LENGTH} letters"
        before.append(Finding("settings", BAD, said))
    token = config.metrics_token.get_secret_value()
    if token and len(token) < TOKEN_LENGTH:
        said = f"ZHIZHI_METRICS_TOKEN needs at least {TOKEN_LENGTH} letters: it is not accepted"
        before.append(Finding("settings", BAD, said))
    if config.host not in LOOPBACK and not config.https:
        said = f"{config.host} listens to others without ZHIZHI_HTTPS=1: put a proxy with TLS there"
        before.append(Finding("settings", WARN, said))
    if config.log_level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        before.append(Finding("settings", BAD, f"ZHIZHI_LOG_LEVEL={config.log_level} is none"))
    yield from before or [Finding("settings", OK, "all known")]


def disk(config: Settings) -> Iterator[Finding]:
    """Is there room where the files lie."""
    free, total = disk_of(config.var)
    share = free / total
    level = BAD if share < DISK_FREE else WARN if share < DISK_LOW else OK
    yield Finding("disk", level, f"{free / 1e9:.1f} GB free of {total / 1e9:.1f} at {config.var}")


def files(config: Settings) -> Iterator[Finding]:
    """May others read what signs the sessions, or write where we write."""
    folders = {config.var, Path(config.url.removeprefix("sqlite:///")).parent}
    keys = [folder / "secret.key" for folder in folders if (folder / "secret.key").is_file()]
    given = bool(config.secret_key.get_secret_value())
    for path in keys:
        mode = path.stat().st_mode & 0o777
        if mode & 0o077:
            words = f"others may read {path} ({mode:o}): chmod 600 {path}"
            yield Finding("secret key", BAD, words)
        else:
            yield Finding("secret key", OK, f"{path}, {mode:o}")
    if not keys:
        said = "from the environment" if given else "none yet: made at the first start"
        yield Finding("secret key", OK, said)
    if config.var.exists() and config.var.stat().st_mode & 0o002:
        yield Finding(
            "files", BAD, f"everybody may write into {config.var}: chmod o-w {config.var}"
        )


def chromium() -> Iterator[Finding]:
    """Is there a browser for pages on paper."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    path = path or shutil.which("google-chrome")
    if path:
        yield Finding("chromium", OK, path)
    else:
        words = "not found: tests of the screens, and printing here, need it (apt install chromium)"
        yield Finding("chromium", WARN, words)


def fonts(folder: Path = ROOT / "assets" / "fonts") -> Iterator[Finding]:
    """Are all the fonts there that the styles name."""
    styles = folder / "fonts.css"
    if not styles.is_file():
        yield Finding("fonts", BAD, f"{styles} is missing: install the product again")
        return
    named = set(re.findall(r"url\(([^)]+)\)", styles.read_text(encoding="utf-8")))
    missing = sorted(name for name in named if not (folder / name).is_file())
    if missing:
        words = f"{len(missing)} of {len(named)} missing, first {missing[0]}: install again"
        yield Finding("fonts", BAD, words)
    else:
        yield Finding("fonts", OK, f"{len(named)} files")


def backups(config: Settings) -> Iterator[Finding]:
    """Is there a backup, and not an old one. A demonstration needs none."""
    folder = config.backup_folder
    made = [p for p in folder.iterdir() if NAME.fullmatch(p.name)] if folder.is_dir() else []
    if not made:
        words = f"none in {folder}: `python -m data backup`"
        yield Finding("backups", OK if config.demo else WARN, words)
        return
    newest = max(made)
    age = time.time() - newest.stat().st_mtime
    words = f"{len(made)}, newest {newest.name}, {age / 3600:.0f} h old"
    yield Finding("backups", WARN if age > BACKUP_OLD_S else OK, words)


def calendar(facts: Catalogue, *, now: datetime) -> list[Finding]:
    """Look whether the days off and make-up days of this and the next year are known.

    The notice comes in November: before December the next year may lack it.
    """
    found = []
    for year in (now.year, now.year + 1):
        basis = facts.calendar.basis(year)
        if basis.kind is not BasisKind.FIXED:
            found.append(Finding("calendar", OK, f"{year}: {basis}"))
            continue
        words = (
            f"{year}: only the days that the law fixes are known; add the notice's days to "
            f"calendars/{facts.calendar.country}.csv when it is out"
        )
        next_one = WARN if now.month == LAST_MONTH else OK
        found.append(Finding("calendar", BAD if year == now.year else next_one, words))
    return found
