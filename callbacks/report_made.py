"""What `report_job` makes: a file from the store, or from a page that a browser reads."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from callbacks import print_ticket
from callbacks.print_browser import PrintError, Stage, find_browser
from callbacks.print_queue import QueueFullError
from callbacks.report_note import note_export
from callbacks.report_print import print_week, stage_words, trouble
from callbacks.report_server import Printer, ServerError
from callbacks.report_wish import Wish, WishError, edition_of, gather, make, read_wish
from components.i18n import _, use
from components.report import Edition, file_name
from data.catalogue import Catalogue, catalogue
from data.commands.audit import SHELL
from data.logs import configure
from data.queries.scope import EVERYTHING
from data.settings import settings
from data.store import Store, open_store, utc_now
from data.vocabulary.meeting import Minutes
from data.vocabulary.review import Review


class JobError(Exception):
    """Why there is no file, in words."""


def status(asked: argparse.Namespace, server: Printer | None) -> int:
    """Make the file that is asked for; return the exit status. server: of a PDF."""
    configure("ERROR")
    with use("en"):  # as every command speaks; the file speaks what was asked for
        try:
            path = _made(asked, server)
        except (JobError, WishError) as wrong:
            return _complain(str(wrong))
        except ServerError:
            return _complain(_("The web server for this print did not start."))
        except (PrintError, QueueFullError) as error:
            detail = getattr(error, "detail", "")
            return _complain(f"{trouble(error)[0]} ({detail})" if detail else trouble(error)[0])
        except SQLAlchemyError as error:
            said = " ".join(str(error).split("\n", 1)[0].split())
            return _complain(_("The store cannot be used: {why}").format(why=said))
        except OSError as error:
            return _complain(_("The file cannot be written: {why}").format(why=error))
    sys.stdout.write(f"{path}\n")
    return 0


def _complain(words: str) -> int:
    _say(f"report: {' '.join(words.split())}")
    return 2


def _say(words: str) -> None:
    sys.stderr.buffer.write(f"{words}\n".encode(errors="replace"))
    sys.stderr.flush()


def _made(asked: argparse.Namespace, server: Printer | None) -> Path:
    """Write the file and return where it is."""
    now, facts, config = utc_now(), catalogue(), settings()
    given = {"week": asked.week, "area": asked.area}
    wish = read_wish(asked.format, given, facts, now, lang=asked.lang)
    if wish.kind == "pdf":
        find_browser(config.chromium)
    store = open_store()
    _there(store)
    _say(_("Reading week {week}").format(week=wish.week))
    review, added = gather(store, facts, wish, EVERYTHING, now)
    edition = _edition(facts, wish, now)
    name = file_name(review, edition, wish.kind)
    path = _place(asked.out, name)
    made = _bytes(wish, review, added, edition, Path(name).stem, server)
    note_export(store, SHELL, wish, review["mark"], made)
    path.write_bytes(made)
    return path


def _there(store: Store) -> None:
    """Refuse an SQLite store that is not there, before one is made by looking."""
    name = store.engine.url.database
    if store.sqlite and name and name != ":memory:" and not Path(name).exists():
        raise JobError(_("There is no store at {path}").format(path=name))


def _place(out: str, name: str) -> Path:
    """Return where the file goes: a folder gets the file's own name."""
    path = Path(out) if out else Path(name)
    return path / name if path.is_dir() else path


def _edition(facts: Catalogue, wish: Wish, now: datetime) -> Edition:
    config = settings()
    base = config.public_url or f"http://{config.host}:{config.port}"
    with use(wish.lang):
        return edition_of(facts, wish, base=base, made=now, by=_("the machine's shell"))


def _bytes(
    wish: Wish, review: Review, added: Minutes, edition: Edition, title: str, server: Printer | None
) -> bytes:
    if server is None:
        _say(_("Writing the file"))
        return make(wish, review, added, edition)
    made, said = b"", ""
    _say(_("Starting a web server for this print"))
    server.wait()
    for step in _printed(wish, server, title):
        if isinstance(step, bytes):
            made = step
        elif (words := stage_words(step)[0]) != said:
            said = words
            _say(words)
    return made


def _printed(wish: Wish, server: Printer, title: str) -> Iterator[Stage | bytes]:
    def ticket() -> str:
        return print_ticket.issue(
            server.key, wish.address, account=print_ticket.SHELL, epoch=0, session="",
            now=utc_now().timestamp(),
        )  # fmt: skip

    config = settings()
    return print_week(
        wish, inner=server.inner, title=title, ticket=ticket, browser=config.chromium,
        folder=config.var / "print",
    )  # fmt: skip
