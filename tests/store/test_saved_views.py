"""Views of the desk that somebody keeps."""

from __future__ import annotations

import pytest

from data.commands import saved_views as views
from data.commands.saved_views import ViewError
from tests.conftest import NOW
from tests.store.people import make, quick  # noqa: F401

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def account(store):
    return make(store)


def does(store, work, *given, **more):
    with store.write() as conn:
        work(conn, *given, **more)


def kept(store, account):
    with store.read() as conn:
        return {k["name"]: (k["query"], k["home"]) for k in views.kept_views(conn, account)}


def test_a_view_is_kept_renamed_and_removed(store, account):
    does(store, views.keep, account, " 我的  超时 ", "left=overdue", now=NOW)
    assert kept(store, account) == {"我的 超时": ("left=overdue", False)}
    does(store, views.rename, account, "我的 超时", "超时")
    assert list(kept(store, account)) == ["超时"]
    does(store, views.remove, account, "超时")
    assert kept(store, account) == {}


def test_one_view_is_begun_with_and_keeps_its_place_when_it_changes(store, account):
    for name in ("甲", "乙"):
        does(store, views.keep, account, name, f"q={name}", now=NOW)
    does(store, views.begin_with, account, "甲")
    does(store, views.begin_with, account, "乙")
    assert [home for _q, home in kept(store, account).values()].count(True) == 1
    does(store, views.keep, account, "乙", "level=1", now=NOW)
    assert kept(store, account)["乙"] == ("level=1", True)


def test_nobody_touches_the_views_of_somebody_else(store, account):
    other = make(store, "li.lei")
    does(store, views.keep, account, "甲", "q=1", now=NOW)
    with pytest.raises(ViewError):
        does(store, views.rename, other, "甲", "乙")
    does(store, views.remove, other, "甲")
    with pytest.raises(ViewError):
        does(store, views.begin_with, other, "甲")
    assert kept(store, account) == {"甲": ("q=1", False)}
    assert kept(store, other) == {}


@pytest.mark.parametrize(
    ("name", "query", "reason"),
    [("  ", "", "missing"), ("长" * 41, "", "too_long"), ("甲", "q=" + "x" * 500, "too_long")],
)
def test_what_cannot_be_kept_is_refused(store, account, name, query, reason):
    with pytest.raises(ViewError) as refused:
        does(store, views.keep, account, name, query, now=NOW)
    assert refused.value.reason == reason
    assert kept(store, account) == {}


def test_a_name_that_is_taken_and_a_shelf_that_is_full(store, account):
    for n in range(views.MOST):
        does(store, views.keep, account, f"v{n}", "", now=NOW)
    with pytest.raises(ViewError, match="too_many"):
        does(store, views.keep, account, "one more", "", now=NOW)
    with pytest.raises(ViewError, match="taken"):
        does(store, views.rename, account, "v1", "v2")
