"""The desk's page by its words: the view as an address, rows as worded, who may do what."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from callbacks import desk
from components import desk_page as page_module
from components.desk_filters import choices
from components.desk_grid import COLUMNS, DRAWN, desk_grid
from components.desk_ids import DeskIds, opens_by_itself, query_of, view_in, view_of
from components.desk_page import DeskPlace, DeskShown, desk_page
from components.desk_rows import wire
from components.desk_said import Meanwhile, Reason, conflict_words, reason_words
from components.desk_script import script_words
from components.i18n import use
from components.person import Signed
from data.catalogue import catalogue
from data.commands.saved_views import LONGEST_NAME
from data.queries.scope import Scope
from data.vocabulary import Role
from data.vocabulary.desk import DeskView
from tests.conftest import NOW
from tests.helpers import having, walk, words

ASSETS = Path(page_module.__file__).parents[1] / "assets"
WATER = {"zh": "市水务局", "en": "Water Affairs"}
ROW = {
    "id": 1, "no": "HL-1", "version": 3, "level": 2, "state": "handling", "holder": "department",
    "category": {"zh": "水利险情", "en": "Flood hazard"}, "domain": "public_safety",
    "county": "441602", "place": [{"zh": "源城", "en": "Yuancheng"}, {"zh": "上城街道", "en": "Shangcheng"}],
    "department": WATER, "lon": 114.7, "lat": 23.7, "title": "", "address": "新江路",
    "reported_at": NOW.timestamp(), "due_at": None, "stage_due_at": None,
    "moved_at": NOW.timestamp(), "seen": False, "led": True, "said": "closed",
    "asked": ["extension"], "supervised": 2, "rework": 1,
}  # fmt: skip
COUNTS = {
    "total": 3, "overdue": 1, "state": {"handling": 2, "opened": 1}, "level": {"1": 1, "4": 2},
    "left": {"overdue": 1, "later": 2}, "county": {"441602": 3},
}  # fmt: skip


def drawn(lang="zh", view=None, *, acting=True, centre=True, counts=COUNTS, areas=None):
    with use(lang):
        found = choices(catalogue(), areas)
    place = DeskPlace("441600", {"zh": "河源市", "en": "Heyuan"}, [], [], "示意图", found, "b1")
    signed = Signed(1, "王敏", Role.OPERATOR, None, {"zh": "河源市", "en": "Heyuan"}, "t", 900)
    shown = DeskShown(counts=counts, demo=True)
    return desk_page(
        shown, view or DeskView(), place, signed, acting=acting, centre=centre, lang=lang, now=0.0
    )


# ---- views as addresses ----


def test_a_view_and_its_address_say_the_same():
    view = DeskView(
        domain="transport", area="441602", state=frozenset({"opened", "handling"}),
        level=frozenset("12"), left=frozenset({"overdue"}), only=frozenset({"unseen"}), q="漏 水",
        sort="newest",
    )  # fmt: skip
    assert view_in(query_of(view)) == view
    assert query_of(DeskView()) == ""


def test_what_cannot_be_understood_is_left_out():
    asked = {
        "state": "opened,best",
        "level": "0,1,9",
        "left": "x",
        "sort": "best",
        "only": "",
        "q": " a " * 99,
    }
    view = view_of(asked)
    assert view.state == {"opened"}
    assert view.level == {"1"}
    assert view.left == frozenset()
    assert view.sort == "level"
    assert len(view.q) <= 80


def test_a_view_that_opens_by_itself_is_marked():
    assert opens_by_itself("left=overdue&home=1")
    assert not opens_by_itself("left=overdue")


# ---- rows ----


def test_a_row_is_worded_with_everything_that_is_to_know():
    with use("zh"):
        row = wire(ROW)
    assert row["title"] == "水利险情"  # what has no title is called by its kind
    assert row["has"] == "市水务局"
    assert row["place"] == "源城 · 上城街道"
    assert row["due_at"] == "无时限"
    said = " ".join(row["marks"])
    for word in ("延期", "返工 1", "平台称"):
        assert word in said, said


@pytest.mark.parametrize(
    ("holder", "word"),
    [
        ("centre", "Command centre"),
        ("approver", "Waiting for approval"),
        ("suspended", "Suspended · Water Affairs"),
    ],
)
def test_who_has_it_is_always_a_word(holder, word):
    with use("en"):
        assert wire(ROW | {"holder": holder})["has"] == word


def test_every_column_of_the_grid_has_a_function_that_draws_it():
    script = (ASSETS / "desk" / "2-grid.js").read_text(encoding="utf-8")
    for name, _share in COLUMNS:
        drawn_so = f"Desk{name.title()}:" if name in DRAWN else f" {name}: (d)"
        assert drawn_so in script
    with use("zh"):
        grid = desk_grid()
    assert "enableEnterpriseModules" not in grid.to_plotly_json()["props"]
    for called in re.findall(
        r'"function": "(\w+)', json.dumps(grid.to_plotly_json()["props"]["columnDefs"])
    ):
        assert called in script


# ---- the page ----


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ("协同指挥台", "全部领域", "已超时", "未确认", "新建案件")),
        ("en", ("Operations desk", "All domains", "Overdue", "Unseen", "New case")),
    ],
)
def test_the_page_speaks_both_languages(lang, said):
    text = words(drawn(lang))
    for word in said:
        assert word in text


def test_chips_say_how_many_and_which_are_chosen():
    tree = drawn(view=DeskView(state=frozenset({"handling"})))
    chips = {(getattr(c, "data-facet"), getattr(c, "data-value")): c for c in having(tree, "chip")}
    assert words(chips["state", "handling"]).endswith("2")
    assert "on" in chips["state", "handling"].className.split()
    assert getattr(chips["state", "handling"], "aria-pressed") == "true"
    assert "zero" in chips["level", "2"].className.split()
    assert words(chips["level", "1"]) == "1 红色 1"


def test_each_level_has_shape_digit_and_word():
    said = script_words()
    assert set(said["levels"]) == set(said["shapes"]) == {"1", "2", "3", "4"}


def test_who_may_not_act_is_shown_no_way_to():
    ids = {getattr(c, "id", None) for c in walk(drawn(acting=False, centre=False))}
    assert DeskIds.GRID in ids
    assert not ids & {DeskIds.NEW, DeskIds.DISPATCH}
    handler = {getattr(c, "id", None) for c in walk(drawn(acting=True, centre=False))}
    assert not handler & {DeskIds.NEW, DeskIds.DISPATCH}


def test_a_case_by_hand_has_at_most_six_fields():
    (form,) = [c for c in walk(drawn()) if getattr(c, "id", None) == DeskIds.NEW]
    assert 0 < len(having(form, "fld")) <= 6


def test_only_areas_within_the_scope_can_be_chosen():
    own = frozenset(a.code for a in catalogue().areas.values() if "441602" in (a.code, a.parent))
    text = getattr(drawn(areas=own), "data-choices")
    assert "源城区" in text
    assert "紫金县" not in text


def test_without_the_store_the_page_says_so():
    tree = drawn(counts=None)
    assert DeskIds.GRID not in {getattr(c, "id", None) for c in walk(tree)}
    assert words(having(tree, "alone"))


def test_a_county_account_gets_the_outline_of_its_county_only():
    own = Scope(
        frozenset(a.code for a in catalogue().areas.values() if "441602" in (a.code, a.parent)),
        None,
    )
    assert {s["code"] for s in desk._shapes(catalogue(), own)} == {"441602"}
    assert len(desk._shapes(catalogue(), Scope(None, None))) > 4


def test_the_scripts_use_the_ids_of_the_page():
    script = "".join(p.read_text(encoding="utf-8") for p in sorted((ASSETS / "desk").glob("*.js")))
    for id_ in (i for i in DeskIds if i != DeskIds.ROOT):
        assert f"'{id_.value}'" in script, id_


def test_every_word_that_the_scripts_ask_for_is_there():
    script = "".join(p.read_text(encoding="utf-8") for p in sorted((ASSETS / "desk").glob("*.js")))
    known = set(script_words())
    asked = set(re.findall(r"(?:D\.words|words\(\)|\bw)\.([a-z_]+)\b", script))
    assert asked - {"test"} <= known, asked - known


# ---- what is said of acts ----


def test_a_conflict_says_who_what_and_when_in_words():
    change = Meanwhile(NOW.timestamp(), "李雷", "dispatch", "dispatched", WATER, "先看堤脚")
    with use("zh"):
        (line,) = conflict_words([change])["lines"]
    for word in ("11-18 10:20", "李雷", "市水务局", "先看堤脚"):
        assert word in line


def test_a_proposal_says_why_by_list_or_by_decision():
    reason = Reason(
        WATER,
        [{"zh": "市应急管理局", "en": "Emergency"}],
        {"zh": "水利险情", "en": "Flood"},
        {"zh": "权责清单", "en": "duty list"},
        "flood_risk/city@1",
    )
    decided = Reason(
        WATER,
        [],
        reason.category,
        reason.basis,
        "flood_risk@2+7",
        "陈立国",
        NOW.timestamp(),
        "河道归水务",
    )
    with use("zh"):
        assert "市水务局" in reason_words(reason)
        assert "市应急管理局" in reason_words(reason)
        assert "陈立国" in reason_words(decided)
        assert "河道归水务" in reason_words(decided)


def test_the_length_of_a_views_name_is_the_same_in_the_browser():
    script = (ASSETS / "desk" / "6-views.js").read_text(encoding="utf-8")
    assert f"maxLength = {LONGEST_NAME}" in script
