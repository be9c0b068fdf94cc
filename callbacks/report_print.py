"""The page of a week to PDF: a place in the queue, then a browser that reads it with a ticket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from callbacks.print_browser import Job, PrintError, Stage, find_browser, print_page
from callbacks.print_queue import QueueFullError, seat, turn
from callbacks.print_ticket import HEADER
from callbacks.report_wish import Wish
from components.i18n import _

STILL = """window.SharedWorker = window.Worker = class {
  constructor() { this.port = this; }
  postMessage() {}
};"""
"""Paper does not follow what changes: the live stream would ask for a sign-in that is not there."""
READY = """(() => {
  if (document.querySelector('.stop')) return 'stopped';
  const sheet = document.querySelector('.weekly .sheet');
  if (!sheet || document.readyState !== 'complete') return '';
  if (!sheet.dataset.foot) return 'stopped';
  if (!sheet.querySelector('.p-foot')) return '';
  const drawn = [...document.images].every((image) => image.complete);
  return drawn && document.fonts.status === 'loaded' ? 'ready' : '';
})()"""
"""Says whether the sheet is drawn; one without its foot tells why there is no review."""


def print_week(
    wish: Wish, *, inner: str, title: str, ticket: Callable[[], str], browser: str, folder: Path
) -> Iterator[Stage | bytes]:
    """Yield how far the print is, again and again, and at the end the PDF.

    inner: where this machine reaches the web server; ticket: makes one when it is our turn, for
    it lives a minute.

    Raises:
        PrintError: no browser, or it failed.
        QueueFullError: too many print already.
    """
    found = find_browser(browser)
    with seat(folder) as place:
        for _step in turn(place):
            yield Stage.WAITING
        job = Job(
            address=f"{inner}{wish.address}",
            title=title,
            ready=READY,
            before=STILL,
            headers={HEADER: ticket()},
        )
        yield from print_page(job, found)


def stage_words(stage: Stage) -> tuple[str, float]:
    """Return what is being done, and the share of the whole that is done by then."""
    return {
        Stage.WAITING: (_("Waiting: others are printing"), 0.05),
        Stage.STARTING: (_("Starting the browser"), 0.15),
        Stage.LOADING: (_("Laying out the pages"), 0.5),
        Stage.PRINTING: (_("Writing the PDF"), 0.85),
    }[stage]


def trouble(error: PrintError | QueueFullError) -> tuple[str, int]:
    """Return why there is no PDF, in words, and the HTTP status of it."""
    if isinstance(error, QueueFullError):
        return _("Too many are printing now. Try again in a minute."), 503
    words = {
        "no_browser": _("{pdf} needs an installed {browser}; {others} do not.").format(
            pdf="PDF", browser="Chromium", others=_(", ").join(("Word", "Excel"))
        ),
        "too_long": _("The PDF took too long and was given up. Try again."),
        "refused": _("The page could not be opened for printing. Load it again, then print."),
    }
    return words.get(error.reason, _("The browser failed while printing. Try again.")), 503
