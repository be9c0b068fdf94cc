"""Looks at everything that this system needs and says in plain words what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from data.catalogue import Catalogue
from data.catalogue.addresses import variables
from data.catalogue.notices import settings_of
from data.logs import without_secrets
from data.ops import doctor_machine, doctor_store
from data.ops.findings import BAD, Finding, Level
from data.settings import Settings
from data.store import Store

Look = Callable[[], Iterable[Finding]]


def machine(config: Settings, environ: dict[str, str], facts: Catalogue | None) -> list[Finding]:
    """Look at this machine: nothing here needs the store."""
    sources = facts.sources.values() if facts else ()
    names = frozenset(name for source in sources for name in variables(source))
    names |= settings_of(facts.notices) if facts else frozenset()
    looks: list[tuple[str, Look]] = [
        ("python", doctor_machine.python),
        ("libraries", doctor_machine.libraries),
        ("settings", lambda: doctor_machine.switches(config, environ, names)),
        ("disk", lambda: doctor_machine.disk(config)),
        ("files", lambda: doctor_machine.files(config)),
        ("chromium", doctor_machine.chromium),
        ("fonts", doctor_machine.fonts),
        ("backups", lambda: doctor_machine.backups(config)),
    ]
    return list(_each(looks))


def store(
    found: Store, config: Settings, facts: Catalogue, *, now: datetime, stopped: bool
) -> list[Finding]:
    """Look at the store and at who works on it. stopped: nobody is meant to."""
    try:
        with found.read() as conn:
            return list(doctor_store.every(conn, config, facts, now=now, stopped=stopped))
    except SQLAlchemyError as error:
        said = without_secrets(str(getattr(error, "orig", None) or error).split("\n", 1)[0][:160])
        return [Finding("store", BAD, f"cannot be reached: {said}")]


def calendar(facts: Catalogue, *, now: datetime) -> list[Finding]:
    """Look whether the holidays of this and the next year are known."""
    return doctor_machine.calendar(facts, now=now)


def _each(looks: Iterable[tuple[str, Look]]) -> Iterator[Finding]:
    """Go on with the next look when one fails: that is a finding too."""
    for name, look in looks:
        try:
            yield from look()
        except Exception as error:
            yield Finding(name, BAD, f"could not be looked at: {type(error).__name__}: {error}")


def exit_code(findings: Iterable[Finding]) -> int:
    """Return 0 when all is well, 1 when something should be looked at, 2 when it must be."""
    return max((f.level for f in findings), default=Level.OK).value
