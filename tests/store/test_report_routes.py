"""The exports over HTTP: who gets what, in whose scope, what is kept of it, and words for the rest."""

from __future__ import annotations

import base64
import hashlib
import json
from io import BytesIO
from urllib.parse import unquote

import docx
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy.exc import OperationalError

from app import create_app
from callbacks import identity, login, report, report_note, report_print, report_wish
from callbacks.print_browser import PrintError, Stage
from callbacks.print_queue import SEATS, Place
from callbacks.print_ticket import HEADER, read
from data import models as m
from data.settings import Settings
from data.vocabulary import Role
from data.vocabulary.review_terms import Doubt
from tests.conftest import NOW
from tests.report_reading import no_minutes
from tests.review_sample import sample_review
from tests.store.people import GOOD, make, quick  # noqa: F401
from tests.store.support import ZIJIN, rows_of, sqlite_only
from tests.unit.login.signing_in import hidden

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]
WEEK = "week=2026-W47&area=441600&lang=zh"
KEY = "k" * 40


@pytest.fixture
def jobs(monkeypatch):
    """A browser that is none: it notes what it was asked to print."""
    asked = []

    def print_page(job, _browser):
        asked.append(job)
        yield Stage.STARTING
        yield Stage.LOADING
        yield Stage.PRINTING
        yield b"%PDF-1.7 of a page"

    monkeypatch.setattr(report_print, "print_page", print_page)
    monkeypatch.setattr(report_print, "find_browser", lambda _given: "/usr/bin/true")
    return asked


@pytest.fixture
def config(request, tmp_path):
    return Settings(var=tmp_path, secret_key=KEY, **getattr(request, "param", {}))


@pytest.fixture
def server(store, monkeypatch, config, jobs):
    for module in (login, report, report_note):
        monkeypatch.setattr(module, "utc_now", lambda: NOW)
    real = identity.register
    monkeypatch.setattr(identity, "register", lambda *given: real(*given, clock=lambda: NOW))
    monkeypatch.setattr("app.settings", lambda: config)
    monkeypatch.setattr(report_wish.weekly, "page", lambda *_given: sample_review(demo=False))
    monkeypatch.setattr(report_wish, "minutes", lambda *_given: no_minutes())
    found = create_app(store, build="b1").server
    yield found
    found.extensions["hub"].close()


def signed_in(server, store, name="wang.min", role=Role.OPERATOR, **scope):
    number = make(store, name, role, display="王敏", **scope)
    client = server.test_client()
    page = client.get("/_dash-layout", headers={"Referer": "http://localhost/login"})
    token = hidden(page.get_json())["token"]
    answer = client.post("/login", data={"token": token, "name": name, "password": GOOD})
    assert answer.status_code == 303
    client.number = number
    return client


@pytest.fixture
def client(server, store):
    return signed_in(server, store)


def exports(store):
    return [r for r in rows_of(store, m.audit) if r.act == "export"]


def progress(client, kind, query=WEEK):
    answer = client.get(f"/weekly/report.{kind}?{query}&progress=1")
    return answer, [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]


# ---- the file ----


@pytest.mark.parametrize("kind", ["xlsx", "docx", "pdf"])
def test_a_file_comes_with_its_chinese_name(client, kind):
    answer = client.get(f"/weekly/report.{kind}?{WEEK}")
    assert answer.status_code == 200
    header = answer.headers["Content-Disposition"]
    assert header.isascii()
    assert f'filename="report.{kind}"' in header
    name = unquote(header.partition("filename*=UTF-8''")[2])
    assert name == f"河源市城市运行周报 2026年第47周.{kind}"
    assert answer.headers["Cache-Control"] == "no-store"


def test_word_and_excel_open_and_name_who_took_them(client):
    word = client.get(f"/weekly/report.docx?{WEEK}").get_data()
    lines = [p.text for p in docx.Document(BytesIO(word)).paragraphs]
    assert any("由王敏导出" in line for line in lines)
    book = client.get(f"/weekly/report.xlsx?{WEEK}").get_data()
    assert CalamineWorkbook.from_filelike(BytesIO(book)).sheet_names[0] == "说明"


def outside_links(made):
    rels = docx.Document(BytesIO(made)).part.rels.values()
    return {r.target_ref for r in rels if r.is_external}


def test_links_lead_to_the_address_that_was_asked(client):
    links = outside_links(client.get(f"/weekly/report.docx?{WEEK}").get_data())
    assert links
    assert all(t.startswith("http://localhost/e/") for t in links)


@pytest.mark.parametrize("config", [{"public_url": "https://ops.example.gov/"}], indirect=True)
def test_links_lead_to_the_configured_address(client):
    links = outside_links(client.get(f"/weekly/report.docx?{WEEK}").get_data())
    assert links
    assert all(t.startswith("https://ops.example.gov/e/") for t in links)


def test_the_language_is_the_one_that_is_asked(client):
    answer = client.get("/weekly/report.docx?week=2026-W47&lang=en")
    assert b"Weekly%20city%20operations" in answer.headers["Content-Disposition"].encode()


def test_without_a_week_it_is_the_newest_that_is_over(client, jobs):
    client.get("/weekly/report.pdf")
    assert "week=2026-W46" in jobs[0].address or "week=2026-W47" in jobs[0].address


# ---- what is kept ----


@pytest.mark.parametrize("kind", ["xlsx", "docx", "pdf"])
def test_every_export_stands_in_the_audit_with_the_hash_of_the_file(client, store, kind):
    made = client.get(f"/weekly/report.{kind}?{WEEK}").get_data()
    (entry,) = exports(store)
    assert entry.object == f"weekly/2026-W47/441600.{kind}"
    assert (entry.actor_id, entry.role, entry.outcome) == (client.number, "operator", "done")
    assert entry.after["sha256"] == hashlib.sha256(made).hexdigest()
    assert entry.after["mark"] == "sample"


def test_a_failed_print_stands_there_too(client, store, monkeypatch):
    def crashes(_job, _browser):
        yield Stage.STARTING
        raise PrintError("crashed", "gone")

    monkeypatch.setattr(report_print, "print_page", crashes)
    answer = client.get(f"/weekly/report.pdf?{WEEK}")
    assert answer.status_code == 503
    assert "重试" in answer.get_data(as_text=True)
    assert [e.outcome for e in exports(store)] == ["failed"]


# ---- who ----


@pytest.mark.parametrize("kind", ["xlsx", "docx", "pdf"])
def test_nobody_without_a_sign_in(server, store, kind):
    answer = server.test_client().get(f"/weekly/report.{kind}?{WEEK}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login?next=%2Fweekly%3Fweek%3D2026-W47")
    answer, lines = progress(server.test_client(), kind)
    assert answer.status_code == 401
    assert "登录" in lines[0]["refused"]
    assert exports(store) == []


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.SECURITY])
def test_who_runs_the_machine_takes_nothing_out(server, store, role):
    client = signed_in(server, store, role=role)
    answer = client.get(f"/weekly/report.xlsx?{WEEK}")
    assert answer.status_code == 403
    assert exports(store) == []


def test_a_ticket_of_a_print_takes_no_file_out(server, client, jobs):
    client.get(f"/weekly/report.pdf?{WEEK}")
    stranger = server.test_client()
    for kind in ("xlsx", "pdf"):
        answer = stranger.get(f"/weekly/report.{kind}?{WEEK}", headers=dict(jobs[0].headers))
        assert answer.status_code == 302


def test_late_cases_are_those_of_the_readers_scope(server, store):
    client = signed_in(server, store, area=ZIJIN)
    everything = sample_review()["late"]
    mine = [c["title"] for c in everything if c["area_code"].startswith(ZIJIN)]
    assert 0 < len(mine) < len(everything)
    book = client.get(f"/weekly/report.xlsx?{WEEK}").get_data()
    sheet = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_name("超期事项")
    told = str(sheet.to_python())
    word = client.get(f"/weekly/report.docx?{WEEK}").get_data()
    printed = str([[c.text for c in t._cells] for t in docx.Document(BytesIO(word)).tables])
    for case in everything:
        assert (case["title"] in told) == (case["title"] in mine)
        assert (case["title"] in printed) == (case["title"] in mine)


# ---- the print ----


def test_the_browser_is_sent_to_the_very_page_with_a_ticket_of_the_one_who_asked(
    client, jobs, server
):
    client.get(f"/weekly/report.pdf?{WEEK}")
    (job,) = jobs
    assert job.address == "http://127.0.0.1:8050/weekly?week=2026-W47&area=441600&print=1&lang=zh"
    ticket = read(KEY, job.headers[HEADER], now=NOW.timestamp())
    assert ticket.account == client.number
    assert job.address.endswith(ticket.address)
    assert ticket.until - NOW.timestamp() == 60
    assert job.title == "河源市城市运行周报 2026年第47周"


@pytest.mark.parametrize("kind", ["xlsx", "docx", "pdf"])
def test_progress_comes_line_by_line_and_ends_with_the_file(client, kind):
    answer, lines = progress(client, kind)
    assert answer.mimetype == "application/x-ndjson"
    assert all(step["words"] for step in lines[:-1])
    shares = [step["done"] for step in lines[:-1]]
    assert shares == sorted(shares)
    assert lines[-1]["file"].endswith(f"2026年第47周.{kind}")
    made = base64.b64decode(lines[-1]["data"])
    assert made.startswith(b"%PDF" if kind == "pdf" else b"PK")


def test_a_full_queue_is_said_in_words(client, tmp_path):
    taken = [Place(tmp_path / "print") for _ in range(SEATS)]
    assert all(place.sit() for place in taken)
    answer = client.get(f"/weekly/report.pdf?{WEEK}")
    assert answer.status_code == 503
    assert "稍" in answer.get_data(as_text=True) or "再试" in answer.get_data(as_text=True)
    assert client.get(f"/weekly/report.docx?{WEEK}").status_code == 200
    for place in taken:
        place.leave()
    assert client.get(f"/weekly/report.pdf?{WEEK}").status_code == 200


def test_without_a_browser_only_pdf_is_refused_and_says_so(client, monkeypatch):
    def none(_given):
        raise PrintError("no_browser")

    monkeypatch.setattr(report_print, "find_browser", none)
    _answer, lines = progress(client, "pdf")
    assert lines[-1]["refused"] == "导出PDF需要安装Chromium浏览器；Word、Excel不需要。"
    assert client.get(f"/weekly/report.xlsx?{WEEK}").status_code == 200


def test_who_leaves_ends_the_print(server, client, store, monkeypatch, tmp_path):
    ended = []

    def slow(_job, _browser):
        try:
            yield Stage.STARTING
            while True:
                yield Stage.LOADING
        finally:
            ended.append(True)

    monkeypatch.setattr(report_print, "print_page", slow)
    answer = client.get(f"/weekly/report.pdf?{WEEK}&progress=1", buffered=False)
    lines = answer.iter_encoded()
    assert b"words" in next(lines)
    assert b"words" in next(lines)
    answer.close()
    assert ended == [True]
    free = Place(tmp_path / "print")
    assert free.begin()
    free.leave()


# ---- wishes that cannot be met ----


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("week=2026-W60", "没有该周"),
        ("week=last", "没有该周"),
        ("week=2027-W20", "尚未开始"),
        ("week=2026-W47&area=999999", "没有该地区"),
        ("week=2026-W47&area=%3Cb%3E", "没有该地区"),
    ],
)
@pytest.mark.parametrize("kind", ["xlsx", "docx", "pdf"])
def test_what_cannot_be_made_is_said(client, store, kind, query, words):
    answer = client.get(f"/weekly/report.{kind}?{query}&lang=zh")
    assert answer.status_code == 400
    assert answer.content_type.startswith("text/plain")
    assert words in answer.get_data(as_text=True)
    assert exports(store) == []


def test_a_week_before_all_data_has_nothing_to_print(client, monkeypatch):
    empty = sample_review(doubts=[Doubt.BEFORE_DATA], rows=[])
    monkeypatch.setattr(report_wish.weekly, "page", lambda *_given: empty)
    answer = client.get("/weekly/report.docx?week=2019-W03&lang=zh")
    assert answer.status_code == 400
    assert "没有可导出的内容" in answer.get_data(as_text=True)


def test_a_lost_store_is_said(client, monkeypatch):
    def lost(*_given):
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(report_wish.weekly, "page", lost)
    answer = client.get(f"/weekly/report.docx?{WEEK}")
    assert answer.status_code == 503


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(client, method):
    assert getattr(client, method)(f"/weekly/report.xlsx?{WEEK}").status_code in (404, 405)
