"""What a wall looks like that nobody touches: whole, legible, silent, and from this machine."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from data.catalogue import catalogue
from tests.bench.system import System
from tests.browser.chromium import Browser

Note = Callable[[str, object], None]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SIZES = [(1920, 1080), (3840, 2160)]
CLIPPED = """
const px = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; // 2 on a 4K wall
const out = [], screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
for (const e of document.querySelectorAll('#wall *')) {
  if (e.closest('.drawer,.overlay,svg,.js-plotly-plot,.cl') || !e.getBoundingClientRect().width) continue;
  const style = getComputedStyle(e), em = parseFloat(style.fontSize);
  if (style.visibility === 'hidden') continue;
  for (const n of e.childNodes) {
    if (n.nodeType !== 3 || !n.textContent.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(n);
    for (const r of range.getClientRects()) {
      const mid = (r.top + r.bottom) / 2, cut = (q) => r.left < q.left - px || r.right > q.right + px
        || mid - em / 2 < q.top - px || mid + em / 2 > q.bottom + px;
      let by = cut(screen) ? 'the screen' : '';
      for (let p = e; p.id !== 'wall' && !by; p = p.parentElement)
        if (/hidden|clip|auto|scroll/.test(getComputedStyle(p).overflow) && cut(p.getBoundingClientRect())) by = p.className || p.tagName;
      if (by) { out.push(n.textContent.trim().slice(0, 60) + ' | cut by ' + by + ' | ' + (e.closest('.k') || e).textContent.slice(0, 60)); break; }
    }
  }
}
return out"""
CUT_SHORT = """
return [...document.querySelectorAll('#wall .cl')]
  .filter((e) => e.scrollHeight > e.clientHeight + parseFloat(getComputedStyle(e).fontSize) / 2)
  .map((e) => e.textContent)"""
SMALLEST = """
const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16, out = [];
for (const e of document.querySelectorAll('#wall *')) {
  const own = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent).join('');
  if (!/[\\u2e80-\\u9fff]/.test(own) || !e.getBoundingClientRect().width || e.closest('.drawer,.overlay')) continue;
  const px = parseFloat(getComputedStyle(e).fontSize) / rem;
  const least = e.closest('.mapnote') ? 18 : e.closest('.demo') ? 20 : 22;
  if (px < least - 0.01) out.push(px + ' ' + own.slice(0, 40));
}
return out"""
SCROLLS = """const d = document.documentElement;
return [d.scrollWidth - innerWidth, d.scrollHeight - innerHeight, scrollX, scrollY]"""


@pytest.fixture(scope="module")
def wall(city: System, make_browser: Callable[..., Browser]) -> Browser:
    return make_browser(city.url)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_wall_fits_its_screen_and_no_text_is_cut(
    wall: Browser, lang: str, width: int, height: int, note: Note
) -> None:
    wall.resize(width, height)
    wall.open(f"/?lang={lang}")
    wall.settle()
    assert wall.js("return [innerWidth, innerHeight]") == [width, height]
    assert max(wall.js(SCROLLS)) <= 0
    assert wall.js(CLIPPED) == []
    assert wall.js(SMALLEST) == []
    note("cut_short_with_an_ellipsis", wall.js(CUT_SHORT))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_panel_is_there(wall: Browser, lang: str) -> None:
    wall.resize(*SIZES[0])
    wall.open(f"/?lang={lang}")
    tiles = "return [...document.querySelectorAll('.domain')].map((d) => d.querySelectorAll('.k').length)"
    assert wall.js(tiles) == [4, 4, 4, 4]
    assert 1 <= wall.js("return document.querySelectorAll('#queue-rows tr').length") <= 8
    assert wall.js("return document.querySelectorAll('.choroplethlayer path').length") == 6
    assert wall.text("#header-demo").strip()
    assert wall.text("#clock .hm").count(":") == 1
    assert wall.text("#footer-sources").strip()
    assert wall.js("return document.querySelector('#wall').lang") == lang


def test_the_map_is_as_large_as_its_screen_asks(wall: Browser) -> None:
    sizes = []
    for width, height in SIZES:
        wall.resize(width, height)
        wall.open("/?lang=zh")
        wall.settle(1.0)
        sizes.append(
            wall.js("""const t = [...document.querySelectorAll('#map-figure text')];
              return Math.max(...t.map((e) => parseFloat(getComputedStyle(e).fontSize)))""")
        )
    assert sizes[1] == pytest.approx(2 * sizes[0], rel=0.05)


def test_a_wall_is_silent_and_asks_nobody_but_its_own_server(
    city: System, browser: Callable[..., Browser]
) -> None:
    wall = browser(city.url)
    wall.open("/?lang=zh")
    wall.settle(6)  # a heartbeat and some pushes
    wall.click(".k")
    wall.settle(1)
    wall.open("/?lang=en")
    urls = wall.devtools.urls
    away = {
        u
        for u in urls
        if urlsplit(u).scheme not in ("data", "blob", "chrome")
        and urlsplit(u).netloc != f"127.0.0.1:{city.port}"
    }
    assert away == set()
    assert any("/live?" in u for u in urls), "the worker's requests are listened to as well"
    assert wall.devtools.complaints == []
    assert [r.url for r in wall.devtools.requests.values() if r.status >= 400] == []
    assert not any("_dash-update-component" in u and "interval" in u for u in urls)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_department_of_a_matter_fits_its_place_in_the_queue(wall: Browser, lang: str) -> None:
    facts = catalogue()
    owners = {c.department for c in facts.categories.values() if c.matter}
    shown = [facts.departments[d].short or facts.departments[d].name for d in owners]
    names = sorted({name[lang] for name in shown})
    wall.resize(*SIZES[0])
    wall.open(f"/?lang={lang}")
    short = wall.js(
        """const cell = document.querySelector('#queue-rows tr td:nth-child(4) .cl'), was = cell.textContent;
      const half = parseFloat(getComputedStyle(cell).fontSize) / 2;
      const cut = arguments[0].filter((name) => { cell.textContent = name;
        return cell.scrollHeight > cell.clientHeight + half || cell.scrollWidth > cell.clientWidth + 1; });
      cell.textContent = was; return cut""",
        names,
    )
    assert short == []
