"""What the documents name exists."""

import re
from pathlib import Path

import pytest

from data.catalogue import catalogue
from data.cli import COMMANDS
from data.cli.docs import indicators_page
from data.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / n for n in ("README.md", "CONTRIBUTING.md", "docs/architecture.md")]
PAGES += sorted((ROOT / "docs/decisions").glob("*.md"))


def text(page):
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_make_target_named_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.M))
    named = re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", text(page), re.M)
    assert {a or b for a, b in named} <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_command_named_exists(page):
    assert set(re.findall(r"python -m data ([a-z]+)", text(page))) <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_file_named_exists(page):
    named = re.findall(r"`((?:data|components|callbacks|assets|tests|docs)/[\w./-]+)`", text(page))
    links = re.findall(r"\]\(([\w./-]+)\)", text(page))
    missing = [n for n in named if not (ROOT / n).exists()]
    missing += [n for n in links if not (page.parent / n).exists()]
    assert missing == []


def test_every_setting_named_exists():
    known = {f"ZHIZHI_{name.upper()}" for name in Settings.model_fields} | {"ZHIZHI_WORKERS"}
    named = {n for page in PAGES for n in re.findall(r"ZHIZHI_[A-Z_]+", text(page))}
    assert named <= known


def test_the_page_of_indicators_is_what_the_catalogue_says():
    assert text(ROOT / "docs/indicators.md") == indicators_page(catalogue())


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(p.name[:4]) for p in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
