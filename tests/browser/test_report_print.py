"""The PDF of a week, printed by a real browser from the real page: what it says, and for whom."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
import requests

from callbacks.print_browser import Job, PrintError, find_browser, print_page
from components.i18n import use
from components.review_head import balance_words, noise_words
from components.review_sentences import message_parts
from data import models as m
from data.calendar.week import Week
from data.catalogue import catalogue
from data.panels import weekly as panel
from data.queries.keys import read_keys
from data.store import utc_now
from data.vocabulary import LOCAL
from tests.bench.system import System, until
from tests.browser.case_side import people, sign_in
from tests.browser.chromium import Browser
from tests.review_sample import sample_review
from tests.store.support import rows_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CITY = "441600"
WEEK = Week.of(utc_now().astimezone(LOCAL).date()) - 1
ROOT = Path(__file__).resolve().parents[2]
DRAWN = "return !!document.querySelector('.sheet .p-foot') && document.fonts.status === 'loaded'"


@pytest.fixture(scope="module")
def town(make_city: Callable[..., System]) -> System:
    """A small city whose last week is kept as the sample says it."""
    system = make_city("web", ZHIZHI_SECRET_KEY="k" * 40)
    people(system)
    facts = catalogue()
    with system.store() as store:
        with store.read() as conn:
            keys = read_keys(conn)
            mark = panel.build(conn, facts, keys, str(WEEK), CITY, utc_now())["mark"]
        panel.keep(store, keys, kept(mark))
    return system


def kept(mark: str):
    return sample_review(
        week=str(WEEK), first=WEEK.first.isoformat(), last=WEEK.last.isoformat(), mark=mark,
        as_of=(utc_now() + timedelta(hours=1)).timestamp(),
    )  # fmt: skip


@pytest.fixture
def reader(town: System, browser: Callable[..., Browser]) -> requests.Session:
    """The session of somebody who signed in, as their browser has it."""
    page = browser(town.url)
    sign_in(page, "test.leader")
    found = requests.Session()
    found.headers["User-Agent"] = str(page.js("return navigator.userAgent"))
    for cookie in page.driver.get_cookies():
        found.cookies.set(cookie["name"], cookie["value"])
    return found


def text_of(pdf: bytes) -> str:
    """Return the text of a PDF without its line ends."""
    pages = pypdfium2.PdfDocument(pdf)
    found = "".join(page.get_textpage().get_text_range() for page in pages)
    return "".join(found.split()).replace("\u2009", "")


def bare(words: str) -> str:
    return "".join(words.split()).replace("\u2009", "")


def test_the_pdf_is_the_page_as_the_reader_sees_it(town: System, reader: requests.Session) -> None:
    asked = {"week": str(WEEK), "area": CITY, "lang": "zh"}
    answer = reader.get(f"{town.url}/weekly/report.pdf", params=asked, timeout=120)
    assert answer.status_code == 200, answer.text
    document = pypdfium2.PdfDocument(answer.content)
    assert document.get_metadata_dict()["Title"].endswith("演示数据")
    width, height = document[0].get_size()
    assert (round(width), round(height)) in ((595, 842), (594, 842), (596, 842))
    said, review = text_of(answer.content), kept("")
    with use("zh"):
        assert bare(balance_words(review["totals"])) in said
        assert bare(noise_words(review["noise"])) in said
        for message in review["messages"]:
            lead, _rest = message_parts(message, review["areas"])
            assert bare(lead) in said
    for case in review["late"]:
        assert bare(case["title"]) in said
    for word in ("退出登录", "会话", "复制表格", "改写"):  # what is for the screen only
        assert word not in said
    with town.store() as store:
        acts = [r.act for r in rows_of(store, m.audit) if r.act.startswith(("print", "export"))]
    assert acts == ["print_page", "print_layout", "export"]


def test_it_says_how_far_it_is_and_ends_with_the_file(
    town: System, reader: requests.Session
) -> None:
    asked = {"week": str(WEEK), "area": CITY, "lang": "en", "progress": "1"}
    address = f"{town.url}/weekly/report.pdf"
    with reader.get(address, params=asked, timeout=120, stream=True) as answer:
        steps = [json.loads(line) for line in answer.iter_lines()]
    assert {s["words"] for s in steps[:-1]} >= {"Starting the browser", "Laying out the pages"}
    said = text_of(base64.b64decode(steps[-1]["data"]))
    assert "InDemodata" not in said
    assert "Influenza-likeshare" in said


def test_the_page_shows_the_progress_of_a_download(
    town: System, browser: Callable[..., Browser]
) -> None:
    page = browser(town.url)
    sign_in(page, "test.leader")
    page.driver.get(f"{page.base}/weekly?lang=zh&week={WEEK}")
    until(lambda: page.js(DRAWN), 45, "drawn")
    page.js(
        "window.saved = []; URL.createObjectURL = (b) => { saved.push([b.type, b.size]); return '#'; };"
        "window.seen = []; new MutationObserver(() => { const p = document.querySelector('.making progress');"
        "if (p) seen.push(p.value); }).observe(document.body, {childList: true, subtree: true, attributes: true});"
        "document.querySelector('a[href*=\"report.pdf\"]').click()"
    )
    until(lambda: page.js("return saved.length"), 90, "the file")
    kind, size = page.js("return saved[0]")
    assert kind == "application/pdf"
    assert size > 20_000
    assert max(page.js("return seen")) > 0
    until(lambda: page.js("return !document.querySelector('.making')"), 10, "progress gone")


def test_the_shell_prints_without_anybody_signed_in(town: System, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "data", "report", "weekly", "--week", str(WEEK), "--out", str(tmp_path)],
        cwd=ROOT, env=town.env, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.iterdir()
    assert done.stdout.strip() == str(path)
    assert path.name.startswith("河源市城市运行周报")
    assert "Laying out the pages" in done.stderr
    assert bare(kept("")["late"][0]["title"]) in text_of(path.read_bytes())


# ---- the browser alone ----


def profiles() -> list[Path]:
    return list(Path(os.environ.get("TMPDIR", "/tmp")).glob("zhizhi-print-*"))


def run(job: Job) -> bytes:
    steps = list(print_page(job, find_browser()))
    assert isinstance(steps[-1], bytes)
    return steps[-1]


def test_a_page_that_is_an_error_is_given_up_at_once(town: System) -> None:
    before = profiles()
    start = time.monotonic()
    with pytest.raises(PrintError, match="refused"):
        run(Job(f"{town.url}/nowhere", "x", "''"))
    assert time.monotonic() - start < 40  # not the whole time it would have had
    assert profiles() == before


def test_a_page_that_never_is_ready_is_given_up_and_nothing_is_left(town: System) -> None:
    before = profiles()
    with pytest.raises(PrintError, match="too_long"):
        run(Job(f"{town.url}/login", "x", "''", longest_s=6))
    assert profiles() == before


def test_who_stops_waiting_ends_the_browser(town: System) -> None:
    before = profiles()
    printing = print_page(Job(f"{town.url}/login", "x", "''"), find_browser())
    next(printing)
    next(printing)
    assert len(profiles()) == len(before) + 1
    printing.close()
    assert profiles() == before


def test_no_browser_is_said() -> None:
    with pytest.raises(PrintError, match="no_browser"):
        find_browser("/nowhere/chromium")


def test_a_browser_that_is_none_is_said() -> None:
    with pytest.raises(PrintError, match="crashed"):
        list(print_page(Job("http://127.0.0.1:1/", "x", "''", longest_s=10), "/bin/false"))
