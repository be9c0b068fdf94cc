"""The page of indicators is what the catalogue says."""

from click.testing import CliRunner

from data.cli import docs as page
from data.cli import main


def test_the_page_is_current(catalogue):
    assert page.PAGE.read_text(encoding="utf-8") == page.indicators_page(catalogue)


def test_the_page_names_every_indicator_once(catalogue):
    text = page.indicators_page(catalogue)
    for indicator in catalogue.indicators.values():
        assert text.count(f"\n| {indicator.code} |") == 1


def test_every_row_has_as_many_cells_as_the_head(catalogue):
    rows = [line for line in page.indicators_page(catalogue).splitlines() if line.startswith("|")]
    widths = {line.count("|") for line in rows}
    assert widths == {3, 15}


def test_the_check_fails_when_the_page_is_old(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "PAGE", tmp_path / "docs" / "indicators.md")
    run = CliRunner().invoke
    assert run(main, ["docs", "--check"]).exit_code == 1
    assert run(main, ["docs"]).exit_code == 0
    assert run(main, ["docs", "--check"]).exit_code == 0
    page.PAGE.write_text("old", encoding="utf-8")
    found = run(main, ["docs", "--check"])
    assert found.exit_code == 1
    assert "make docs" in found.output
