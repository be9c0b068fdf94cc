"""One page to paper: an installed Chromium, spoken to over two pipes, with a profile of its own.

No port is opened, nothing off this machine is reached, none of our environment is handed on, and
whatever becomes of the print, its processes and its profile are gone afterwards.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from data.logs import logger

log = logger("print")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions", "--disable-breakpad", "--no-first-run",
    "--no-default-browser-check", "--mute-audio", "--no-proxy-server",
    "--password-store=basic", "--window-size=794,1123", "--font-render-hinting=none",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
LONGEST_S = 45.0
"""A print that takes longer is given up."""
STEP_S = 0.1
PAPER = {
    "printBackground": True,
    "preferCSSPageSize": True,
    "displayHeaderFooter": False,
    "paperWidth": 8.27,
    "paperHeight": 11.69,
}
LAUNCH = (
    "import os, sys\n"
    "os.dup2(int(sys.argv[1]), 3)\n"
    "os.dup2(int(sys.argv[2]), 4)\n"
    "os.execv(sys.argv[3], sys.argv[3:])\n"
)
"""Chromium reads its orders from place 3 and answers at 4: a process of our own puts them there."""


class Stage(StrEnum):
    """How far a print is."""

    WAITING = "waiting"
    STARTING = "starting"
    LOADING = "loading"
    PRINTING = "printing"


class PrintError(Exception):
    """A page that did not come to paper. reason: no_browser, crashed, too_long, refused."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Job:
    """What is to be printed.

    headers: sent with every request of the page; before: a script that runs before the page's own;
    ready: one that says "ready" once all is drawn, and "stopped" if the page is another than the
    one that was wanted.
    """

    address: str
    title: str
    ready: str
    headers: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    longest_s: float = LONGEST_S


def find_browser(given: str = "") -> str:
    """Return the path of an installed Chromium; given: the one that was named.

    Raises:
        PrintError: there is none.
    """
    wanted = (given,) if given else NAMES
    found = next((path for path in map(shutil.which, wanted) if path), None)
    if not found:
        raise PrintError("no_browser", given)
    return found


def print_page(job: Job, browser: str) -> Iterator[Stage | bytes]:
    """Yield how far the print is, again and again, and at the end the PDF.

    Raises:
        PrintError: it did not come to paper.
    """
    yield Stage.STARTING
    with _Chromium(browser, time.monotonic() + job.longest_s) as chromium:
        page = chromium.page(job)
        chromium.ask("Page.navigate", page, url=job.address)
        yield from _drawn(chromium, page, job)
        yield Stage.PRINTING
        title = json.dumps(job.title)
        chromium.ask("Runtime.evaluate", page, expression=f"document.title={title}")
        found = chromium.ask("Page.printToPDF", page, **PAPER)
        if _state(chromium, page, job) != "ready":  # something else came to paper
            raise PrintError("refused", "the page changed while it was printed")
    yield base64.b64decode(found["data"])


def _drawn(chromium: _Chromium, page: str, job: Job) -> Iterator[Stage]:
    """Wait until the page says twice running that it is drawn."""
    before = ""
    while True:
        yield Stage.LOADING
        state = _state(chromium, page, job)
        if state == before == "ready":
            return
        before = state
        if state == "stopped":
            raise PrintError("refused", job.address)
        time.sleep(STEP_S)
        chromium.in_time()


def _state(chromium: _Chromium, page: str, job: Job) -> str:
    said = chromium.ask("Runtime.evaluate", page, expression=job.ready, returnByValue=True)
    return str(said.get("result", {}).get("value", ""))


class _Chromium:
    """One run of the browser."""

    def __init__(self, browser: str, end: float) -> None:
        self._browser, self._end = browser, end
        self._number, self._held = 0, b""
        self._profile = Path(tempfile.mkdtemp(prefix="zhizhi-print-"))

    def __enter__(self) -> _Chromium:
        """Start it."""
        orders, self._orders = _pipe()
        self._answers, answers = _pipe()
        with contextlib.ExitStack() as ours:
            ours.callback(os.close, orders)
            ours.callback(os.close, answers)
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
                _command(self._browser, self._profile, orders, answers),
                pass_fds=(orders, answers), env=_environment(self._profile),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it with everything it started, and forget its profile."""
        if error is None:
            with contextlib.suppress(PrintError):
                self._send("Browser.close", "")
        for end in (self._orders, self._answers):
            os.close(end)
        patience = 2.0 if error is None else 0.0
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def in_time(self) -> None:
        """Go on only while there is time."""
        if time.monotonic() > self._end:
            raise PrintError("too_long")

    def page(self, job: Job) -> str:
        """Open an empty page that sends the headers of `job`; return its session."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        page = str(attached["sessionId"])
        for domain in ("Page", "Network"):
            self.ask(f"{domain}.enable", page)
        self.ask("Network.setExtraHTTPHeaders", page, headers=dict(job.headers))
        if job.before:
            self.ask("Page.addScriptToEvaluateOnNewDocument", page, source=job.before)
        self.ask("Emulation.setEmulatedMedia", page, media="print")
        return page

    def ask(self, method: str, page: str = "", **params: Any) -> dict[str, Any]:
        """Send an order and return its answer."""
        number = self._send(method, page, **params)
        while True:
            message = self._next()
            if message.get("id") != number:
                continue
            if "error" in message:
                raise PrintError("crashed", f"{method}: {message['error'].get('message', '')}")
            result: dict[str, Any] = message["result"]
            return result

    def _send(self, method: str, page: str, **params: Any) -> int:
        self._number += 1
        order: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if page:
            order["sessionId"] = page
        try:
            _write(self._orders, json.dumps(order).encode() + b"\0")
        except OSError as error:
            raise PrintError("crashed", "the browser ended") from error
        return self._number

    def _next(self) -> dict[str, Any]:
        """Return the next message; the browser's own remarks are messages too."""
        while b"\0" not in self._held:
            self.in_time()
            ready, _w, _x = select.select([self._answers], [], [], STEP_S)
            if not ready:
                continue
            more = os.read(self._answers, 1 << 20)
            if not more:
                raise PrintError("crashed", "the browser ended")
            self._held += more
        line, _sep, self._held = self._held.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if message.get("method") == "Network.responseReceived":
            _came_well(message["params"])
        return message


def _came_well(told: Mapping[str, Any]) -> None:
    """Give up at once when the page, or the layout it asks for, is an error."""
    answer = told["response"]
    status, path = int(answer["status"]), urlsplit(answer["url"]).path
    if status >= 400 and (told.get("type") == "Document" or path == "/_dash-layout"):
        raise PrintError("refused", f"{status} {path}")


def _pipe() -> tuple[int, int]:
    """Return a pipe whose ends are not among the places that are dealt out anew."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]


def _write(place: int, data: bytes) -> None:
    while data:
        data = data[os.write(place, data) :]


def _command(browser: str, profile: Path, orders: int, answers: int) -> Sequence[str]:
    # Root has no sandbox to give; anybody else keeps it.
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    own = (f"--user-data-dir={profile}", "about:blank")
    launch = (sys.executable, "-I", "-S", "-c", LAUNCH, str(orders), str(answers))
    return (*launch, browser, *FLAGS, *root, *own)


def _environment(profile: Path) -> dict[str, str]:
    """Return an environment without our settings: no address or word of the store is in it."""
    kept = {k: os.environ[k] for k in ("PATH", "LANG", "FONTCONFIG_PATH") if k in os.environ}
    return {**kept, "HOME": str(profile), "TMPDIR": str(profile), "XDG_CONFIG_HOME": str(profile)}
