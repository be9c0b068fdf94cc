"""A wall that looks back: its band, the slider, play, no acts, nothing pushed, a quiet console."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from data.sharing.at import written
from data.store import utc_now
from tests.bench.system import System, until
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

MOMENT = "return document.querySelector('#replay-band .moment').textContent"
PRESS = """[...document.querySelectorAll('#replay-controls button')]
  .find((b) => ((b.getAttribute('aria-label') || '') + b.textContent).includes(arguments[0])).click()"""


@pytest.fixture(scope="module")
def wall(city: System, make_browser: Callable[..., Browser]) -> Browser:
    return make_browser(city.url)


def test_a_wall_looks_back_moves_and_plays(city: System, wall: Browser) -> None:
    at = (utc_now() - timedelta(minutes=5)).replace(second=0, microsecond=0)
    wall.open(f"/?at={written(at)}&lang=en", live=False)
    until(lambda: wall.js("return !!document.querySelector('#replay-controls button')"), 20, "band")
    before = wall.js(MOMENT)
    assert wall.js("return zhizhi.replaying() && zhizhi.state().lastBeat === null")
    assert wall.js("return document.querySelector('#clock .hm').textContent") in before
    wall.js(PRESS, "Play")
    until(lambda: wall.js(MOMENT) != before, 20, "another minute")
    assert "at=" in wall.js("return location.search")
    wall.js(PRESS, "Pause")
    wall.js(
        """const s = document.querySelector('#replay-controls input');
        s.value = Number(s.value) - 1; s.dispatchEvent(new Event('input'));
        s.dispatchEvent(new Event('change'))"""
    )
    until(lambda: wall.js("return !document.querySelector('.replay.waits')"), 20, "the answer")
    assert wall.js("return document.querySelector('.replay .fault').textContent") == ""
    status = "const a = await fetch('/live/since?scopes=en:441600'); return a.status"
    assert wall.js(f"return (async () => {{ {status} }})()") == 409
    live = wall.js("return document.querySelector('#replay-band .live').href")
    assert "at=" not in live
    assert [c for c in wall.devtools.complaints if "409" not in str(c)] == []
