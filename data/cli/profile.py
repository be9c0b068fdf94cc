"""What is in this unknown table? Looks, proposes a mapping, stores nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import yaml

from data.catalogue import catalogue
from data.cli.mappings import place_of
from data.connectors.connector import PayloadError
from data.tables.profile import profile as look_at

SHOWN = 40


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--sheet", help="Name of a sheet, or [2] for the second.")
@click.option(
    "--write", "target", help="Save the proposed mapping: name in the catalogue, or file."
)
@click.option("--force", is_flag=True, help="Overwrite a mapping that is there.")
def profile(file: Path, as_json: bool, sheet: str | None, target: str | None, force: bool) -> None:
    """Look at a table in FILE: what it holds, what is unsure, how it could be mapped.

    Ends with 2 when the file is no table or cannot be read whole.
    """
    try:
        if file.is_dir():
            raise PayloadError("cannot be read: is a directory")
        found = look_at(file, catalogue(), sheet=sheet).as_json()
    except PayloadError as error:
        said = f"profile: {click.format_filename(file)}: {error}"
        click.echo(said.encode(errors="replace"), err=True)
        sys.exit(2)
    found["file"] = click.format_filename(file)
    if target:
        _write(place_of(target), found, force=force)
    text = json.dumps(found, ensure_ascii=False) if as_json else _as_table(found)
    click.echo(text.encode(errors="replace"))


def _write(path: Path, found: dict[str, Any], *, force: bool) -> None:
    """Save the proposal with its doubts above; never over another mapping unasked."""
    if path.exists() and not force:
        click.echo(f"profile: {path} is there already; --force overwrites it", err=True)
        sys.exit(2)
    doubts = "".join(f"# - {' '.join(str(d).split())}\n" for d in found["doubts"])
    head = f"# Proposed from {Path(found['file']).name}. A person must look at:\n{doubts}"
    body = yaml.safe_dump(found["mapping"], allow_unicode=True, sort_keys=False, width=100)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(head + body, encoding="utf-8")
    except OSError as error:
        click.echo(f"profile: {path}: {error.strerror}", err=True)
        sys.exit(2)
    click.echo(f"wrote {path}", err=True)


def _as_table(found: dict[str, Any]) -> str:
    lines = [f"{found['file']}: {found['kind']}"]
    if found["encoding"]:
        lines[0] += f", {found['encoding']}, cells cut by {found['delimiter']!r}"
    for sheet in found["sheets"]:
        mark = "*" if sheet["name"] == found["sheet"] else " "
        hidden = ", hidden" if sheet["hidden"] else ""
        size = f"{sheet['rows']} x {sheet['columns']}, {sheet['merged']} merged{hidden}"
        lines.append(f" {mark} sheet {sheet['name']}: {size}")
    lines.append(
        f"  header {_rows(found['header_rows'])}; data {found['data_first_row']} to"
        f" {found['data_last_row']}: {found['rows']} rows; totals {_rows(found['total_rows'])};"
        f" notes {_rows(found['note_rows'])}; blank {_rows(found['blank_rows'])}"
    )
    lines += [_column(column) for column in found["columns"][:SHOWN]]
    if len(found["columns"]) > SHOWN:
        lines.append(f"  and {len(found['columns']) - SHOWN} more columns")
    lines += ["unsure:", *(f"  - {doubt}" for doubt in found["doubts"][:SHOWN])]
    if len(found["doubts"]) > SHOWN:
        lines.append(f"  and {len(found['doubts']) - SHOWN} more")
    body = yaml.safe_dump(found["mapping"], allow_unicode=True, sort_keys=False, width=100)
    return "\n".join([*lines, "proposed mapping:", *(f"  {row}" for row in body.splitlines())])


def _rows(rows: list[int]) -> str:
    if not rows:
        return "none"
    return ", ".join(map(str, rows[:6])) + (" …" if len(rows) > 6 else "")


def _column(column: dict[str, Any]) -> str:
    cells = f"  {column['index']:>3}  {column['kind']:<8}  {column['name'][:44]}"
    if column["unit"]:
        cells += f" [{column['unit']}]"
    if column["min"] is not None:
        cells += f"  {column['min']} … {column['max']}"
    if column["missing"]:
        cells += f"  missing {column['missing']}"
    if column["suppressed"]:
        cells += f"  suppressed {column['suppressed']}"
    return cells
