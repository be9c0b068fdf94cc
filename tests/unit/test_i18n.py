"""Every word of the screen exists in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from components import formats
from components.i18n import LOCALE, gettext, language, name, ngettext, use
from data.vocabulary import LANGUAGES
from tests import samples

ROOT = Path(__file__).parents[2]


def source_messages():
    found = set()
    for folder in ("components", "callbacks"):
        rows = extract_from_dir(
            ROOT / folder, method_map=[("**.py", "python")], keywords=DEFAULT_KEYWORDS
        )
        found |= {message for _file, _line, message, _comments, _context in rows if message}
    return found


def catalogue(lang):
    with (LOCALE / lang / "LC_MESSAGES" / "messages.po").open("rb") as lines:
        return read_po(lines, locale=lang)


def forms(string):
    return list(string) if isinstance(string, tuple | list) else [string]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_message_is_translated_and_none_is_left_over(lang):
    written = {m.id: m for m in catalogue(lang) if m.id}
    wanted = source_messages()
    assert set(written) - wanted == set(), "not used any more: remove from the .po"
    assert wanted - set(written) == set(), "add to components/locale/*/LC_MESSAGES/messages.po"
    assert catalogue(lang).obsolete == {}
    for message in written.values():
        assert not message.fuzzy, message.id
        assert all(forms(message.string)), f"empty: {message.id}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_translations_keep_the_placeholders(lang):
    for message in catalogue(lang):
        if message.id:
            wanted = set(re.findall(r"{\w*}", forms(message.id)[-1]))
            for form in forms(message.string):
                assert set(re.findall(r"{\w*}", form)) == wanted, message.id


def test_english_says_what_the_source_says():
    for message in catalogue("en"):
        if message.id:
            assert forms(message.string) == forms(message.id)


def test_chinese_has_no_english_left():
    allowed = {"校验值 SHA-256"}
    for message in catalogue("zh"):
        for form in forms(message.string) if message.id else []:
            bare = re.sub(r"{\w*}", "", form)
            assert form in allowed or not re.search(r"[A-Za-z]", bare), form


def test_the_language_holds_inside_its_block_only():
    with use("en"):
        assert gettext("Red") == "Red"
        with use("zh"):
            assert gettext("Red") == "红色"
        assert language() == "en"
    assert language() == "zh"
    with use("tlh"):
        assert language() == "zh"


def test_counts_and_names_follow_the_language():
    assert ngettext("{n} raised", "{n} raised", 2) == "2 项异常"
    assert name(samples.AREAS["441621"]) == "紫金县"
    with use("en"):
        assert name(samples.AREAS["441621"]) == "Zijin County"
        assert name({"zh": "紫金县", "en": ""}) == "紫金县"
    assert name(None) == ""


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (4286, 0, "4\u2009286"),
        (0, 0, "0"),
        (-0.04, 1, "0.0"),
        (-1.5, 1, "−1.5"),
        (None, 0, "—"),
        (float("nan"), 1, "—"),
        (float("inf"), 0, "—"),
        (1234567.891, 2, "1\u2009234\u2009567.89"),
    ],
)
def test_numbers_have_thin_thousands_and_missing_is_a_dash(value, decimals, written):
    assert formats.number(value, decimals) == written


def test_times_are_those_of_the_city():
    assert formats.hour_minute(samples.NOW) == "14:32"
    assert formats.day_time(samples.NOW) == "11-22 14:32"
    assert formats.full_time(samples.NOW) == "2026-11-22 14:32:00"
    assert formats.day_time(None) == formats.hour_minute(None) == "—"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (59, "0 分", "0 min"),
        (360, "6 分", "6 min"),
        (7200, "2 小时", "2 h"),
        (172800, "2 天", "2 days"),
    ],
)
def test_durations_use_the_largest_fitting_unit(seconds, zh, en):
    assert formats.duration(seconds) == zh
    with use("en"):
        assert formats.duration(seconds) == en


def test_of_nothing_there_is_no_share():
    assert formats.share(0, 0) == "—"
    assert formats.share(40, 42) == "95.2%"
