"""What a parser says of a refused row is said in the language of the page."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from components.details import DETAILS, detail_sentence
from components.i18n import use

ROOT = Path(__file__).parents[2] / "data"
PLACES = ("connectors", "tables", "ingest")
SAY_IT = {"Problem", "warn", "_problem", "problem", "RefusedError", "_refused", "refused",
          "MomentError", "NoTimeZoneError"}  # fmt: skip


def templates(node):
    """Yield the sentences an expression can be, with 7 for whatever is put into them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(v.value if isinstance(v, ast.Constant) else "7" for v in node.values)
    elif isinstance(node, ast.IfExp):
        yield from templates(node.body)
        yield from templates(node.orelse)


def said(path):
    """Yield (line, sentence) of every detail in a module: two words at least."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        parts = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in SAY_IT:
                parts = [*node.args, *(k.value for k in node.keywords)]
        elif isinstance(node, ast.Assign):
            named = {getattr(t, "id", "") for t in node.targets}
            parts = [node.value] if "detail" in named else []
        for part in parts:
            for sentence in templates(part):
                if re.search("[a-z]{2,}[^a-z_.]* [a-z]", sentence):
                    yield node.lineno, sentence


def all_said():
    for place in PLACES:
        for path in sorted((ROOT / place).glob("*.py")):
            for line, sentence in said(path):
                yield f"{place}/{path.name}:{line}", sentence


def test_every_detail_of_the_code_is_known():
    unknown = []
    with use("zh"):
        for where, sentence in all_said():
            shown = detail_sentence(re.sub("(?<=[a-z])7$", "", sentence))
            if re.search("[a-z]{3,} [a-z]{2,}", shown):
                unknown.append(f"{where} {sentence!r} -> {shown!r}")
    assert not unknown, "\n".join(["add to components/details.py", *unknown])


@pytest.mark.parametrize(
    ("detail", "chinese"),
    [
        ("not a number; left out", "不是数值；该项未采用"),
        ("7 cells where the header has 5", "表头有 5 列，本行有 7 个单元格"),
        ("GS41 441602 2026-11; did you mean GS-41 大厅等候人数?",
         "GS41 441602 2026-11；您是否要填：GS-41 大厅等候人数？"),
        ("the mapping does not fit: there is no column '县区' (looks like it: 区县). The table has: 区县, 数",
         "表格映射与文件不符：没有 '县区' 列（相近的有：区县）。表中的列有：区县, 数"),
        ("not one row could be taken, 2 refused: bad_status, first row 4 a request is open or closed",
         "没有一行可以采用，拒收 2 行：bad_status，首个为第 4 行 状态只能是未办结或已办结"),
        ("month must be in 1..12", "月份应在 1..12 之间"),
        ("no such date: day is out of range for month", "没有这个日期：该月没有这一天"),
        ("GS-29 441602 2026-11", "GS-29 441602 2026-11"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_detail_is_put_into_words_and_keeps_its_data(detail, chinese):
    with use("zh"):
        assert detail_sentence(detail) == chinese
    with use("en"):
        assert detail_sentence(detail) == detail


def test_no_sentence_swallows_another():
    """Each is told by its own words, whatever stands in its places."""
    for sentence in DETAILS:
        told = re.sub(r"{\w+}", "7", sentence)
        with use("en"):
            assert detail_sentence(told) == told
