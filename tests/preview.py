"""The wall with sample payloads and a pretended /live, to look at: python -m tests.preview 8090.

Query: lang, area, case=normal|red|long|empty|late|alarm|redboth|flood|redflooded|stage3|ask. POST /say/<what> changes what the live
channel does: freeze, thaw, store (lost), change (a new value), build (a new program).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlparse

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash._utils import to_json
from flask import Response, request

from callbacks import wall as wiring
from components.evidence import evidence
from components.i18n import use
from components.sources_panel import sources_detail
from components.wall import Ids, render_panel, tile_id, wall_page
from tests import samples

STATE: dict[str, Any] = {
    "rev": 1,
    "value": 143.0,
    "frozen": False,
    "db": True,
    "build": "b1",
    "case": "normal",
}


def panels(kind: str, area: str) -> dict[str, Any]:
    now = time.time()
    if kind == "empty":
        return {}
    found: dict[str, Any] = samples.panels(
        now,
        long=kind == "long",
        red=kind in ("red", "redlong", "redboth", "redflooded"),
        bad=3 if kind in ("long", "late") else 1,
    )
    found["domain-public_safety"]["tiles"][0]["value"] = (
        STATE["value"] if area == "441600" else 21.0
    )
    if kind == "late":
        found["domain-transport"]["tiles"][0] |= {"known_at": now - 290, "ttl": 300}
        found["header"] = samples.header(now, calm=True)
        found["queue"] = samples.EMPTY_QUEUE
    found |= alarmed(kind)
    if kind == "redlong":
        found["header"]["red"]["title"] = (
            "Hazardous-goods tanker leaking on the ring road near Laolong, 500 m evacuated"
        )
    return found


def alarmed(kind: str) -> dict[str, Any]:
    """Return the panels of alarms and stage of a case of its own."""
    cases: dict[str, tuple[Any, Any]] = {
        "redlong": (samples.stage(responses=0), samples.alarms(calm=True)),
        "red": (samples.stage(responses=1), samples.alarms(calm=True)),
        "alarm": (samples.stage(responses=1), samples.alarms(red=True)),
        "redboth": (samples.stage(2, 3, undecided=True), samples.alarms(red=True)),
        "flood": (samples.stage(2, responses=0), samples.alarms(flood=47, bad=True)),
        "redflooded": (samples.stage(3, 4, undecided=True, responses=3), samples.alarms(red=True, flood=147, bad=True)),
        "stage3": (samples.stage(3, 2, responses=3), samples.alarms()),
        "ask": (samples.stage(None, 3, undecided=True), samples.alarms()),
        "never": (samples.stage(None, responses=0), samples.alarms(calm=True)),
    }  # fmt: skip
    stage, alarms = cases.get(kind, (None, None))
    if stage is None:
        return {}
    if "flooded" in kind or kind == "alarm":
        alarms["red"] |= {"folded": 146}
    return {"stage": stage, "alarms": alarms}


def frames(scopes: list[str], rev: int) -> str:
    out = []
    for scope in scopes if STATE["rev"] > rev else []:
        lang, area = scope.split(":")
        for panel, payload in panels(STATE["case"], area).items():
            changed = render_panel(panel, json.loads(json.dumps(payload)), lang=lang, area=area)
            body = to_json({"p": panel, "s": scope, "rev": STATE["rev"], "ttl": 60, "set": changed})
            out.append(f"event: p\ndata: {body}\n\n")
    return "".join(out)


def beat() -> str:
    said = {"db": STATE["db"], "ok_at": time.time(), "now": time.time(), "rev": STATE["rev"], "epoch": "e1",
            "build": STATE["build"], "asof": {}, "known": {a: {"PS-01": time.time()} for a in samples.AREAS}}  # fmt: skip
    return f"event: hb\ndata: {json.dumps(said)}\n\n"


def create_app() -> Dash:
    app = Dash(
        __name__,
        assets_folder="../assets",
        update_title=None,
        title="智治",
        assets_ignore="live-worker.*",
    )
    app.layout = layout
    app.server.after_request(lambda answer: strict(app, answer))
    app.server.get("/live")(live)
    app.server.get("/live/since")(since)
    app.server.post("/say/<what>")(say)
    wiring.register(app)
    register(app)
    return app


def layout() -> Any:
    args = request.args if request else {}
    referer = request.headers.get("Referer", "") if request else ""
    q = {k: v[0] for k, v in parse_qs(urlparse(referer).query).items()} | dict(args)
    STATE["case"] = q.get("case", STATE["case"])
    area = q.get("area", "441600")
    note = samples.names("示意图，界线不作划界依据", "Schematic; not an authority on boundaries")
    city = replace(samples.CITY_WALL, map_note=note)
    lang = q.get("lang", "zh")
    return wall_page(city, panels(STATE["case"], area), lang=lang, area=area, now=time.time())


def strict(app: Dash, answer: Response) -> Response:
    scripts = " ".join(f"'{h.strip(chr(39))}'" for h in app.csp_hashes())
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; worker-src 'self'"
    )
    return answer


def asked() -> tuple[list[str], int]:
    return request.args["scopes"].split(","), int(request.args["rev"])


def live() -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(stream(*asked()), mimetype="text/event-stream", headers=headers)


def stream(scopes: list[str], rev: int) -> Iterator[str]:
    last = 0.0
    while True:
        if not STATE["frozen"]:
            text = frames(scopes, rev)
            rev = STATE["rev"]
            if text or time.time() - last > 4.9:
                last = time.time()
                yield text + beat()
        time.sleep(0.1)


def since() -> Response:
    return Response(frames(*asked()) + beat(), mimetype="text/plain")


def say(what: str) -> str:
    if what in ("freeze", "thaw"):
        STATE["frozen"] = what == "freeze"
    elif what == "store":
        STATE["db"] = not STATE["db"]
    elif what == "build":
        STATE["build"] = "b2"
    else:
        STATE["value"] += 1
        STATE["rev"] += 1
    return json.dumps(STATE)


def register(app: Dash) -> None:
    @app.callback(
        Output(Ids.EVIDENCE, "children"),
        Input(tile_id(ALL), "n_clicks"),
        State(Ids.AREA, "data"),
        prevent_initial_call=True,
    )
    def show_evidence(clicks: list[int | None], area: str) -> Any:
        if not ctx.triggered_id or not any(t["value"] for t in ctx.triggered):
            return no_update
        with use("zh"):
            found = samples.evidence()
            found["code"], found["area"] = ctx.triggered_id["code"], samples.AREAS[area]
            return evidence(found)

    @app.callback(
        Output(Ids.SOURCES_DETAIL, "children"),
        Input(Ids.SOURCES_BUTTON, "n_clicks"),
        prevent_initial_call=True,
    )
    def show_sources(clicks: int | None) -> Any:
        with use("zh"):
            return sources_detail([samples.source_detail()] * 3) if clicks else no_update


if __name__ == "__main__":
    create_app().run(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8090, threaded=True)
