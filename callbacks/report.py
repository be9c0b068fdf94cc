"""The weekly review as a file: workbook, document, PDF; with each its entry in the audit.

`/weekly/report.pdf?week=2026-W47&area=441600` answers with the file. With `progress=1` it answers
with lines of JSON, each how far it is, the last one the file: no worker must know of a job of
another one's, and who closes the page ends the print.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, redirect, request
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.pages import chosen_language
from callbacks.print_browser import PrintError, Stage
from callbacks.print_queue import QueueFullError
from callbacks.report_note import note_export
from callbacks.report_print import print_week, stage_words, trouble
from callbacks.report_wish import (
    KINDS,
    PAGE,
    Wish,
    WishError,
    edition_of,
    gather,
    make,
    read_wish,
)
from components.i18n import _, use
from components.person import login_address
from components.report import Edition, file_name
from data.catalogue import Catalogue
from data.commands.audit import By
from data.logs import logger
from data.settings import Settings
from data.store import Store, utc_now
from data.vocabulary import Role
from data.vocabulary.meeting import Minutes
from data.vocabulary.review import Review

log = logger("report")
READERS = frozenset(
    {Role.VIEWER, Role.OPERATOR, Role.DEPARTMENT, Role.LEADER, Role.STEWARD, Role.AUDITOR}
)
LINES = "application/x-ndjson"


@dataclass(frozen=True)
class House:
    """What exports work with. inner: where this machine reaches the web server."""

    store: Store
    catalogue: Catalogue
    config: Settings
    inner: str
    folder: Path


@dataclass(frozen=True)
class Order:
    """One export: of which content, for whom. ticket: makes one for the browser that prints."""

    wish: Wish
    review: Review
    minutes: Minutes
    edition: Edition
    by: By
    ticket: Callable[[], str] | None

    @property
    def name(self) -> str:
        """What the file is called."""
        return file_name(self.review, self.edition, self.wish.kind)


def register(
    server: Flask, store: Store, catalogue: Catalogue, config: Settings, *, inner: str = ""
) -> None:
    """Attach the exports' addresses. inner: for tests."""
    house = House(store, catalogue, config, inner or inner_address(config), config.var / "print")

    def export(kind: str) -> Response:
        lang = chosen_language(dict(request.args))
        with use(lang):
            return _answered(house, kind, lang)

    for kind in KINDS:
        server.add_url_rule(
            f"{PAGE}/report.{kind}", f"report {kind}", export, defaults={"kind": kind}
        )


def inner_address(config: Settings) -> str:
    """Return where this machine itself reaches the web server."""
    every = config.host in ("", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
    return f"http://{'127.0.0.1' if every else config.host}:{config.port}"


def _answered(house: House, kind: str, lang: str) -> Response:
    """Return the file, its progress, or in words why there is none."""
    lines = request.args.get("progress") == "1"
    try:
        order = _order(house, kind, lang)
    except identity.NotSignedIn:
        if not lines:
            back = f"{PAGE}?{request.query_string.decode('ascii', 'replace')}"
            return redirect(login_address(back, said="first"), 302)  # type: ignore[return-value]
        return _refused(_("Sign in first"), 401)
    except identity.Refused:
        return _refused(_("No access"), 403)
    except WishError as wrong:
        return _refused(str(wrong), 400)
    except (identity.StoreLost, SQLAlchemyError) as error:
        log.warning("nothing can be exported", error=str(error).split("\n")[0])
        return _refused(_("Database unavailable"), 503)
    if lines:
        return _private(Response(_lines(house, order, lang), mimetype=LINES))
    for step, status in _steps(house, order):
        if "refused" in step:
            return _refused(step["refused"], status)
        if "data" in step:
            return _file(order, step["data"])
    raise RuntimeError("an export ended without an end")


def _order(house: House, kind: str, lang: str) -> Order:
    """Return what is to be made. Raises what `identity.require` raises, and WishError."""
    actor = identity.require(*READERS)
    now = utc_now()
    wish = read_wish(kind, request.args, house.catalogue, now, lang=lang)
    review, added = gather(house.store, house.catalogue, wish, identity.scope(actor), now)
    base = house.config.public_url or request.host_url
    edition = edition_of(house.catalogue, wish, base=base, made=now, by=actor.name)
    ticket = identity.tickets_for(wish.address) if kind == "pdf" else None
    identity.touch()
    return Order(wish, review, added, edition, identity.by(actor), ticket)


def _steps(house: House, order: Order) -> Generator[tuple[dict[str, Any], int]]:
    """Yield how far it is; the last step holds the file's bytes, or why there is none.

    It runs while the answer is sent, so it asks nothing of the request.
    """
    try:
        made = b""
        if order.wish.kind == "pdf":
            for step in _printed(house, order):
                if isinstance(step, bytes):
                    made = step
                else:
                    words, share = stage_words(step)
                    yield {"words": words, "done": share}, 200
        else:
            yield {"words": _("Writing the file"), "done": 0.3}, 200
            made = make(order.wish, order.review, order.minutes, order.edition)
        _note(house, order, "done", made)
        yield {"data": made}, 200
    except (PrintError, QueueFullError) as error:
        log.warning("a print failed", why=str(error))
        words, status = trouble(error)
        _note(house, order, "failed", b"")
        yield {"refused": words}, status
    except SQLAlchemyError as error:
        log.warning("an export cannot be noted", error=str(error).split("\n")[0])
        yield {"refused": _("Database unavailable")}, 503


def _printed(house: House, order: Order) -> Iterator[Stage | bytes]:
    if order.ticket is None:
        raise RuntimeError("a print needs a ticket")
    return print_week(
        order.wish,
        inner=house.inner,
        title=order.name.removesuffix(".pdf"),
        ticket=order.ticket,
        browser=house.config.chromium,
        folder=house.folder,
    )


def _note(house: House, order: Order, outcome: str, made: bytes) -> None:
    mark = order.review["mark"]
    note_export(house.store, order.by, order.wish, mark, made, outcome=outcome)


# ---- answers ----


def _lines(house: House, order: Order, lang: str) -> Iterator[str]:
    """Yield each step as a line of JSON."""
    with closing(_steps(house, order)) as steps:
        while True:
            with use(lang):  # not around a yield: other answers are worded meanwhile
                step, _status = next(steps, ({}, 0))
            if not step:
                return
            if "data" in step:
                packed = base64.b64encode(step["data"]).decode("ascii")
                step = {"file": order.name, "type": KINDS[order.wish.kind], "data": packed}
            yield json.dumps(step, ensure_ascii=False) + "\n"


def _file(order: Order, made: bytes) -> Response:
    response = Response(made, mimetype=KINDS[order.wish.kind])
    response.headers["Content-Disposition"] = disposition(order.name)
    return _private(response)


def disposition(name: str) -> str:
    """Return the header that names a file: in ASCII for old readers, whole by RFC 5987."""
    plain = f"report.{name.rsplit('.', 1)[-1]}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _refused(words: str, status: int) -> Response:
    if request.args.get("progress") == "1":
        body, kind = json.dumps({"refused": words}, ensure_ascii=False) + "\n", LINES
    else:
        body, kind = words + "\n", "text/plain; charset=utf-8"
    return _private(Response(body, status, content_type=kind))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response
