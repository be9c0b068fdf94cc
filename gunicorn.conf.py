"""gunicorn: threads for streams and pages, warmed workers, streams that end at once."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from typing import Any

from data.collector.memory import give_back, one_arena

# The workers count into files of one folder; whichever is asked for /metrics reads them all.
# Set before prometheus-client is imported, which looks for it only once.
COUNTED = "PROMETHEUS_MULTIPROC_DIR"
os.environ.setdefault(COUNTED, tempfile.mkdtemp(prefix="zhizhi-metrics-"))

bind = f"{os.environ.get('ZHIZHI_HOST', '127.0.0.1')}:{os.environ.get('PORT', '8050')}"
workers = int(os.environ.get("ZHIZHI_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("ZHIZHI_MAX_STREAMS", "600")) + 24
worker_connections = 4000
keepalive = 15
graceful_timeout = 10
timeout = 60
control_socket_disable = True
accesslog = None
WARM_S = 8.0
"""After the start of a worker: a wall that waits for its first page comes first."""
logger_class = "callbacks.server_log.ServerLog"
loglevel = "warning"


def when_ready(_server: Any) -> None:
    """Print the one-time set-up link of a real city without any account.

    By a process of its own: what the arbiter imports stays in it, and a reload would not see it.
    """
    if not os.environ.get("ZHIZHI_SETUP_TOLD"):
        subprocess.Popen([sys.executable, "-m", "data", "account", "setup-link", "--start"])


def post_worker_init(worker: Any) -> None:
    """Warm the worker before its first visitor, and let SIGTERM end its streams.

    Until a fresh worker has rendered "/", Dash answers 500 to component files
    that ask first (plotly/dash #3971).
    """
    one_arena()
    server = worker.app.callable
    hub = server.extensions["hub"]
    hub.start()
    client = server.test_client()
    client.get("/")
    client.get("/_dash-layout")
    client.get("/_dash-dependencies")
    timer = threading.Timer(WARM_S, _warm, [server])
    timer.daemon = True
    timer.start()
    before = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: Any) -> None:
        hub.close()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)


def _warm(server: Any) -> None:
    """Load beside the first visitors what the first page that compares units would wait for.

    What lives from the start on is not looked through again for what can go: it took a tenth of a
    second every so often, in the middle of an answer.
    """
    server.extensions["warm"]()
    gc.collect()
    gc.freeze()
    give_back()


def child_exit(_server: Any, worker: Any) -> None:
    """Let what a worker that ended held (its streams) no longer count."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(_server: Any) -> None:
    """Throw the counts away: a start counts from zero."""
    folder = os.environ[COUNTED]
    if os.path.basename(folder).startswith("zhizhi-metrics-"):
        shutil.rmtree(folder, ignore_errors=True)
