"""Lost server, lost store, late source: three different words, and no old value looks fresh."""

from __future__ import annotations

import http.server
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from data.settings import HERE
from data.simulate.feeds import feed
from data.store import utc_now
from tests.bench.system import System, until
from tests.browser import small_city
from tests.browser.chromium import LIVE, Browser
from tests.postgres import Postgres

Note = Callable[[str, object], None]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SLACK, STALE_S = 4, 7
HOTLINE, APPROVALS = ("GS-04", "GS-28", "GS-16"), "GS-30"


@pytest.mark.postgres
def test_a_lost_store_has_words_of_its_own_and_comes_back(
    make_city: Callable[..., System], browser: Callable[..., Browser], note: Note
) -> None:
    with Postgres(durable=False) as postgres:
        url = postgres.create()
        small_city.make(url)
        system = make_city("web", "collector", "simulator", database_url=url)
        wall = browser(system.url).open()
        wall.js("window.__mark = 3")
        words = wall.js("return zhizhi.words()")
        assert words["store_lost"] != words["server_lost"]
        stopped = time.monotonic()
        postgres.stop()
        until(lambda: words["store_lost"] in wall.banner(), 5 * SLACK, wall.state)
        note("seconds_until_called_lost", round(time.monotonic() - stopped, 2))
        assert words["server_lost"] not in wall.banner()
        assert system.status("/healthz") == 200
        assert system.status("/readyz") == 503
        assert wall.text(".k .v").strip(), "the last values stay, marked as old"
        wall.settle(2)
        assert words["store_lost"] in wall.banner()
        postgres.start()
        back = until(lambda: wall.js(LIVE), 5 * SLACK, wall.state)
        note("seconds_until_live_again", round(back, 2))
        assert wall.banner() == ""
        assert wall.js("return window.__mark") == 3
        system.wait("/readyz")
        system.close()


class Hotline:
    """A source that answers the same bytes for ever, until it is closed."""

    def __init__(self) -> None:
        path = "/open311/hotline/requests.xml"
        body = feed(path, {}, seed=small_city.SEED, now=utc_now())[2]

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def hotline() -> Iterator[Hotline]:
    source = Hotline()
    yield source
    if source.thread.is_alive():
        source.close()


def impatient(folder: Path, address: str) -> Path:
    """Copy the catalogue and make the hotline a source that is stale within seconds."""
    shutil.copytree(HERE / "catalogue", folder, ignore=shutil.ignore_patterns("*.py", "__*"))
    path = folder / "sources.yaml"
    sources = yaml.safe_load(path.read_text(encoding="utf-8"))
    for source in sources:
        if source["key"] == "hotline":
            source |= {"urls": [f"{address}/requests.xml"], "every": 1, "stale_after": STALE_S}
    path.write_text(yaml.safe_dump(sources, allow_unicode=True), encoding="utf-8")
    return folder


def late(wall: Browser) -> dict[str, str]:
    """Return the tiles that are called stale, each with the age words it shows."""
    return dict(
        wall.js("""return [...document.querySelectorAll('.k')]
      .filter((k) => k.matches('.stale, .st-stale'))
      .map((k) => [JSON.parse(k.id).code, k.querySelector('.state').textContent])""")
    )


def test_a_source_that_stops_turns_its_own_tiles_stale_and_no_others(
    make_city: Callable[..., System], browser: Callable[..., Browser], hotline: Hotline,
    tmp_path: Path, note: Note,
) -> None:  # fmt: skip
    folder = impatient(tmp_path / "catalogue", hotline.address)
    system = make_city(
        "web", "collector", "simulator",
        ZHIZHI_CATALOGUE=str(folder), ZHIZHI_ALLOWED_HOSTS=hotline.address,
    )  # fmt: skip
    wall = browser(system.url).open()
    until(lambda: not set(late(wall)) & set(HOTLINE), 30, lambda: late(wall))
    wall.settle(STALE_S + 4)
    kept = late(wall)
    assert not set(kept) & set(HOTLINE), f"a source that answers is not late: {kept}"
    hotline.close()
    said = until(lambda: set(HOTLINE) <= set(late(wall)), STALE_S * SLACK, lambda: late(wall))
    note("seconds_until_called_stale", round(said, 1))
    assert all(word.strip() for code, word in late(wall).items() if code in HOTLINE)
    assert APPROVALS not in late(wall)
    assert wall.banner() == "", "neither server nor store is lost"
    wall.settle(3)
    assert set(HOTLINE) <= set(late(wall)), "and they stay so"
