"""The pages of a domain and of an area: the weekly review cut and completed, nothing left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from callbacks.boards import area_shown, domain_shown
from components.area_page import area_body
from components.board_ids import BoardView, address, view_of
from components.domain_page import domain_body
from components.i18n import use
from data.catalogue import catalogue
from data.panels.boards import Place, area_board, domain_board
from data.queries.keys import read_keys
from data.vocabulary.review_terms import Doubt, Signal
from tests.conftest import NOW
from tests.helpers import having, walk, words
from tests.store.payloads import request, requests
from tests.store.support import take
from tests.store.weeks import CITY, COUNTIES, WEEK, hear, waves, weeks

CALLS, KEPT, OUTSIDE = "PS-09", "PS-24", "PS-31"
"""Two of the weekly review, one of the same domain outside of it."""
YUANCHENG, TOWN = "441602", "441602001"


def filled(store):
    hear(store, "yuepingan")
    calls = {area: waves(40, 100.0) for area in COUNTIES}
    calls["441622"] = [*calls["441622"][:-1], 900.0]
    weeks(store, CALLS, calls)
    weeks(store, KEPT, {a: [(round(x), 100.0) for x in waves(40, 90, 1.5)] for a in COUNTIES})
    weeks(store, OUTSIDE, {a: waves(40, 20.0, 2.0) for a in COUNTIES})


def place(store, area=CITY, week=WEEK):
    with store.read() as conn:
        return Place(store, catalogue(), read_keys(conn), week, area, NOW)


def codes(review):
    return {r["measure"]["code"] for r in review["rows"]}


def hrefs(part):
    return [c.href for c in walk(part) if getattr(c, "href", None)]


def test_a_domain_has_all_its_indicators_also_those_outside_the_review(store):
    filled(store)
    board = domain_board(place(store), "public_safety")
    own = {i.code for i in catalogue().indicators.values() if i.domain == "public_safety"}
    heard = {c for c in own if catalogue().indicators[c].source == "yuepingan"}
    assert heard <= codes(board["review"]) <= own
    assert OUTSIDE not in board["reviewed"]
    assert board["review"]["rows"][0]["measure"]["code"] == CALLS, "the strongest signal first"
    cells = {r["code"]: r["cells"] for r in board["review"]["matrix"]}
    assert len(cells[OUTSIDE]) == len(COUNTIES)
    assert {c["area"] for c in cells[CALLS] if c["signal"] != Signal.COMMON} == {"441622"}
    assert board["lead"] == catalogue().departments["psb"].name


def test_a_row_outside_the_review_is_counted_like_one_inside(store):
    filled(store)
    facts = catalogue()
    inside = replace(
        facts,
        indicators={
            **facts.indicators,
            OUTSIDE: facts.indicators[OUTSIDE].model_copy(update={"weekly": True}),
        },
    )
    one = domain_board(place(store), "public_safety")["review"]
    other = domain_board(replace(place(store), catalogue=inside), "public_safety")["review"]

    def found(review):
        return next(r for r in review["rows"] if r["measure"]["code"] == OUTSIDE)

    for field in ("now", "last", "signal", "assurance", "strength"):
        assert found(one)[field] == found(other)[field]


def test_an_area_shows_every_domain_and_names_what_it_has_not(store):
    filled(store)
    board = area_board(place(store, YUANCHENG))
    assert {CALLS, KEPT, OUTSIDE} <= codes(board["review"])
    without = {m["code"] for m in board["without"]}
    assert without
    assert not without & codes(board["review"])
    assert all(Doubt.NOT_HERE not in r["doubts"] for r in board["review"]["rows"])
    assert board["above"] == [CITY]
    assert TOWN in board["below"]
    residents, year = board["residents"]
    assert residents > 100_000
    assert 2020 <= year <= 2026
    with use("zh"):
        said = words(area_body(area_shown(store, catalogue(), YUANCHENG, BoardView(WEEK), NOW),
                               BoardView(WEEK)))  # fmt: skip
    assert "常住人口" in said
    assert "不作任何判断" in said


def test_an_area_stands_beside_its_sisters_in_bands(store):
    filled(store)
    lines = area_board(place(store, "441622"))["sisters"]
    calls = next(x for x in lines if x["measure"]["code"] == CALLS)
    assert calls["point"]["area"] == "441622"
    assert calls["point"]["n"] > 100_000, "by residents"
    assert 1 <= calls["bands"] <= calls["compared"] <= len(COUNTIES)
    assert area_board(place(store))["sisters"] == [], "a city has none"


def test_cases_are_counted_by_stage_and_lead_to_the_desk(store):
    late = (NOW - timedelta(hours=2)).isoformat()
    take(
        store, "yuepingan",
        requests(
            request("1", at=NOW - timedelta(days=2), service_code="ZD-01", expected_datetime=late),
            request("2", at=NOW - timedelta(days=1), service_code="ZD-01"),
        ),
    )  # fmt: skip
    weeks(store, CALLS, {area: waves(40) for area in COUNTIES})
    board = domain_board(place(store), "public_safety")
    assert sum(x["open"] for x in board["stages"]) == 2
    assert sum(x["late"] for x in board["stages"]) == 1
    assert domain_board(place(store), "health")["stages"] == []
    with use("zh"):
        view = BoardView(WEEK)
        drawn = domain_body(domain_shown(store, catalogue(), "public_safety", view, NOW), view)
    assert "/desk?domain=public_safety" in hrefs(having(drawn, "p-stages"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_pages_are_drawn_in_both_languages(store, lang):
    filled(store)
    view = BoardView(WEEK)
    with use(lang):
        domain = domain_body(domain_shown(store, catalogue(), "public_safety", view, NOW), view)
        area = area_body(area_shown(store, catalogue(), TOWN, view, NOW), view)
    cards = having(domain, "icard")
    assert len(cards) > 5
    assert f"/indicator/{CALLS}?area={CITY}&week={WEEK}" in hrefs(domain)
    assert ("电信" in words(cards)) is (lang == "zh")
    assert words(having(area, "title"))


def test_a_week_that_cannot_be_shown_says_why(store):
    filled(store)
    for week in ("2027-W20", "2019-W20"):
        view = BoardView(week)
        with use("zh"):
            drawn = area_body(area_shown(store, catalogue(), YUANCHENG, view, NOW), view)
        assert not having(drawn, "rvt")
        assert len(words(having(drawn, "calm"))) > 5
    with use("zh"):
        for view, key, said in (
            (BoardView("2026-W60"), YUANCHENG, "2026-W60"),
            (BoardView(), "999", "没有代码为 999 的地区"),
        ):
            assert said in words(area_body(area_shown(store, catalogue(), key, view, NOW), view))
        shown = domain_shown(store, catalogue(), "nothing", BoardView(), NOW)
        assert "nothing" in words(domain_body(shown, BoardView()))


def test_views_are_addresses(store):
    view = view_of({"week": "2026-W46", "area": "441602", "print": "1"})
    assert address("/domain/", "health", view) == (
        "/domain/health?week=2026-W46&area=441602&print=1"
    )
    assert address("/area/", "441602") == "/area/441602"
