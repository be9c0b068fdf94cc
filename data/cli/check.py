"""Would this file be understood? Reads it as the collector would and stores nothing."""

from __future__ import annotations

import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from data.catalogue import catalogue
from data.cli.mappings import find_mapping, wrong_with
from data.connectors.connector import Connector, Options, Parsed, PayloadError, Problem
from data.connectors.instants import zone
from data.tables.registry import CONNECTORS

SHOWN = 50
"""Problems listed for each file in the table for people."""


def _a_date(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise click.BadParameter(f"{value!r} is not a date as YYYY-MM-DD")


def _a_zone(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    try:
        return zone(value).key if value else ""
    except PayloadError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.argument("connector", type=click.Choice(sorted(CONNECTORS)))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each file.")
@click.option("--date", "day", callback=_a_date, help="Count the trips of this day (gtfs).")
@click.option("--static", type=click.Path(path_type=Path), help="Timetable zip beside gtfs-rt.")
@click.option("--tz", default="", callback=_a_zone, help="Zone of times without an offset.")
@click.option("--mapping", "mapped", help="How to read a table: name in the catalogue, or a file.")
@click.option("--max-mb", type=click.FloatRange(min=0, min_open=True), default=64.0)
def check(
    connector: str,
    files: tuple[Path, ...],
    as_json: bool,
    day: str | None,
    static: Path | None,
    tz: str,
    mapped: str | None,
    max_mb: float,
) -> None:
    """Read FILES as CONNECTOR does and say what would be taken and what refused.

    Ends with 0 when every file was understood, with 2 when one was of the wrong
    kind or could not be read, or when the mapping leaves a question open;
    refused records alone are no error.
    """
    max_bytes = int(max_mb * 1024 * 1024)
    failed, timetable = False, None
    try:
        timetable = _read(static, max_bytes) if static else None
    except PayloadError as error:
        sys.exit(_complain(static or Path(), error))
    options = Options(tz=tz, max_bytes=max_bytes, static=timetable, date=day, extra=_extra(mapped))
    for file in files:
        try:
            parsed = CONNECTORS[connector].parse(_read(file, max_bytes), options)
        except PayloadError as error:
            failed = bool(_complain(file, error))
        else:
            report = _as_json if as_json else _as_table
            _say(report(CONNECTORS[connector], file, parsed))
    mapping = options.extra.get("mapping")
    wrong = wrong_with(mapping, catalogue()) if mapping else ""
    if wrong:
        failed = bool(_complain(Path(mapped or ""), PayloadError(f"not finished: {wrong}")))
    sys.exit(2 if failed else 0)


def _extra(mapped: str | None) -> dict[str, Any]:
    if mapped is None:
        return {}
    try:
        return {"mapping": find_mapping(mapped)}
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--mapping") from error


def _read(file: Path, max_bytes: int) -> bytes:
    """Return the bytes of `file`; raise PayloadError if there is none or it is too big."""
    try:
        size = file.stat().st_size
        if file.is_file() and size > max_bytes:
            cap = f"{max_bytes / 1e6:.1f} MB allowed"
            raise PayloadError(f"the file has {size / 1e6:.1f} MB, more than the {cap}")
        return file.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise PayloadError(f"cannot be read: {reason}") from error


def _complain(file: Path, error: PayloadError) -> int:
    """Say in one line what is wrong with `file` and return the exit status."""
    said = " ".join(str(error).split())
    click.echo(f"check: {click.format_filename(file)}: {said}".encode(errors="replace"), err=True)
    return 2


def _say(text: str) -> None:
    # Bytes, so that Chinese arrives whatever the shell's locale is.
    click.echo(text.encode(errors="replace"))


def _as_json(connector: Connector[Any], file: Path, parsed: Parsed[Any]) -> str:
    facts = {
        "connector": connector.key,
        "file": click.format_filename(file),
        "records": parsed.accepted + parsed.quarantined,
        "accepted": parsed.accepted,
        "quarantined": parsed.quarantined,
        "reasons": parsed.reasons,
        "summary": parsed.summary,
    }
    return json.dumps(facts, ensure_ascii=False)


def _as_table(connector: Connector[Any], file: Path, parsed: Parsed[Any]) -> str:
    total = parsed.accepted + parsed.quarantined
    warnings = len(parsed.problems) - parsed.quarantined
    lines = [
        f"{click.format_filename(file)}: {total} read, {parsed.accepted} accepted,"
        f" {parsed.quarantined} refused, {warnings} warnings"
    ]
    # Refused ones first: a warning must not push one out of sight.
    problems = sorted(parsed.problems, key=lambda problem: not problem.refused)
    lines += [f"  {_in_words(connector, problem)}" for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"  and {len(problems) - SHOWN} more")
    return "\n".join(lines)


def _in_words(connector: Connector[Any], problem: Problem) -> str:
    verdict = "refused" if problem.refused else "warning"
    place = f"{connector.row_word} {problem.row}" if problem.row is not None else "file"
    value = f" ({' '.join(problem.value.split())})" if problem.value else ""
    cells = (f"{place:<12}", f"{problem.field or '-':<24}", f"{problem.reason:<20}")
    return f"{verdict}  {'  '.join(cells)}  {problem.detail}{value}"
