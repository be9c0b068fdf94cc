"""The whole program: joins looks, wiring and facts. Nothing imports this module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dash import Dash
from flask import Flask, Request, Response, request
from flask_compress import Compress

from callbacks import (
    admin,
    alarm_rules,
    alarm_windows,
    alert_acts,
    alerts,
    api,
    at,
    beat,
    boards,
    case_acts,
    case_page,
    desk,
    desk_acts,
    displays,
    duties,
    evidence,
    exercise,
    handover,
    health,
    identity,
    indicator,
    indicator_data,
    live,
    login,
    metrics,
    pages,
    proxied,
    replay,
    report,
    request_id,
    screen_acts,
    set_up,
    sources,
    stage,
    supervision,
    wall,
    watching,
    weekly,
)
from callbacks.gate import door, reports
from callbacks.gate.headers import Headers
from callbacks.gate.origin import cookie_name
from callbacks.hub import Hub
from components.wall import render_panel
from data import logs
from data.catalogue import Catalogue, catalogue
from data.ops.product import build_id
from data.settings import Settings, settings
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
        csrf_token_name=cookie_name(config),
    )
    hub = Hub(store, _render, build=build or config.build or build_id(), home=facts.city.code)
    app.index_string = app.index_string.replace("{%css%}", PRELOADED + "{%css%}")
    if config.exercise:
        exercise.mark(app, server, store)
    request_id.register(server)
    server.after_request(Headers(app, config))
    door.register(server, config)
    reports.register(server)
    identity.register(server, store, facts, config)
    proxied.register(server, store, config)
    replay.register(server, store, facts, at.register(server, store))
    health.register(server, store, config, hub)
    metrics.register(app, server, store, hub, config)
    api.register(server, store, facts, config)
    report.register(server, store, facts, config)
    beat.register(server, store, _display)
    live.register(server, hub, facts, max_streams=config.max_streams)
    _register_pages(app, server, store, hub, facts, config)
    server.extensions["gate"].seal()
    _compress(server)
    server.extensions["hub"] = hub
    server.extensions["warm"] = lambda: indicator.warm(store, facts)
    app._favicon = "favicon.ico"  # type: ignore[assignment]
    return app


def _register_pages(
    app: Dash, server: Flask, store: Store, hub: Hub, facts: Catalogue, config: Settings
) -> None:
    """Name every page and attach what its parts do."""
    pages.register(app, _pages(store, hub, facts, config))
    hub.start()  # a first look before the first visitor
    wall.register(app)
    evidence.register(app, store, facts)
    login.register(app, store, config)
    displays.register(app, store, config)
    set_up.register(app, store, facts)
    admin.register(app, store, facts)
    sources.register(app, store, facts, acting=config.stewarding, build=hub.build)
    screen_acts.register(app, store)
    desk.register(server, store, hub, facts)
    desk_acts.register(server, store, facts)
    case_page.register(app, store, facts)
    case_acts.register(app, store, facts)
    supervision.register(app, store, facts)
    alerts.register(server, store, hub, facts)
    alarm_rules.register(app, store, facts)
    alert_acts.register(server, store, facts)
    alarm_windows.register(server, store, facts)
    indicator.register(app, store, facts)
    indicator_data.register(server, store, facts)
    boards.register(app, store, facts)
    duties.register(app, store, facts)
    handover.register(app, store, facts)
    stage.register(app, store, facts)
    weekly.register(app, store, facts)
    if settings().exercise:
        exercise.register(app, store, facts)


def _pages(store: Store, hub: Hub, facts: Catalogue, config: Settings) -> list[pages.Page]:
    """Return every page. The first is the one of the city."""
    every = [
        wall.page(store, hub, facts),
        sources.page(store, hub, facts, acting=config.stewarding),
        desk.page(store, hub, facts),
        case_page.page(store, hub, facts),
        supervision.page(store, hub, facts),
        alerts.page(store, hub, facts),
        indicator.page(store, hub, facts),
        indicator_data.page(hub, facts),
        *boards.pages(store, hub, facts),
        duties.page(store, hub, facts),
        handover.page(store, hub, facts),
        *stage.pages(store, hub, facts),
        weekly.page(store, hub, facts),
        admin.page(store, hub, facts),
        login.page(store, facts),
        displays.page(facts),
        set_up.page(store, facts),
    ]
    if settings().exercise:
        every.append(exercise.page(store, hub, facts))
    return every


def _display() -> str | None:
    """Return the id of the enrolled display that asks now, if it is one."""
    found = watching.device()
    return found.id if found else None


def create_server() -> Flask:
    """Return the WSGI application for gunicorn: gunicorn 'app:create_server()'."""
    logs.configure(settings().log_level)
    server: Flask = create_app(open_store(deadline_s=settings().database_wait_s)).server
    return server


def create_printer() -> Flask:
    """Return the application for `python -m data report`: it lives as long as one print.

    It takes tickets of the machine's shell. They are signed with ZHIZHI_SECRET_KEY, which whoever
    starts it makes up for this one print: no other server knows them, nor they any other server.
    """
    if not settings().secret_key.get_secret_value():
        raise RuntimeError("a printer has a key of its own: ZHIZHI_SECRET_KEY")
    server = create_server()
    identity.open_to_shell(server)
    return server


def _render(panel: str, payload: Any, lang: str, area: str) -> dict[str, dict[str, Any]]:
    return render_panel(panel, payload, lang=lang, area=area)


def _compress(server: Flask) -> None:
    """Compress everything but streams; each file once, not once a visitor."""
    server.config["COMPRESS_MIMETYPES"] = COMPRESSED
    server.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    server.config["COMPRESS_BR_LEVEL"] = 6
    server.config["COMPRESS_STREAMS"] = False
    server.config["COMPRESS_CACHE_KEY"] = _file_key
    server.config["COMPRESS_CACHE_BACKEND"] = CompressedFiles
    Compress(server)
    server.after_request(_read_whole)


COMPRESSED = [
    "text/html",
    "text/css",
    "text/plain",
    "text/csv",
    "application/json",
    "application/javascript",
    "text/javascript",
    "image/svg+xml",
]
PRELOADED = """<link rel="preload" href="/_dash-layout" as="fetch" crossorigin>
<link rel="preload" href="/_dash-dependencies" as="fetch" crossorigin>
"""
"""What Dash asks for only after its scripts have run, fetched beside them."""
FILES = ("/assets/", "/_dash-component-suites/")


def _file_key(asked: Request) -> str:
    """Return the address of a file with its version; nothing for answers that change."""
    return asked.full_path if asked.path.startswith(FILES) else ""


class CompressedFiles:
    """Files once compressed, by algorithm and address."""

    MOST = 200

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """Return a compressed file, None if it is not kept."""
        return self._kept.get(key)

    def set(self, key: str, content: bytes) -> None:
        """Keep a compressed file; an answer without an address is not kept."""
        if not key.endswith(";") and len(self._kept) < self.MOST:
            self._kept[key] = content


def _read_whole(response: Response) -> Response:
    """Take files out of streaming, which is left uncompressed; live streams stay as they are."""
    file = request.path.startswith(FILES) and response.mimetype in COMPRESSED
    if file and response.status_code == 200 and response.is_streamed:
        response.direct_passthrough = False
        response.set_data(response.get_data())
    return response
