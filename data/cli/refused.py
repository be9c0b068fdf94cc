"""A wish that cannot be met: one line on stderr, exit status 2."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import click

NEAREST = 5
SHOWN = 40


class Refused(click.ClickException):
    """What was named is not there, or cannot be done."""

    exit_code = 2


def no_such(what: str, asked: str, known: Iterable[str]) -> str:
    """Return that there is no such thing, and the names most like the one that was asked."""
    names = sorted(known)
    near = get_close_matches(asked.lower(), names, n=NEAREST, cutoff=0.5)
    near += [n for n in names if n not in near and len(asked) > 2 and asked.lower() in n.lower()]
    if near:
        return f"no such {what}: {asked}; nearest: {', '.join(near[:NEAREST])}"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"no such {what}: {asked}; known: {', '.join(names[:SHOWN])}{more}"
