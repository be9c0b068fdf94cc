"""A page that takes the rest of its address: `/case/` is every `/case/<no>`."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from dash import Dash, html

from callbacks.pages import Page, register


@pytest.fixture
def house():
    """A house of two pages, and what their layouts were asked."""
    seen: list[dict[str, str]] = []

    def layout(asked):
        seen.append(dict(asked))
        return html.Div(id="part")

    app = Dash("house")
    plain = Page("/", layout, lambda: html.Div(id="part"))
    each = Page("/case/", layout, lambda: html.Div(id="part"), prefix=True)
    register(app, [plain, each])
    return app.server.test_client(), seen


@pytest.mark.parametrize("no", ["ZZ20261118001", "yuepingan-1", "%E6%A1%88-1", "a~b"])
def test_a_page_with_a_prefix_gets_the_rest_of_its_address(house, no):
    client, seen = house
    assert client.get(f"/case/{no}").status_code == 200
    client.get("/_dash-layout", headers={"Referer": f"http://localhost/case/{no}?lang=en"})
    assert seen[-1] == {"lang": "en", "_path": unquote(no)}


@pytest.mark.parametrize("path", ["/case/", "/case", "/case/1/2", "/cases/1", "/1"])
def test_a_prefix_alone_or_more_than_one_part_is_not_found(house, path):
    assert house[0].get(path).status_code == 404


def test_the_rest_of_an_address_cannot_be_made_up_in_its_query(house):
    client, seen = house
    client.get("/_dash-layout", headers={"Referer": "http://localhost/?_path=1"})
    assert seen[-1] == {}
    client.get("/_dash-layout", headers={"Referer": "http://localhost/case/2?_path=1"})
    assert seen[-1] == {"_path": "2"}


def test_a_language_is_kept_on_a_page_with_a_prefix(house):
    answer = house[0].get("/case/1?lang=en")
    assert answer.headers["Set-Cookie"].startswith("lang=en;")
