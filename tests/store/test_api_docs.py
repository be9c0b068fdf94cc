"""docs/api.md is true: its calls are made as they stand there, and answer what stands there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from urllib.parse import quote, urlencode

from data.models import metadata
from tests.store.api_client import Caller, caller
from tests.store.support import sqlite_only

__all__ = ["caller"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
_CALL = re.compile(r"```bash\n(.*?)```(?:\s*```json ([0-9]+)\n(.*?)```)?", re.DOTALL)


def calls():
    """Return each documented call with its status and answer, None where none is told."""
    for words, status, answer in _CALL.findall(PAGE.read_text(encoding="utf-8")):
        yield words, int(status or 200), json.loads(answer) if answer else None


def made(caller: Caller, words: str, token: str):
    """Make one call as curl would."""
    parts = shlex.split(words.replace("\\\n", " "))
    assert parts[0] == "curl"
    method, headers, data, form, url, asked = None, {}, [], False, "", False
    rest = iter(parts[1:])
    for part in rest:
        if part == "-X":
            method = next(rest)
        elif part == "-H":
            name, _, text = next(rest).partition(": ")
            headers[name] = text.replace("$TOKEN", token)
        elif part in ("-d", "--data-binary"):
            data.append(next(rest))
            form = form or part == "-d"
        elif part == "--data-urlencode":
            name, _, text = next(rest).partition("=")
            data.append(f"{name}={quote(text.replace('$TOKEN', token))}")
        elif part == "-G":
            asked = True
        elif part != "-s":
            url = part.replace("$BASE", "/api/v1")
    if asked:
        pairs = [tuple(d.split("=", 1)) for d in data]
        return caller.server.test_client().get(f"{url}?{urlencode(pairs)}", headers=headers)
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    assert method == "POST"
    return caller.server.test_client().post(url, data="&".join(data).encode(), headers=headers)


@sqlite_only
def test_every_documented_call_answers_what_is_documented(caller: Caller):
    token, tried = caller.token(), 0
    for words, status, told in calls():
        answer = made(caller, words, token)
        assert answer.status_code == status, (words, answer.text)
        tried += 1
        if told is None:
            continue
        said = answer.json
        if isinstance(said, list):
            said[0]["service_request_id"] = "…"
        assert said == told, words
    assert tried >= 7


def test_every_list_setting_and_status_is_documented():
    text = PAGE.read_text(encoding="utf-8")
    for word in ("areas", "indicators", "sources", "observations", "cases", "alerts", "events",
                 "requests", "as_of", "descendants", "Idempotency-Key", "Retry-After"):  # fmt: skip
        assert word in text
    for status in (200, 207, 400, 401, 403, 409, 413, 415, 422, 429, 503):
        assert str(status) in text
    assert "api_token" in metadata.tables
