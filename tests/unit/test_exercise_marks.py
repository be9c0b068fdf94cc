"""No screen, file or answer of an exercise can be taken for real."""

import pytest
from flask import Response

from app import create_app
from components.exercise_mark import prefixed
from data.settings import settings
from data.store import Store


def served(tmp_path, fresh_settings, *, exercise):
    if exercise:
        fresh_settings.setenv("ZHIZHI_EXERCISE", "true")
    settings.cache_clear()
    return create_app(Store(f"sqlite:///{tmp_path / 'own.sqlite'}"), build="test")


@pytest.fixture
def drill(tmp_path, fresh_settings):
    app = served(tmp_path, fresh_settings, exercise=True)
    yield app
    app.server.extensions["hub"].close()


@pytest.fixture
def plain(tmp_path, fresh_settings):
    app = served(tmp_path, fresh_settings, exercise=False)
    yield app
    app.server.extensions["hub"].close()


def test_every_page_has_the_border_and_the_title(drill):
    for path in ("/", "/login"):
        text = drill.server.test_client().get(path).text
        assert "<html data-exercise=" in text
        assert "<title>【演练】" in text


def test_every_answer_says_so(drill):
    client = drill.server.test_client()
    for path in ("/", "/healthz", "/api/v1/", "/nothing"):
        assert client.get(path).headers["X-Zhizhi-Exercise"] == "1"


def test_files_are_named_so(drill):
    answer = Response("x")
    answer.headers["Content-Disposition"] = "attachment; filename=\"a.csv\"; filename*=UTF-8''b"
    with drill.server.test_request_context("/healthz"):
        marked = drill.server.process_response(answer).headers["Content-Disposition"]
    assert 'filename="EXERCISE-a.csv"' in marked
    assert "UTF-8''%E3%80%90%E6%BC%94%E7%BB%83%E3%80%91b" in marked


def test_titles_are_marked_once(drill):
    assert prefixed("周报") == "【演练】周报"
    assert prefixed(prefixed("周报")) == "【演练】周报"


def test_its_page_is_there_only_then(drill):
    assert drill.server.test_client().get("/exercise").status_code == 302  # to the sign-in


def test_the_real_system_has_no_mark(plain):
    client = plain.server.test_client()
    answer = client.get("/")
    assert "data-exercise" not in answer.text
    assert "X-Zhizhi-Exercise" not in answer.headers
    assert client.get("/exercise").status_code == 404
    assert prefixed("周报") == "周报"
