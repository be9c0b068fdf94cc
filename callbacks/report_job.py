"""One export from the machine's shell: `python -m data report weekly` runs this as a child.

Workbook and document are written from the store. For a PDF it starts a web server of its own, on a
loopback port nobody else knows, with a key made up for this one print, and lets a browser read the
page there. Says how far it is on stderr; ends with 0, or with 2 and one line of why not.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import requests
from sqlalchemy.exc import SQLAlchemyError

from callbacks import print_ticket
from callbacks.print_browser import PrintError, Stage, find_browser
from callbacks.print_queue import QueueFullError
from callbacks.report_note import note_export
from callbacks.report_print import print_week, stage_words, trouble
from callbacks.report_wish import KINDS, Wish, WishError, edition_of, gather, make, read_wish
from components.i18n import _, use
from components.report import Edition, file_name
from data.catalogue import Catalogue, catalogue
from data.commands.audit import SHELL
from data.logs import configure
from data.queries.scope import EVERYTHING
from data.settings import settings
from data.store import Store, open_store, utc_now
from data.vocabulary import LANGUAGES
from data.vocabulary.review import Minutes, Review

ROOT = Path(__file__).resolve().parents[1]
READY_S = 40.0


class JobError(Exception):
    """Why there is no file, in words."""


def main(arguments: list[str] | None = None) -> int:
    """Make one file; return the exit status."""
    asked = _parsed(arguments)
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(2))
    configure("ERROR")
    with use(asked.lang):
        try:
            path = _made(asked)
        except (JobError, WishError) as wrong:
            return _complain(str(wrong))
        except (PrintError, QueueFullError) as error:
            return _complain(trouble(error)[0])
        except SQLAlchemyError as error:
            said = " ".join(str(error).split("\n", 1)[0].split())
            return _complain(_("The store cannot be used: {why}").format(why=said))
        except OSError as error:
            return _complain(_("The file cannot be written: {why}").format(why=error))
    sys.stdout.write(f"{path}\n")
    return 0


def _parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="report weekly")
    parser.add_argument("--week", default="")
    parser.add_argument("--area", default="")
    parser.add_argument("--lang", default=LANGUAGES[0], choices=LANGUAGES)
    parser.add_argument("--format", default="pdf", choices=sorted(KINDS))
    parser.add_argument("--out", default="")
    return parser.parse_args(arguments)


def _complain(words: str) -> int:
    _say(f"report: {' '.join(words.split())}")
    return 2


def _say(words: str) -> None:
    sys.stderr.buffer.write(f"{words}\n".encode(errors="replace"))
    sys.stderr.flush()


def _made(asked: argparse.Namespace) -> Path:
    """Write the file and return where it is."""
    now, facts, config = utc_now(), catalogue(), settings()
    given = {"week": asked.week, "area": asked.area}
    wish = read_wish(asked.format, given, facts, now, lang=asked.lang)
    if wish.kind == "pdf":
        find_browser(config.chromium)  # before anything is started
    store = open_store()
    _there(store)
    _say(_("Reading week {week}").format(week=wish.week))
    review, added = gather(store, facts, wish, EVERYTHING, now)
    edition = _edition(facts, wish, now)
    name = file_name(review, edition, wish.kind)
    path = _place(asked.out, name)
    made = _bytes(wish, review, added, edition, Path(name).stem)
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
    return edition_of(facts, wish, base=base, made=now, by=_("the machine's shell"))


def _bytes(wish: Wish, review: Review, added: Minutes, edition: Edition, title: str) -> bytes:
    if wish.kind != "pdf":
        _say(_("Writing the file"))
        return make(wish, review, added, edition)
    made, said = b"", ""
    _say(_("Starting a web server for this print"))
    with _printer() as (inner, key):
        for step in _printed(wish, inner, key, title):
            if isinstance(step, bytes):
                made = step
            elif (words := stage_words(step)[0]) != said:
                said = words
                _say(words)
    return made


def _printed(wish: Wish, inner: str, key: str, title: str) -> Iterator[Stage | bytes]:
    def ticket() -> str:
        return print_ticket.issue(
            key, wish.address, account=print_ticket.SHELL, epoch=0, session="",
            now=utc_now().timestamp(),
        )  # fmt: skip

    config = settings()
    return print_week(
        wish, inner=inner, title=title, ticket=ticket, browser=config.chromium,
        folder=config.var / "print",
    )  # fmt: skip


# ---- the server of one print ----


@contextmanager
def _printer() -> Iterator[tuple[str, str]]:
    """Run a web server while inside; give its address and its key.

    It is handed a socket that listens already, so nobody can take its port meanwhile.
    """
    key = secrets.token_urlsafe(48)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen(64)
        inner = f"http://127.0.0.1:{held.getsockname()[1]}"
        server = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            _command(held.fileno()), cwd=ROOT, env=_environment(key),
            pass_fds=(held.fileno(),), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    try:
        _ready(server, inner)
        yield inner, key
    finally:
        _end(server)


def _command(place: int) -> list[str]:
    conf = str(ROOT / "gunicorn.conf.py")
    return [
        sys.executable, "-m", "gunicorn", "-c", conf, "--bind", f"fd://{place}",
        "app:create_printer()",
    ]  # fmt: skip


def _environment(key: str) -> dict[str, str]:
    return {
        **os.environ,
        "ZHIZHI_SECRET_KEY": key,
        "ZHIZHI_HTTPS": "false",
        "ZHIZHI_WORKERS": "1",
        "ZHIZHI_MAX_STREAMS": "8",
    }


def _ready(server: subprocess.Popen[bytes], inner: str) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            if requests.get(f"{inner}/healthz", timeout=2).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise JobError(_("The web server for this print did not start."))


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server and its worker, whatever they are at."""
    server.terminate()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
