"""What the gate costs a callback: door, contract and envelope, without the callback itself."""

from __future__ import annotations

import statistics
import time
from typing import Any

from app import create_app
from callbacks.gate.door import CALLBACKS
from callbacks.guard import Gate
from data.store import Store
from tests.bench import report
from tests.bench.stage import Stage

CALLS = 3000


def measure(stage: Stage) -> None:
    """Measure the gate over callbacks of an open page, as a display asks them."""
    server = create_app(Store(f"sqlite:///{stage.sqlite}"), build="bench").server
    gate: Gate = server.extensions["gate"]
    door = next(f for f in server.before_request_funcs[None] if type(f).__name__ == "Door")
    door._people.rate = door._places.rate = 1e9  # type: ignore[union-attr]
    door._places.burst = 1e9  # type: ignore[union-attr]
    took = [_once(server, door, gate) for _ in range(300 if stage.quick else CALLS)]
    server.extensions["hub"].close()
    report.emit("gate", statistics.median(took) * 1000, "ms")
    report.emit("gate_p99", sorted(took)[int(len(took) * 0.99)] * 1000, "ms")


def _once(server: Any, door: Any, gate: Gate) -> float:
    with server.test_request_context(CALLBACKS, method="POST", json=_body()):
        began = time.perf_counter()
        assert door() is None
        assert gate() is None
        return time.perf_counter() - began


def _body() -> dict[str, Any]:
    codes = [f"X-{n:02d}" for n in range(16)]
    tiles = [
        {"id": {"type": "tile", "code": code}, "property": "n_clicks", "value": None}
        for code in codes
    ]
    return {
        "output": "evidence.children",
        "outputs": {"id": "evidence", "property": "children"},
        "inputs": [tiles],
        "changedPropIds": ['{"code":"X-03","type":"tile"}.n_clicks'],
        "parsedChangedPropsIds": [{"type": "tile", "code": "X-03"}],
        "state": [
            {"id": "area", "property": "data", "value": "441600"},
            {"id": "wall", "property": "lang", "value": "zh"},
        ],
    }
