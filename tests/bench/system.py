"""A whole system in processes of its own: web, collector, simulator. Ended by pid, always."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from data.store import Store

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {
    "web": ["-m", "gunicorn", "-c", "gunicorn.conf.py", "app:create_server()"],
    "collector": ["-m", "data", "collect"],
    "simulator": ["-m", "data", "simulate"],
    "run": ["-m", "data", "run"],
    "naive": ["-m", "gunicorn", "-c", "/dev/null", "tests.bench.naive_wall:create_server()"],
}
GRACE_S = 15.0


def free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def until(
    test: Callable[[], Any], seconds: float, what: object = "it", every: float = 0.05
) -> float:
    """Wait until something is so and return the seconds it took; fail when it never is."""
    start = time.monotonic()
    while not test():
        if time.monotonic() - start > seconds:
            said = what() if callable(what) else what
            raise AssertionError(f"not within {seconds:.0f} s: {said}")
        time.sleep(every)
    return time.monotonic() - start


class System:
    """The processes of one city over one store, on ports of their own."""

    def __init__(self, var: Path, *, database_url: str = "", **env: str) -> None:
        self.var, self.database_url = var, database_url
        self.port, self.simulator_port = free_port(), free_port()
        clean = {k: v for k, v in os.environ.items() if not k.startswith("ZHIZHI_")}
        clean.pop("DATABASE_URL", None)
        self.env = clean | {
            "ZHIZHI_VAR": str(var),
            "ZHIZHI_DEMO": "true",
            "ZHIZHI_SIMULATOR": f"http://127.0.0.1:{self.simulator_port}",
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            **({"DATABASE_URL": database_url} if database_url else {}),
            **env,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        var.mkdir(parents=True, exist_ok=True)
        atexit.register(self.close)

    def __enter__(self) -> System:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address of the web server, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def store_url(self) -> str:
        """The database that every process of this system uses."""
        return self.database_url or f"sqlite:///{self.var / 'zhizhi.sqlite'}"

    @contextlib.contextmanager
    def store(self) -> Any:
        """Open the system's store from this process."""
        store = Store(self.store_url)
        try:
            yield store
        finally:
            store.dispose()

    def start(self, *names: str, more: tuple[str, ...] = ()) -> System:
        """Start processes, each the leader of its own group."""
        for name in names:
            with (self.var / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    [sys.executable, *COMMANDS[name], *more], cwd=ROOT, env=self.env,
                    stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip
        return self

    def kill(self, name: str) -> None:
        """End a process and its children at once, as a power cut would."""
        self._end(name, signal.SIGKILL)

    def stop(self, name: str) -> float:
        """Ask a process to end and return the seconds it took."""
        start = time.monotonic()
        self._end(name, signal.SIGTERM)
        return time.monotonic() - start

    def _end(self, name: str, number: signal.Signals) -> None:
        process = self.processes.pop(name, None)
        if process is None:
            return
        tree = _tree(process.pid)
        if number is signal.SIGKILL:
            _send_group(process.pid, signal.SIGKILL)
        else:
            process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
        _send_group(process.pid, signal.SIGKILL)
        for child in tree:  # `data run` gives each child a group of its own
            with contextlib.suppress(psutil.Error):
                child.kill()
        process.wait(GRACE_S)
        psutil.wait_procs(tree, timeout=GRACE_S)

    def close(self) -> None:
        """End everything that still runs."""
        for process in self.processes.values():
            process.terminate()  # all at once: each takes its time
        for name in list(self.processes):
            self._end(name, signal.SIGTERM)
        atexit.unregister(self.close)

    def status(self, path: str = "/readyz") -> int:
        """Return the HTTP status of an answer, 0 when there is none."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def wait(self, path: str = "/readyz", seconds: float = 60) -> float:
        """Wait until `path` answers 200 and return the seconds it took."""
        return until(lambda: self.status(path) == 200, seconds, lambda: self.told(path))

    def told(self, path: str = "/readyz") -> str:
        """Return what is known of a system that does not get ready."""
        logs = [f"{p.name}: {p.read_text()[-1500:]}" for p in sorted(self.var.glob("*.log"))]
        return "\n".join([f"{path} answers {self.status(path)}", *logs])

    def tree(self, name: str) -> list[psutil.Process]:
        """Return a process and everything below it."""
        process = self.processes.get(name)
        return _tree(process.pid) if process else []


def _tree(pid: int) -> list[psutil.Process]:
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _send_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


def cpu_s(processes: list[psutil.Process]) -> float:
    """Return the CPU seconds that processes and their ended children have used."""
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])
    return total


def exact_cpu_s(processes: list[psutil.Process]) -> float:
    """Return the CPU seconds that living processes have used, to the nanosecond.

    cpu_s counts in steps of 10 ms, most of what a short piece of work takes.
    """
    total = 0
    for process in processes:
        with contextlib.suppress(OSError):
            total += int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0])
    return total / 1e9
