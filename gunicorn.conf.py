"""gunicorn: threads for streams and pages, warmed workers, streams that end at once."""

import os
import signal
from typing import Any

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
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Warm the worker before its first visitor, and let SIGTERM end its streams.

    Until a fresh worker has rendered "/", Dash answers 500 to component files
    that ask first (plotly/dash #3971).
    """
    server = worker.app.callable
    hub = server.extensions["hub"]
    hub.start()
    client = server.test_client()
    client.get("/")
    client.get("/_dash-layout")
    client.get("/_dash-dependencies")
    before = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: Any) -> None:
        hub.close()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)
