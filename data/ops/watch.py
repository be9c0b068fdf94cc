"""The watcher outside: asks, counts misses, raises one alarm a trouble and one word at its end."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import requests

from data.logs import logger
from data.ops import OpsError

log = logger("watch")

ALARM_S = 30
PAUSE_S = 1.0
MOST_BYTES = 16384
SHOWN = 300


class Alarm:
    """Counts looks that failed; tells of a trouble once, and once of its end."""

    def __init__(self, address: str, *, misses: int, command: Sequence[str] = ()) -> None:
        """Take a name to tell, how many looks must fail in a row, what is run then."""
        self.address, self.misses, self.command = address, misses, list(command)
        self.stop = threading.Event()
        self.missed, self.lost = 0, False

    def look(self) -> str:
        """Return why all is not well, "" when it is."""
        raise NotImplementedError

    def once(self) -> str:
        """Look until it is well, `misses` times at most; alarm if it never was."""
        reason = ""
        for number in range(self.misses):
            if number:
                self.stop.wait(PAUSE_S)
            reason = self.look()
            if not reason:
                return ""
        self._tell("lost", reason)
        return reason

    def note(self, reason: str) -> None:
        """Count one look; tell of a trouble once, and once of its end."""
        self.missed = self.missed + 1 if reason else 0
        if reason and not self.lost and self.missed >= self.misses:
            self.lost = True
            self._tell("lost", reason)
        elif not reason and self.lost:
            self.lost = False
            self._tell("back", "")

    def _tell(self, what: str, reason: str) -> None:
        if what == "lost":
            log.error("the system is not well", address=self.address, reason=reason)
        else:
            log.warning("the system is well again", address=self.address)
        if not self.command:
            return
        environ = {**os.environ, "ZHIZHI_ALARM": what, "ZHIZHI_REASON": reason}
        environ["ZHIZHI_ADDRESS"] = self.address
        try:
            subprocess.run(self.command, env=environ, timeout=ALARM_S, check=True)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            log.error("the alarm could not be raised", error=type(error).__name__)


class Watcher(Alarm):
    """Looks at one address of one system."""

    def __init__(
        self, url: str, *, path: str, misses: int, timeout: float, command: Sequence[str] = ()
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise OpsError(f"{url} is no address: http://host:port is needed")
        if parts.username or parts.password:
            raise OpsError("user and password do not belong into an address")
        address = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}{path}"
        super().__init__(address, misses=misses, command=command)
        self.timeout = timeout

    def look(self) -> str:
        """Return why the system is not well, "" when it is. Takes a little over `timeout` at most.

        The answer is read with an end of its own: one that trickles never ends by itself.
        """
        end = time.monotonic() + self.timeout
        try:
            with requests.get(
                self.address, timeout=self.timeout, allow_redirects=False, stream=True,
                headers={"User-Agent": "zhizhi-watch", "Accept": "application/json"},
            ) as answer:  # fmt: skip
                body = b""
                for chunk in answer.iter_content(1024):
                    body += chunk
                    if time.monotonic() > end or len(body) > MOST_BYTES:
                        return "the answer does not end"
                if answer.status_code == 200:
                    return ""
                return _reasons(answer.status_code, body)
        except requests.Timeout:
            return f"no answer within {self.timeout:g} s"
        except requests.RequestException as error:
            return f"cannot be reached: {type(error).__name__}"


def _reasons(status: int, body: bytes) -> str:
    """Return what a 503 of ours says, or only the status of any other answer."""
    try:
        told = json.loads(body)["reasons"]
        return f"{status}: {'; '.join(map(str, told))}"[:SHOWN]
    except (ValueError, KeyError, TypeError):
        return f"answered {status}"


def run(alarms: Sequence[Alarm], every: float, stop: threading.Event) -> None:
    """Look at everything in turn, until `stop` is set."""
    for alarm in alarms:
        log.info("watching", address=alarm.address, every=every)
    while not stop.is_set():
        for alarm in alarms:
            alarm.note(alarm.look())
        stop.wait(every)
