"""A store that does not answer is a 503 to whoever did not word it, and never a traceback."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from callbacks import api_problem


@pytest.fixture
def server():
    made = Flask("test")
    api_problem.register_errors(made)
    return made


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("select 1", {}, Exception("cut")),
        InterfaceError("select 1", {}, Exception("closed")),
        PoolTimeout("all connections are taken"),
    ],
)
def test_a_page_says_503_and_when_to_come_again(server, error):
    @server.get("/x")
    def x():
        raise error

    answer = server.test_client().get("/x")
    assert (answer.status_code, answer.json) == (503, {"error": "store_lost"})
    assert answer.headers["Retry-After"] == "5"


def test_what_we_got_wrong_ourselves_stays_a_fault(server):
    @server.get("/x")
    def x():
        raise ProgrammingError("selekt 1", {}, Exception("syntax"))

    assert server.test_client().get("/x").status_code == 500
