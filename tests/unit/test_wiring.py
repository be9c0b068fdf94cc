"""Every callback touches only what is on the page, and every push too.

Uses two private names of Dash (`_callback_list`, `_prop_names`): dash is pinned,
and they are used in this file only.
"""

import json
from collections import Counter

import pytest

from app import create_app
from components.wall import Ids, render_panel
from data.catalogue import catalogue
from data.store import Store
from tests import samples
from tests.helpers import walk


def shape(id_):
    """A pattern id is known by its keys: {"type": "tile", "code": ALL} is {"type": "tile"}."""
    if isinstance(id_, str) and id_.startswith("{"):
        id_ = json.loads(id_)
    return ("pattern", id_["type"]) if isinstance(id_, dict) else str(id_)


@pytest.fixture
def app(tmp_path):
    return create_app(Store(f"sqlite:///{tmp_path / 'empty.sqlite'}"), build="test")


def ids_of(*trees):
    found = {}
    for component in (c for tree in trees for c in walk(tree)):
        if getattr(component, "id", None):
            found.setdefault(shape(component.id), component)
    return found


def layout_of(app, path):
    with app.server.test_request_context(path):
        return app.layout()


@pytest.fixture
def page(app):
    return ids_of(layout_of(app, "/"))


@pytest.fixture
def pages(app):
    """What stands on any page, and what is drawn on one only now and then."""
    open_to_all = [layout_of(app, path) for path in ("/", "/sources", "/login")]
    return ids_of(*open_to_all, app.validation_layout)


def used_by(callback):
    return [(d["id"], d["property"]) for d in callback["inputs"] + callback["state"]]


def outputs_of(callback):
    parts = callback["output"].strip(".").split("...")
    return [p.partition("@")[0].rsplit(".", 1) for p in parts]


def test_every_callback_touches_only_what_is_on_a_page(app, pages):
    assert app._callback_list
    for callback in app._callback_list:
        for id_, prop in [*used_by(callback), *outputs_of(callback)]:
            assert shape(id_) in pages, f"no such id: {id_}"
            names = pages[shape(id_)]._prop_names
            free = [n.removesuffix("*") for n in names if n.endswith("*")]  # data-*, aria-*
            known = prop in names or prop.startswith(tuple(free))
            assert known, f"no such property: {id_}.{prop}"


def test_no_callback_joins_two_pages(app, page):
    """One whose ids stand on two pages would fail in the browser on each of them."""
    for callback in app._callback_list:
        used = {shape(id_) in page for id_, _prop in [*used_by(callback), *outputs_of(callback)]}
        assert len(used) == 1, callback["output"]


def test_the_browser_checks_the_callbacks_of_all_pages_on_each(app, pages):
    checked = ids_of(app.validation_layout)
    used = [i for c in app._callback_list for i, _ in [*used_by(c), *outputs_of(c)]]
    assert {shape(i) for i in used} <= set(checked)
    assert len(json.dumps(app.validation_layout, default=lambda c: c.to_plotly_json())) < 26_000


def test_no_two_callbacks_write_the_same_thing(app):
    written = Counter(".".join(o) for c in app._callback_list for o in outputs_of(c))
    assert [o for o, times in written.items() if times > 1] == []


def test_a_second_app_in_the_process_has_every_callback_too(app, tmp_path):
    other = create_app(Store(f"sqlite:///{tmp_path / 'other.sqlite'}"), build="test")
    assert len(other._callback_list) == len(app._callback_list)


@pytest.mark.parametrize("panel", sorted(samples.panels()))
def test_every_push_touches_only_what_is_on_the_page(page, panel):
    for id_, props in render_panel(
        panel, samples.panels()[panel], lang="zh", area="441600"
    ).items():
        assert shape(id_) in page, f"{panel} pushes to an unknown id: {id_}"
        for prop in props:
            known = page[shape(id_)]._prop_names
            assert prop in known or prop.startswith(("data-", "aria-")), f"{id_}.{prop}"


@pytest.mark.parametrize("path", ["/", "/sources", "/login"])
def test_ids_are_unique(app, path):
    found = walk(layout_of(app, path))
    ids = [json.dumps(c.id, sort_keys=True) for c in found if getattr(c, "id", 0)]
    assert [i for i, times in Counter(ids).items() if times > 1] == []


def test_no_page_has_an_interval_or_hides_callback_errors(app, pages):
    assert not [c for c in pages.values() if type(c).__name__ == "Interval"]
    assert app.config.suppress_callback_exceptions is False


def test_each_wall_indicator_has_a_tile(page, app):
    with app.server.test_request_context("/"):
        ids = [c.id for c in walk(app.layout()) if isinstance(getattr(c, "id", None), dict)]
    codes = {i["code"] for i in ids if i["type"] == "tile"}
    assert codes == {i.code for i in catalogue().indicators.values() if i.wall}
    assert str(Ids.EVIDENCE) in page
