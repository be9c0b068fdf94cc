"""The weekly review as a file, from a shell.

Words and looks live in other packages than this one, so it asks a process of its own for them, as
`make run` does for the web server.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]


@click.group()
def report() -> None:
    """Take a report out of the system."""


@report.command()
@click.option("--week", default="", help="such as 2026-W47 (default: the newest that is over)")
@click.option("--area", default="", help="code of an area (default: the city)")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option(
    "--format", "kind", type=click.Choice(["pdf", "xlsx", "docx"]), default="pdf",
    show_default=True, help="pdf needs an installed Chromium",
)  # fmt: skip
@click.option("--out", default="", help="file or folder (default: here, by its own name)")
def weekly(week: str, area: str, lang: str, kind: str, out: str) -> None:
    """Write the review of a week as PDF, Excel or Word, and print where it is.

    Says on stderr how far it is. Ends with 0; with 2 and one line when there is no such week or
    area, nothing to print, no store, or no browser for a PDF.
    """
    asked = {"--week": week, "--area": area, "--lang": lang, "--format": kind, "--out": out}
    given = [f"{name}={value}" for name, value in asked.items() if value]
    where = [f"--out={Path(out).resolve()}"] if out else [f"--out={Path.cwd()}"]
    command = [sys.executable, "-m", "callbacks.report_job", *given, *where]
    child = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own interpreter
    try:
        sys.exit(child.wait())
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        sys.exit(130)
