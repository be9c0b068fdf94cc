"""A worker that has just started answers everybody who comes first."""

from __future__ import annotations

import re
import socket
import threading
import urllib.request
from collections.abc import Callable

import pytest

from tests.bench.system import System, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

VISITORS = 24


def asked_for(url: str) -> list[str]:
    """Return what a first page load asks for."""
    with urllib.request.urlopen(url + "/", timeout=30) as answer:
        page = answer.read().decode()
    files = re.findall(r'(?:src|href)="(/(?:_dash-component-suites|assets)/[^"]+)"', page)
    assert len(files) > 8
    return ["/", "/_dash-layout", "/_dash-dependencies", *files]


def test_24_simultaneous_first_requests_to_a_fresh_worker_are_all_answered(
    make_city: Callable[..., System],
) -> None:
    system = make_city("web")
    paths = asked_for(system.url)
    system.kill("web")
    system.env["ZHIZHI_WORKERS"] = "1"
    system.start("web")
    until(lambda: _listens(system.port), 30, system.told)
    answers: list[tuple[str, int]] = []
    together = threading.Barrier(VISITORS)

    def visit(number: int) -> None:
        together.wait()
        path = paths[number % len(paths)]
        try:
            with urllib.request.urlopen(system.url + path, timeout=60) as answer:
                answer.read()
                answers.append((path, answer.status))
        except OSError as error:
            answers.append((path, getattr(error, "code", 0)))

    visitors = [threading.Thread(target=visit, args=(n,)) for n in range(VISITORS)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert len(answers) == VISITORS
    assert [a for a in answers if a[1] != 200] == []


def _listens(port: int) -> bool:
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0
