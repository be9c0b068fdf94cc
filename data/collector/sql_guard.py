"""Only one question, only reading, and no password in any message."""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from data.collector.outbound import FetchError

READ_ONLY = {
    "postgresql": "set transaction read only",
    "mysql": "set transaction read only",
    "mariadb": "set transaction read only",
    "oracle": "set transaction read only",
    "sqlite": "pragma query_only = on",
}
"""How each database is told that nothing may be written. Others are not asked at all."""

_TOKEN = re.compile(
    r"(?P<skip>--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`"
    r"|(?<![A-Za-z0-9_])\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_$]*)|(?P<end>;)|(?P<open>/\*|['\"`])|.",
    re.DOTALL,
)
_FORBIDDEN = frozenset(
    {"insert", "update", "delete", "merge", "truncate", "drop", "alter", "create", "grant",
     "revoke", "copy", "attach", "detach", "vacuum", "pragma", "into", "outfile", "dumpfile"}
)  # fmt: skip
"""The read-only transaction is what holds; these words tell a steward sooner and more plainly."""


def one_select(query: str) -> str:
    """Return the query without a closing semicolon.

    Raises:
        FetchError: it is not exactly one SELECT or WITH, or one that writes.
    """
    if "\\'" in query or "\0" in query:
        raise FetchError("the query escapes a quote by a backslash; write '' instead")
    words, ended = [], False
    for token in _TOKEN.finditer(query):
        if token["open"]:
            raise FetchError("the query holds a quote or a comment that is never closed")
        if token["end"]:
            ended = True
        elif token["word"] or not (token["skip"] or token[0].isspace()):
            if ended:
                raise FetchError("the query is more than one statement")
            words.append((token["word"] or "").lower())
    if not words or words[0] not in ("select", "with"):
        raise FetchError("the query is not a SELECT")
    written = sorted(_FORBIDDEN & set(words))
    if written:
        raise FetchError(f"the query may only read: {', '.join(written)}")
    return query.strip().rstrip(";").rstrip() if ended else query.strip()


def database_url(text: str, variable: str) -> URL:
    """Return the URL of a database we know how to open for reading only.

    Raises:
        FetchError: it is none, or of another kind. Never shows the URL.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise FetchError(f"environment variable {variable} holds no database URL") from None
    backend = url.get_backend_name()
    if backend not in READ_ONLY:
        raise FetchError(f"{variable}: {backend} cannot be opened for reading only")
    if backend == "postgresql" and url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    return url


def without_secrets(message: str, url: URL) -> str:
    """Return the first line of a message with the password taken out, however it is spelled."""
    line = " ".join(message.split())[:400]
    password = str(url.password or "")
    for spelling in {password, quote(password, safe=""), quote_plus(password)} - {""}:
        line = line.replace(spelling, "***")
    return line
