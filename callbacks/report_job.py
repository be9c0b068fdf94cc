"""One export from the machine's shell: `python -m data report weekly` runs this as a child.

Workbook and document are written from the store. For a PDF it starts a web server of its own and
lets a browser read the page there; the server loads while this process loads what it needs itself,
which is why it imports so little here. Says how far it is on stderr; ends with 0, or with 2 and one
line of why not.
"""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import ExitStack
from importlib import import_module
from typing import Any

from callbacks.report_server import printer

LANGUAGES, KINDS = ("zh", "en"), ("pdf", "xlsx", "docx")


def main(arguments: list[str] | None = None) -> int:
    """Make one file; return the exit status."""
    asked = _parsed(arguments)
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(2))
    with ExitStack() as held:
        pdf = asked.format == "pdf"
        server = held.enter_context(printer()) if pdf else None
        made: Any = import_module("callbacks.report_made")
        return int(made.status(asked, server))


def _parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="report weekly")
    parser.add_argument("--week", default="")
    parser.add_argument("--area", default="")
    parser.add_argument("--lang", default=LANGUAGES[0], choices=LANGUAGES)
    parser.add_argument("--format", default=KINDS[0], choices=KINDS)
    parser.add_argument("--out", default="")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
