"""What clicks and keys do: county, number, sources, language."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from components.i18n import use
from components.reasons import row_word as shown_word
from data.catalogue import catalogue
from data.tables.registry import CONNECTORS
from tests.bench.system import System, until
from tests.browser import store_side
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads"
OPEN = "return document.querySelector('#%s').classList.contains('open')"
INSIDE = """
const gd = document.querySelector('#map-figure .js-plotly-plot'), geo = gd._fullLayout.geo._subplot;
const trace = gd.data.find((t) => t.type === 'choropleth'), at = trace.locations.indexOf(arguments[0]);
const feature = trace.geojson.features[at], ring = feature.geometry.type === 'MultiPolygon'
  ? feature.geometry.coordinates[0][0] : feature.geometry.coordinates[0];
const box = gd.querySelector('.bglayer rect, .bg rect').getBoundingClientRect();
const px = ring.map((p) => geo.projection(p)), svg = gd.querySelector('.main-svg').getBoundingClientRect();
const inside = (x, y) => { let c = false;
  for (let i = 0, j = px.length - 1; i < px.length; j = i++) {
    const [a, b] = px[i], [d, e] = px[j];
    if (b > y !== e > y && x < ((d - a) * (y - b)) / (e - b) + a) c = !c;
  } return c; };
let best = null, far = -1;
const marks = [...gd.querySelectorAll('.scattergeo path.point, .scattergeo text')].map((n) => n.getBoundingClientRect())
  .map((r) => [(r.left + r.right) / 2 - svg.left, (r.top + r.bottom) / 2 - svg.top]);
for (let x = 0; x < svg.width; x += 8) for (let y = 0; y < svg.height; y += 8) {
  if (!inside(x, y)) continue;
  const d = Math.min(...px.map((p) => Math.hypot(p[0] - x, p[1] - y)), ...marks.map((p) => Math.hypot(p[0] - x, p[1] - y)));
  if (d > far) { far = d; best = [svg.left + x, svg.top + y]; }
}
return best"""


def row_word(connector: str) -> str:
    with use("zh"):
        return re.escape(shown_word(CONNECTORS[connector].row_word))


@pytest.fixture(scope="module")
def wall(city: System, make_browser: Callable[..., Browser]) -> Browser:
    return make_browser(city.url)


@pytest.mark.parametrize("county", ["441625", "441622"])
def test_a_click_on_a_county_shows_that_county_and_back_returns(wall: Browser, county: str) -> None:
    wall.open()
    home = wall.text("#area-name")
    before = wall.js("return [...document.querySelectorAll('.k .v')].map((v) => v.textContent)")
    x, y = wall.js(INSIDE, county)
    wall.click_at(x, y)
    until(lambda: f"area={county}" in wall.driver.current_url, 10, lambda: wall.driver.current_url)
    until(lambda: wall.text("#area-name") != home, 10, "the county's name")
    drawn = "return !document.querySelector('.pending') && zhizhi.area() === arguments[0]"
    until(lambda: wall.js(drawn, county), 15, "the county's panels")
    after = wall.js("return [...document.querySelectorAll('.k .v')].map((v) => v.textContent)")
    assert before != after
    wall.driver.back()
    until(lambda: wall.js("return zhizhi.area()") == "441600", 10, "back home")
    until(lambda: wall.text("#area-name") == home, 10, "the city's name")
    assert "area=" not in wall.driver.current_url


def test_a_county_has_an_address_of_its_own(wall: Browser) -> None:
    wall.open("/?lang=zh&area=441625")
    assert wall.js("return zhizhi.area()") == "441625"
    assert "东源" in wall.text("#area-name")
    wall.click("#area-home")
    until(lambda: wall.js("return zhizhi.area()") == "441600", 10)


@pytest.mark.parametrize("domain", [0, 1, 2, 3])
def test_a_click_on_a_number_opens_where_it_comes_from(wall: Browser, domain: int) -> None:
    wall.open()
    tile = wall.js(
        "return document.querySelectorAll('.domain')[arguments[0]].querySelector('.k')", domain
    )
    name = tile.find_element("css selector", ".nm").text
    tile.click()
    until(lambda: wall.js("return !!document.querySelector('#evidence dl')"), 15, "the evidence")
    assert wall.js(OPEN % "drawer")
    said = wall.text("#evidence")
    code = wall.js("return JSON.parse(arguments[0].id).code", tile)
    indicator = catalogue().indicators[code]
    source = catalogue().sources[indicator.source]
    for expected in (name, code, indicator.definition["zh"], source.name["zh"], "文件", "行号"):
        assert expected in said, f"{expected!r} is not in the drawer"
    assert re.search(r"[0-9a-f]{64}", said), "the hash of the file"
    assert re.search(r"(simulator|http://127\.0\.0\.1:\d+|file):?/", said), "the file itself"
    rows = wall.js("""return [...document.querySelectorAll('#evidence .link')].map((l) =>
      [...l.querySelectorAll('dd')].map((d) => d.textContent).concat([...l.querySelectorAll('pre')].map((p) => p.textContent)))""")
    assert rows, "facts with their runs"
    if source.connector == "fhir":  # one row is one fact there; counts of many rows have no row
        assert any(
            re.fullmatch(rf"{row_word(source.connector)} \d+( · .*)?", d) for r in rows for d in r
        ), rows
    wall.press(Keys.ESCAPE)
    until(lambda: not wall.js(OPEN % "drawer"), 5, "the drawer closes")


def test_the_sources_overlay_lists_problems_with_row_and_reason(
    city: System, wall: Browser
) -> None:
    bad = store_side.take(city, "yuepingan", (PAYLOADS / "open311_bad_rows.json").read_bytes())
    refused = [p for p in bad.problems if p.refused]
    assert len(refused) >= 3
    wall.open()
    wall.click("#sources-button")
    until(
        lambda: wall.js("return !!document.querySelector('#sources-detail article')"),
        15,
        "the list",
    )
    assert wall.js("return document.querySelectorAll('#sources-detail article').length") == 10
    rows = wall.js("""return [...document.querySelectorAll('#sources-detail table.t tbody tr')]
      .map((r) => [...r.cells].map((c) => c.textContent).join(' | '))""")
    for problem in refused:
        found = [r for r in rows if problem.reason in r and "by-hand.json" in r]
        assert found, f"{problem.reason} is not listed"
        assert problem.row is None or any(f" {problem.row} |" in r for r in found), found
    wall.press(Keys.ESCAPE)
    until(lambda: not wall.js(OPEN % "sources"), 5, "the list closes")


def test_the_language_changes_with_a_click_and_is_remembered(wall: Browser) -> None:
    wall.open("/?lang=zh")
    before = wall.text("h1")
    wall.click("#language-link")
    until(lambda: "lang=en" in wall.driver.current_url, 10)
    until(lambda: wall.js("return document.querySelector('#wall')?.lang") == "en", 20, "English")
    assert wall.text("h1") != before
    wall.open("/")
    assert wall.js("return document.querySelector('#wall').lang") == "en"
    wall.open("/?lang=zh")
    wall.open("/")
    assert wall.js("return document.querySelector('#wall').lang") == "zh"


def test_escape_closes_what_is_open_first_and_then_goes_home(wall: Browser) -> None:
    wall.open("/?lang=zh&area=441625")
    wall.click(".k")
    until(lambda: wall.js(OPEN % "drawer"), 10)
    wall.press(Keys.ESCAPE)
    until(lambda: not wall.js(OPEN % "drawer"), 5)
    assert wall.js("return zhizhi.area()") == "441625"
    wall.press(Keys.ESCAPE)
    until(lambda: wall.js("return zhizhi.area()") == "441600", 5)


def test_a_number_of_a_county_is_walked_back_in_that_county(wall: Browser) -> None:
    """The county was chosen on the page, not in its first address."""
    wall.open()
    wall.js("zhizhi.setArea('441625')")
    until(lambda: wall.js("return !document.querySelector('.pending')"), 15, "the county's panels")
    wall.click(".k")
    until(lambda: wall.js("return !!document.querySelector('#evidence header p')"), 15, "evidence")
    assert catalogue().areas["441625"].name["zh"] in wall.text("#evidence header p")


def test_numbers_and_sources_are_reached_by_keyboard_alone(wall: Browser) -> None:
    wall.open()
    wall.js("document.querySelector('.k').focus()")
    wall.press(Keys.ENTER)
    until(lambda: wall.js(OPEN % "drawer"), 10)
    wall.press(Keys.ESCAPE)
    wall.js("document.querySelector('#sources-button').focus()")
    wall.press(Keys.SPACE)
    until(lambda: wall.js(OPEN % "sources"), 10)
    wall.press(Keys.ESCAPE)
    until(lambda: not wall.js(OPEN % "sources"), 5)
