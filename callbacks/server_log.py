"""gunicorn's own lines in our form; with ZHIZHI_ACCESS_LOG=1 one line a request too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

from callbacks.request_id import HEADER
from data import logs
from data.settings import settings

log = logs.logger("access")


class ServerLog(Logger):  # type: ignore[misc]
    """Where gunicorn writes."""

    def setup(self, cfg: Any) -> None:
        """Write errors as JSON, with secrets blackened."""
        super().setup(cfg)
        logs.hide_environment()
        self.error_log.handlers = [logs.handler()]
        self.error_log.propagate = False

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write one line a request, without what stands behind the `?`: it may name a person."""
        if not settings().access_log:
            return
        names = {str(name).lower(): value for name, value in resp.headers}
        log.info(
            "request",
            method=req.method,
            path=str(req.path).partition("?")[0],
            status=int(str(resp.status).split(" ", 1)[0]),
            ms=round(request_time.total_seconds() * 1000, 1),
            size=resp.sent,
            address=environ.get("REMOTE_ADDR", ""),
            request=names.get(HEADER.lower(), ""),
        )
