"""A web server of one print: on a loopback port nobody else knows, with a key of its own.

Nothing here needs the house's packages: the server loads them while its caller does so too.
"""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READY_S = 60.0
STEP_S = 0.05


class ServerError(Exception):
    """The server did not start."""


@dataclass(frozen=True)
class Printer:
    """A server under way. key: signs the ticket of its one print."""

    process: subprocess.Popen[bytes]
    port: int
    key: str

    @property
    def inner(self) -> str:
        """Where it is reached, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        """Wait until it answers. Raises ServerError."""
        end = time.monotonic() + READY_S
        while time.monotonic() < end and self.process.poll() is None:
            if _answers(self.port):
                return
            time.sleep(STEP_S)
        raise ServerError


@contextmanager
def printer() -> Iterator[Printer]:
    """Run a web server while inside.

    It is handed a socket that listens already, so nobody can take its port meanwhile.
    """
    key = secrets.token_urlsafe(48)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen(64)
        port = int(held.getsockname()[1])
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            _command(held.fileno()), cwd=ROOT, env=_environment(key),
            pass_fds=(held.fileno(),), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield Printer(process, port, key)
    finally:
        _end(process)


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


def _answers(port: int) -> bool:
    ask = http.client.HTTPConnection("127.0.0.1", port, timeout=READY_S)
    try:
        ask.request("GET", "/healthz")
        return ask.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        ask.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and its worker, whatever they are at."""
    process.terminate()
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
