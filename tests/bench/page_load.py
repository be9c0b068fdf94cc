"""Milliseconds, bytes and requests until Chromium has drawn the whole wall, cold and warm."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tests.bench.report import emit
from tests.bench.stage import Stage
from tests.bench.system import until
from tests.browser.chromium import DRAWN, Browser

NAIVE_DRAWN = """return document.querySelectorAll('.js-plotly-plot .scatterlayer').length >= 16
  && document.querySelectorAll('.choroplethlayer path').length >= 6"""


def _watch(drawn: str) -> str:
    """Return a script that notes when the page is drawn, at the first frame it is so."""
    return f"""if (location.protocol.startsWith('http')) {{
      const drawn = () => {{ {drawn} }};
      const look = () => drawn() ? requestAnimationFrame(() => {{ window.__drawn = performance.now(); }})
        : requestAnimationFrame(look);
      look();
    }}"""


def measure(stage: Stage) -> None:
    """Load the wall with empty caches, then again in the same browser; the naive twin likewise."""
    times = 2 if stage.quick else 5
    system = stage.system("sqlite")
    try:
        system.start("web").wait("/healthz")
        cold, warm = _loads(system.url, DRAWN, times)
        system.stop("web")
        address = f"127.0.0.1:{system.port}"
        system.start("naive", more=("--bind", address, "--threads", "8", "--no-control-socket"))
        system.wait("/")
        naive_cold, naive_warm = _loads(system.url, NAIVE_DRAWN, 1 if stage.quick else 3)
    finally:
        stage.forget(system)
    _tell("cold", cold, naive_cold)
    _tell("warm", warm, naive_warm)


def _loads(url: str, drawn: str, times: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    cold: list[dict[str, Any]] = []
    warm: list[dict[str, Any]] = []
    for _ in range(times):
        browser = Browser(url)
        try:
            browser.driver.execute_cdp_cmd(
                "Page.addScriptToEvaluateOnNewDocument", {"source": _watch(drawn)}
            )
            cold.append(_load(browser))
            warm += [_load(browser) for _ in range(2)]
        finally:
            browser.close()
    return cold, warm


def _load(browser: Browser) -> dict[str, Any]:
    browser.driver.get("about:blank")
    browser.devtools.forget()
    browser.driver.get(browser.base + "/?lang=zh")
    until(lambda: browser.js("return window.__drawn || 0"), 60, "the wall is drawn")
    drawn = float(browser.js("return window.__drawn"))
    browser.settle(0.5)
    requests = [r for r in browser.devtools.requests.values() if r.url.startswith("http")]
    marks = browser.js("""const n = performance.getEntriesByType('navigation')[0];
      const p = performance.getEntriesByName('first-contentful-paint')[0];
      return {first_byte: n.responseStart, loaded: n.loadEventEnd, first_paint: p ? p.startTime : null}""")
    wire = sorted(((r.size, r.url) for r in requests if not r.cached), reverse=True)
    return {
        "ms": drawn,
        "bytes": sum(size for size, _ in wire),
        "requests": len(wire),
        "from_cache": len(requests) - len(wire),
        "hosts": sorted({urlsplit(r.url).netloc for r in requests}),
        "marks": {k: round(v) for k, v in marks.items() if v is not None},
        "largest": [[size, urlsplit(url).path.rpartition("/")[2]] for size, url in wire[:10]],
    }


def _tell(kind: str, loads: list[dict[str, Any]], naive: list[dict[str, Any]]) -> None:
    middle, twin = _middle(loads), _middle(naive)
    emit(f"{kind}_load", middle["ms"], "ms", yardstick=("naive twin", twin["ms"]),
         all=[round(x["ms"]) for x in loads], requests=middle["requests"],
         from_cache=middle["from_cache"], marks=middle["marks"])  # fmt: skip
    emit(f"{kind}_bytes", middle["bytes"], "bytes over the wire",
         yardstick=("naive twin, uncompressed as Dash serves it", twin["bytes"]),
         largest=middle["largest"])  # fmt: skip
    hosts = {h for x in loads for h in x["hosts"]}
    emit(f"hosts.{kind}", len(hosts), "hosts", hosts=sorted(hosts))


def _middle(loads: list[dict[str, Any]]) -> dict[str, Any]:
    return sorted(loads, key=lambda x: x["ms"])[len(loads) // 2]
