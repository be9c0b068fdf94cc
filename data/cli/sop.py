"""Standing procedures from a shell: for houses that keep theirs as YAML under version control."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import yaml
from sqlalchemy import Connection

from data.cases.change import Code, Refusal
from data.cases.loop import Actor
from data.cases.procedures import SopVersion, compared
from data.catalogue import catalogue
from data.catalogue.loop_entries import Sop
from data.cli.refused import Refused, no_such
from data.commands.cases import decide_sop, propose_sop
from data.queries.accounts import account_rows, find_account
from data.queries.procedures import sop_versions
from data.store import Store, open_store, utc_now
from data.vocabulary import LOCAL

MARKS = {"same": " ", "changed": "~", "moved": ">", "added": "+", "removed": "-"}
SAID = {
    Code.WRONG_ROLE: "this is for: {roles}",
    Code.OTHER_AREA: "a procedure is decided by an account of the whole city",
    Code.OWN_APPROVAL: "whoever proposed it cannot decide it: a second person has to",
    Code.ALREADY_DONE: "this version was decided already",
    Code.OUT_OF_DATE: "version {now} holds by now",
    Code.MISSING_FIELD: "{field} is missing: --{field}",
    Code.TOO_LONG: "{field} may have {limit}, it has {length}",
    Code.UNKNOWN_CHOICE: "no such {field}: {value}",
    Code.BAD_VALUE: "{said}",
}
by_option = click.option("--by", required=True, metavar="ACCOUNT", help="name of who acts")
reason_option = click.option("--reason", default="", help="why; needed to propose and to refuse")


@click.group()
def sop() -> None:
    """Procedures: list and show versions, propose one, approve or refuse it."""


@sop.command("list")
def show_all() -> None:
    """Print every procedure, its version in force and what waits for a decision."""
    with _reading() as conn:
        every = sop_versions(conn, catalogue())
    for code, versions in every.items():
        holds = next((x for x in versions if x.in_force), None)
        said = f"version {holds.sop.version}, {len(holds.sop.steps)} steps" if holds else "none yet"
        waits = [f"{code}@{x.sop.version}" for x in versions if x.state == "proposed"]
        more = f"  waits for a decision: {', '.join(waits)}" if waits else ""
        _say(f"{code:<24} {said:<22} {versions[0].sop.name['zh']}{more}")


@sop.command()
@click.argument("name", metavar="CODE[@VERSION]")
def show(name: str) -> None:
    """Print a procedure as YAML, as `propose` takes it; who proposed and decided it as remarks."""
    with _reading() as conn:
        versions = _versions(conn, name.partition("@")[0])
    chosen = _chosen(name, versions)
    for line in _remarks(versions, chosen):
        _say(f"# {line}")
    _say(yaml.safe_dump([_entry(chosen.sop)], allow_unicode=True, sort_keys=False, width=100))


@sop.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@by_option
@reason_option
def propose(file: Path, by: str, reason: str) -> None:
    """Propose what FILE says: one entry as in sops.yaml. Its version is the next free one."""
    entry = _read(file)
    code = str(entry.pop("code", ""))
    entry.pop("version", None)
    if not code:
        raise Refused(f"{file.name}: code is missing")
    with _writing() as (conn, actor):
        found = propose_sop(
            conn, catalogue(), code, entry, reason, actor=actor(by), now=utc_now(), origin="shell"
        )
        if isinstance(found, Refusal):
            raise Refused(f"{file.name}: {_words(found)}")
        version = next(x for x in _versions(conn, code) if x.id == found).sop.version
    _say(f"{code}@{version} is proposed; it holds once somebody else approved it")


@sop.command()
@click.argument("name", metavar="CODE@VERSION")
@by_option
@reason_option
def approve(name: str, by: str, reason: str) -> None:
    """Approve a proposed version; not by whoever proposed it. New cases start from it."""
    _decide(name, by, reason, approved=True)
    _say(f"{name} is approved; new cases start from it")


@sop.command()
@click.argument("name", metavar="CODE@VERSION")
@by_option
@reason_option
def refuse(name: str, by: str, reason: str) -> None:
    """Refuse a proposed version; nothing changes."""
    _decide(name, by, reason, approved=False)
    _say(f"{name} is refused; nothing changes")


def _decide(name: str, by: str, reason: str, *, approved: bool) -> None:
    with _writing() as (conn, actor):
        version = _chosen(name, _versions(conn, name.partition("@")[0]), named=True)
        if version.id is None:
            raise Refused(f"{name} is in the catalogue: there is nothing to decide")
        found = decide_sop(
            conn, catalogue(), version.id, approved=approved, reason=reason, actor=actor(by),
            now=utc_now(), origin="shell",
        )  # fmt: skip
        if isinstance(found, Refusal):
            raise Refused(_words(found))


def _versions(conn: Connection, code: str) -> list[SopVersion]:
    every = sop_versions(conn, catalogue())
    if code not in every:
        raise Refused(no_such("procedure", code, every))
    return every[code]


def _chosen(name: str, versions: list[SopVersion], *, named: bool = False) -> SopVersion:
    """Return the version that CODE@VERSION names, without one the one in force."""
    _code, _at, version = name.partition("@")
    if not version:
        if named:
            raise Refused(f"say which version: {name}@{versions[0].sop.version}")
        return next((x for x in versions if x.in_force), versions[0])
    found = next((x for x in versions if str(x.sop.version) == version), None)
    if found is None:
        known = ", ".join(str(x.sop.version) for x in versions)
        raise Refused(f"no such version: {name}; known: {known}")
    return found


def _remarks(versions: list[SopVersion], chosen: SopVersion) -> Iterator[str]:
    yield f"{chosen.state}{', in force' if chosen.in_force else ''}"
    if chosen.proposed_at:
        yield f"proposed {_local(chosen.proposed_at)} by {chosen.proposed_name}"
    if chosen.decided_at:
        yield f"{chosen.state} {_local(chosen.decided_at)} by {chosen.decided_name}"
    for line in chosen.reason.splitlines():
        yield f"reason: {line}"
    held = [x for x in versions if x.state in ("shipped", "approved")]
    base = next((x for x in held if x.sop.version < chosen.sop.version), None)
    for pair in compared(base.sop, chosen.sop) if base else ():
        step = pair.new or pair.old
        if step is not None and pair.state != "same":
            yield f"{MARKS[pair.state]} {step.no} {step.name['zh']} ({step.within} min)"


def _entry(found: Sop) -> dict[str, Any]:
    """Return a version as an entry of sops.yaml, without what is empty."""
    told = found.model_dump(mode="json", exclude_none=True)
    steps = [{"step": s.pop("no"), **s} for s in told.pop("steps")]
    return {**told, "steps": steps}


def _read(file: Path) -> dict[str, Any]:
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(f"{file.name} is no YAML: {' '.join(str(error).split())[:200]}") from None
    if isinstance(told, list) and len(told) == 1:
        told = told[0]
    if not isinstance(told, dict):
        raise Refused(f"{file.name} has to hold one procedure, as an entry of sops.yaml")
    return {str(k): v for k, v in told.items()}


def _words(refusal: Refusal) -> str:
    said = SAID.get(refusal.code, refusal.code.value)
    told = {"value": "", "said": "", **refusal.params}
    told["roles"] = ", ".join(told.get("roles", ()))
    return said.format(**told)


@contextmanager
def _store() -> Iterator[Store]:
    store = open_store()
    try:
        yield store
    finally:
        store.dispose()


@contextmanager
def _reading() -> Iterator[Connection]:
    with _store() as store, store.read() as conn:
        yield conn


@contextmanager
def _writing() -> Iterator[tuple[Connection, Callable[[str], Actor]]]:
    """Open one transaction; a refusal inside it undoes all of it."""
    with _store() as store, store.write() as conn:
        yield conn, lambda name: _actor(conn, name)


def _actor(conn: Connection, name: str) -> Actor:
    found = find_account(conn, name)
    if found is None:
        raise Refused(no_such("account", name, [row.name for row in account_rows(conn)]))
    one = found[0]
    if one.disabled_at is not None:
        raise Refused(f"account {name} is shut")
    return Actor(one.id, one.display, one.role, one.department, one.area)


def _local(at: Any) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def _say(text: str) -> None:
    # Bytes, so that Chinese arrives whatever the shell's locale is.
    click.echo(text.encode(errors="replace"))
