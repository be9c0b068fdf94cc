"""`python -m data report weekly`: files from a shell, and one plain line for what cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import docx
import pytest
from python_calamine import CalamineWorkbook

from callbacks import report_job, report_made, report_server, report_wish
from data import models as m
from data.settings import Settings
from data.store import Store
from tests.conftest import NOW
from tests.report_reading import no_minutes
from tests.review_sample import sample_review
from tests.store.support import rows_of, sqlite_only

pytestmark = sqlite_only
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shell(store, monkeypatch, tmp_path, capfd):
    """Call the job over a store; returns its status and what it said on stderr, by lines."""
    config = {"var": tmp_path}
    monkeypatch.setattr(report_made, "settings", lambda: Settings(**config))
    monkeypatch.setattr(report_made, "open_store", lambda: store)
    monkeypatch.setattr(report_made, "utc_now", lambda: NOW)
    monkeypatch.setattr(report_made, "configure", lambda _level: None)
    monkeypatch.setattr(report_server, "_command", lambda _place: ["/bin/sleep", "30"])
    monkeypatch.setattr(report_wish.weekly, "page", lambda *_given: sample_review(demo=False))
    monkeypatch.setattr(report_wish, "minutes", lambda *_given: no_minutes())

    def call(*arguments, out="", **changes):
        config.update(changes)
        status = report_job.main([*arguments, f"--out={tmp_path / out}"])
        said = capfd.readouterr()
        return status, said.out.splitlines(), said.err.splitlines()

    return call


@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_a_file_is_written_where_it_is_wished_and_its_place_is_printed(shell, kind, store):
    status, out, err = shell("--week=2026-W47", f"--format={kind}")
    assert status == 0
    path = Path(out[-1])
    assert path.name == f"河源市城市运行周报 2026年第47周.{kind}"
    made = path.read_bytes()
    if kind == "xlsx":
        assert CalamineWorkbook.from_filelike(BytesIO(made)).sheet_names[0] == "说明"
    else:
        assert docx.Document(BytesIO(made)).paragraphs[0].text == "河源市城市运行周报"
    assert err == ["Reading week 2026-W47", "Writing the file"]
    (entry,) = [r for r in rows_of(store, m.audit) if r.act == "export"]
    assert (entry.actor, entry.object) == ("shell", f"weekly/2026-W47/441600.{kind}")


def test_the_file_speaks_the_language_that_is_asked(shell):
    _status, out, _err = shell("--week=2026-W47", "--format=docx", "--lang=en")
    lines = [p.text for p in docx.Document(out[-1]).paragraphs]
    assert lines[0].startswith("Weekly city operations review")
    assert any("the machine's shell" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--week=2026-W60"], "No such week: 2026-W60. Write it as 2026-W47."),
        (["--week=soon"], "No such week: soon."),
        (["--week=2027-W20"], "The week has not begun: week 20 of 2027"),
        (["--week=2026-W47", "--area=123456"], "No such area: 123456"),
    ],
)
@pytest.mark.parametrize("kind", ["xlsx", "docx", "pdf"])
def test_what_cannot_be_made_is_one_line_and_status_two(shell, kind, arguments, words, store):
    status, out, err = shell(*arguments, f"--format={kind}")
    assert (status, out, len(err)) == (2, [], 1)
    assert err[0].startswith("report: ")
    assert words in err[0]
    assert [r for r in rows_of(store, m.audit) if r.act == "export"] == []


def test_without_a_browser_it_says_what_needs_none(shell):
    status, _out, err = shell("--week=2026-W47", "--format=pdf", chromium="/nowhere/chromium")
    assert status == 2
    assert err == [
        "report: PDF needs an installed Chromium; Word, Excel do not. (/nowhere/chromium)"
    ]


def test_a_store_that_is_not_there_is_not_made(shell, monkeypatch, tmp_path):
    path = tmp_path / "none" / "zhizhi.sqlite"
    monkeypatch.setattr(report_made, "open_store", lambda: Store(f"sqlite:///{path}"))
    status, _out, err = shell("--week=2026-W47", "--format=docx")
    assert status == 2
    assert err[-1].startswith("report: There is no store at ")
    assert not path.exists()


def test_a_store_without_tables_is_one_line(shell, monkeypatch, tmp_path):
    path = tmp_path / "empty.sqlite"
    path.touch()
    monkeypatch.setattr(report_made, "open_store", lambda: Store(f"sqlite:///{path}"))
    status, _out, err = shell("--week=2026-W47", "--format=docx")
    assert status == 2
    assert err[-1].startswith("report: The store cannot be used")


def test_a_place_that_cannot_be_written_is_one_line(shell, tmp_path):
    (tmp_path / "taken").write_text("a file")
    status, _out, err = shell("--week=2026-W47", "--format=docx", out="taken/x.docx")
    assert status == 2
    assert err[-1].startswith("report: The file cannot be written")


def test_the_command_hands_on_status_and_words(store, tmp_path):
    env = {**os.environ, "ZHIZHI_VAR": str(tmp_path)}
    env.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "data", "report", "weekly", "--week", "2099-W01", "--format", "xlsx"],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.strip() == "report: The week has not begun: week 1 of 2099"
    assert done.stdout == ""
