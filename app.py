"""The whole program: joins looks, wiring and facts. Nothing imports this module."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from dash import Dash
from flask import Flask
from flask_compress import Compress

from callbacks import evidence, health, live, pages, wall
from callbacks.hub import Hub
from components.wall import render_panel
from data import logs
from data.catalogue import catalogue
from data.settings import settings
from data.store import Store, open_store

HERE = Path(__file__).resolve().parent


def create_app(store: Store, *, build: str = "") -> Dash:
    """Return the Dash app over `store`. Works without a reachable database: panels stay empty."""
    config, facts = settings(), catalogue()
    server = Flask("zhizhi", static_folder=None)
    app = Dash(
        "zhizhi",
        server=server,  # type: ignore[arg-type]
        title=facts.city.title["zh"],
        update_title="",
        assets_folder=str(HERE / "assets"),
        assets_ignore=r"live-worker\.js|.*\.md|.*\.txt",
        serve_locally=True,
        suppress_callback_exceptions=False,
    )
    hub = Hub(store, _render, build=build or config.build or build_id())
    health.register(server, store, config)
    live.register(server, hub, facts, max_streams=config.max_streams)
    pages.register(app, hub, facts)
    wall.register(app)
    evidence.register(app, store, facts)
    _compress(server)
    server.extensions["hub"] = hub
    app._favicon = "favicon.ico"  # type: ignore[assignment]
    return app


def create_server() -> Flask:
    """Return the WSGI application for gunicorn: gunicorn 'app:create_server()'."""
    logs.configure(settings().log_level)
    server: Flask = create_app(open_store()).server
    return server


def _render(panel: str, payload: Any, lang: str, area: str) -> dict[str, dict[str, Any]]:
    return render_panel(panel, payload, lang=lang, area=area)


def _compress(server: Flask) -> None:
    """Compress everything but streams; each file once, not once a visitor."""
    server.config["COMPRESS_MIMETYPES"] = [
        "text/html",
        "text/css",
        "text/plain",
        "application/json",
        "application/javascript",
        "text/javascript",
        "image/svg+xml",
    ]
    server.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    server.config["COMPRESS_BR_LEVEL"] = 5
    server.config["COMPRESS_STREAMS"] = False
    Compress(server)


def build_id() -> str:
    """Return a short name of this build: the same files give the same name in every worker."""
    mark = hashlib.blake2b(digest_size=6)
    for part in ("app.py", "callbacks", "components", "data", "assets"):
        root = HERE / part
        files = [root] if root.is_file() else sorted(root.rglob("*"))
        for path in files:
            if path.suffix in (".py", ".js", ".css", ".po", ".yaml", ".csv"):
                mark.update(path.name.encode())
                mark.update(path.read_bytes())
    return mark.hexdigest()
