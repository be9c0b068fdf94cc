"""The queue and the map: open matters, the gravest first, split by area."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.catalogue import catalogue
from data.panels.matters import POINTS, ROWS, Asked, Matters, Shown
from data.queries.cases import Flow, OpenCase, OpenCount
from data.queries.keys import Keys
from tests.conftest import NOW

NOTHING: dict[str, int] = {}


@pytest.fixture(scope="module")
def keys():
    facts = catalogue()

    def numbered(names):
        return {name: n for n, name in enumerate(names, 1)}

    areas = numbered(facts.areas)
    county = {
        areas[a.code]: areas[a.parent] if a.level == 3 else areas[a.code]
        for a in facts.areas.values()
    }
    return Keys(
        areas, numbered(facts.indicators), numbered(facts.sources), numbered(facts.departments),
        numbered(facts.domains), numbered(facts.categories), county,
    )  # fmt: skip


def case(keys, number, area="441602", *, level=3, stage="opened", due=60, place=(114.6, 23.66)):
    area_id = keys.areas[area]
    return OpenCase(
        f"c-{number}", level, stage, "题", keys.categories["flood_risk"], area_id, keys.county_of[area_id],
        keys.departments["water"], *(place or (None, None)), NOW + timedelta(minutes=due),
    )  # fmt: skip


def matters(keys, *rows, flow=None):
    """Return the board as the store would answer: all counted, of each area the first ones."""
    counts = [
        OpenCount(r.county_id, r.stage, r.level, 1, int(r.due_at < NOW), int(r.lon is not None))
        for r in rows
    ]
    shown = {}
    for area in [catalogue().city, *catalogue().counties()]:
        city = area.code == catalogue().city.code
        own = [r for r in rows if city or r.county_id == keys.areas[area.code]]
        shown[area.code] = Shown(own[:ROWS], [r for r in own if r.lon is not None][:POINTS])
    return Matters(Asked(counts, shown, flow or {}), catalogue(), keys)


def test_nothing_open_is_all_zero(keys):
    found = matters(keys)
    queue = found.queue("441600")
    assert queue["rows"] == []
    assert {v for k, v in queue.items() if k != "rows"} == {0}
    assert found.map("441600")["by_level"] == {"1": 0, "2": 0, "3": 0, "4": 0}
    assert found.red("441600") is None


def test_the_stages_of_the_loop_are_counted(keys):
    stages = ["reported", "opened", "dispatched", "handling", "handling", "checking"]
    queue = matters(keys, *(case(keys, n, stage=s) for n, s in enumerate(stages))).queue("441600")
    assert (queue["total"], queue["waiting"], queue["handling"], queue["checking"]) == (6, 3, 2, 1)
    assert [r["step"] for r in queue["rows"]] == [1, 1, 2, 3, 3, 4]


def test_the_queue_shows_the_first_and_counts_all(keys):
    queue = matters(keys, *(case(keys, n) for n in range(ROWS + 5))).queue("441600")
    assert [r["case_no"] for r in queue["rows"]] == [f"c-{n}" for n in range(ROWS)]
    assert queue["total"] == ROWS + 5


def test_a_county_sees_its_own_and_its_towns(keys):
    rows = [case(keys, 1, "441602"), case(keys, 2, "441602001"), case(keys, 3, "441621")]
    found = matters(keys, *rows)
    assert [r["case_no"] for r in found.queue("441602")["rows"]] == ["c-1", "c-2"]
    assert found.queue("441600")["total"] == 3
    assert found.queue("441622")["total"] == 0
    town = found.queue("441602")["rows"][1]
    assert town["town"] == catalogue().areas["441602001"].short
    assert town["county"] == catalogue().areas["441602"].short
    assert found.queue("441602")["rows"][0]["town"] is None


def test_today_is_added_up_for_the_city(keys):
    flow = {keys.areas["441602"]: Flow(3, 4, 2), keys.areas["441621"]: Flow(1, 1, 1)}
    found = matters(keys, flow=flow)
    city, county = found.queue("441600"), found.queue("441602")
    assert (city["closed_today"], city["due_today"], city["on_time_today"]) == (4, 5, 3)
    assert (county["closed_today"], county["due_today"], county["on_time_today"]) == (3, 4, 2)
    assert found.queue("441622")["due_today"] == 0


def test_the_map_shows_every_county_and_the_points_of_the_area(keys):
    rows = [
        case(keys, 1, due=-5),
        case(keys, 2, "441621", place=None),
        case(keys, 3, "441621", level=1),
    ]
    found = matters(keys, *rows)
    city, county = found.map("441600"), found.map("441602")
    assert len(city["areas"]) == len(county["areas"]) == 8
    by_code = {a["code"]: (a["open"], a["overdue"]) for a in county["areas"]}
    assert (by_code["441602"], by_code["441621"]) == ((1, 1), (2, 0))
    assert [p["case_no"] for p in city["points"]] == ["c-1", "c-3"]
    assert [p["case_no"] for p in county["points"]] == ["c-1"]
    assert (city["total"], city["overdue"]) == (3, 1)
    assert city["by_level"] == {"1": 1, "2": 0, "3": 2, "4": 0}
    assert [a["statutory"] for a in city["areas"]] == [True] * 6 + [False] * 2


def test_points_beyond_the_most_that_are_drawn_are_counted(keys):
    rows = [case(keys, n) for n in range(POINTS + 7)] + [case(keys, "x", place=None)]
    found = matters(keys, *rows).map("441600")
    assert (len(found["points"]), found["undrawn"], found["total"]) == (POINTS, 7, POINTS + 8)
    assert matters(keys, *rows[:3]).map("441600")["undrawn"] == 0


def test_a_red_matter_takes_the_header_of_its_own_area(keys):
    found = matters(keys, case(keys, 1, "441621", level=1), case(keys, 2))
    assert found.red("441600")["case_no"] == "c-1"
    assert found.red("441621")["case_no"] == "c-1"
    assert found.red("441602") is None
