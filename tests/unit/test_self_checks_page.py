"""What a steward reads of the system itself and of its displays."""

from __future__ import annotations

import pytest

from components.i18n import use
from components.self_checks import CHECKS, LEVELS, STATES, watch_view
from data.catalogue import catalogue
from data.queries.alarms.self_checks import self_checks, troubles
from data.vocabulary.screens import ScreenState
from tests.conftest import NOW
from tests.helpers import walk, words

AT = NOW.timestamp()


def screen(**more):
    return {
        "id": "d-0123456789", "name": "大厅主屏", "page": "/", "build": "abcdef0123", "other_build": False,
        "state": "fresh", "seen_at": AT - 5, "painted_at": AT - 6, "memory_mb": 81.4,
        "size": "3840×2160", "origin": "10.0.0.7",
    } | more  # fmt: skip


def drawn(checks=(), screens=(), lang="zh", keeping=False):
    with use(lang):
        return watch_view(checks, screens, now=AT, keeping=keeping)


def said(*args, **more):
    return " ".join(words(p) for p in drawn(*args, **more))


def test_every_check_of_a_store_has_words(store):
    with store.read() as conn:
        checks = self_checks(conn, catalogue(), NOW)
    assert [c["key"] for c in checks] == list(CHECKS)
    assert {c["level"] for c in checks} <= set(LEVELS)
    for lang in ("zh", "en"):
        shown = said(checks, lang=lang)
        assert "{" not in shown
    assert "从未上报" in said(checks)
    assert troubles(checks) >= 3


def test_a_store_of_another_version_says_only_that(bare_store):
    with bare_store.read() as conn:
        (only,) = self_checks(conn, catalogue(), NOW)
    assert (only["key"], only["level"]) == ("schema", "bad")
    assert "python -m data migrate" in said([only])


def test_a_display_is_told_with_when_it_was_heard_and_painted():
    shown = said((), [screen()])
    for part in (
        "大厅主屏",
        "在线",
        "10:19:55",
        "10:19:54",
        "5 秒前",
        "81 MB",
        "abcdef01",
        "3840×2160",
    ):
        assert part in shown
    assert "与服务器不一致" not in shown


def test_another_build_is_marked_and_what_is_missing_is_said():
    row = screen(other_build=True, painted_at=None, memory_mb=None)
    shown = said((), [row])
    assert "与服务器不一致" in shown
    assert "未上报" in shown
    assert "—" in shown


@pytest.mark.parametrize("state", list(ScreenState))
def test_every_state_has_a_mark_and_a_word(state):
    marks = [c for p in drawn((), [screen(state=state.value)]) for c in walk(p)]
    look, _word = STATES[state]
    assert any(look in (getattr(c, "className", "") or "") for c in marks)


def test_only_who_may_finds_buttons():
    def buttons(keeping, state="fresh"):
        parts = drawn((), [screen(state=state)], keeping=keeping)
        return [words(c) for p in parts for c in walk(p) if type(c).__name__ == "Button"]

    assert buttons(keeping=False) == []
    assert buttons(keeping=True) == ["改名", "停用"]
    assert buttons(keeping=True, state="retired") == ["恢复监视"]


def test_no_display_is_said_in_words():
    assert "没有打开过大屏" in said()
