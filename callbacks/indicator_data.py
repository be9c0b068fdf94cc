"""The data of an indicator's page to take away, and the short codes of its numbers."""

from __future__ import annotations

from urllib.parse import quote

from dash.development.base_component import Component
from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as Redirect

from callbacks import identity
from callbacks.hub import Hub
from callbacks.indicator import OWN, READERS, shown_now, unknown
from callbacks.pages import REST_OF, Asked, Page, chosen_language
from components.evidence_code_page import no_such_code
from components.i18n import _, name, use
from components.indicator_data import as_csv, as_workbook, data_table
from components.indicator_ids import PREFIX, IndicatorView, address, view_of
from data.catalogue import Catalogue
from data.store import Store, utc_now
from data.vocabulary.indicator_page import IndicatorPage
from data.vocabulary.review import read_evidence_code

CODES = "/e/"
MIME = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def register(server: Flask, store: Store, catalogue: Catalogue) -> None:
    """Attach the downloads and the short codes."""

    @server.get(f"{PREFIX}<code>/data.<any(csv,xlsx):kind>")
    def data(code: str, kind: str) -> Response:
        """Hand out what the chart shows, and no number that it does not show."""
        identity.require(*READERS)
        view = view_of(request.args)
        with use(chosen_language(request.args)):
            shown = shown_now(store, catalogue, code, view)
            if shown.unknown:
                return _sentence(_missing(shown.unknown, code, view), 404)
            if shown.page is None:
                return _sentence(_("The store cannot be read now"), 503)
            return _file(shown.page, kind)

    @server.before_request
    def follow() -> Redirect | None:
        """Lead from the code of a number to its page, with its evidence open."""
        if not request.path.startswith(CODES) or request.method not in ("GET", "HEAD"):
            return None
        to = leads_to(catalogue, request.path.removeprefix(CODES))
        return redirect(to) if to else None

    @server.after_request
    def missing(response: Response) -> Response:
        """Give a code that leads nowhere the status of what is not there."""
        if request.path.startswith(CODES) and response.status_code == 200:
            response.status_code = 404
        return response


def page(hub: Hub, catalogue: Catalogue) -> Page:
    """Return the page of a code that leads nowhere."""
    city = catalogue.city

    def layout(asked: Asked) -> Component:
        hub.start()
        lang, now = chosen_language(asked), utc_now().timestamp()
        signed = identity.shown()
        return no_such_code(asked.get(REST_OF, ""), city.code, city.name, hub.build, signed,
                            lang=lang, now=now)  # fmt: skip

    return Page(CODES, layout, lambda: no_such_code("", "", {"zh": "", "en": ""}, "", None,
                lang="zh", now=0.0), prefix=True, roles=READERS, own=OWN)  # fmt: skip


def leads_to(catalogue: Catalogue, text: str) -> str:
    """Return the address that a code of a number stands for, "" for none."""
    try:
        code, area, week = read_evidence_code(text)
    except ValueError:
        return ""
    if unknown(catalogue, code, area) or not 1 <= int(week[6:]) <= 53:
        return ""
    return address(code, IndicatorView(area=area, at=week, proof=True))


def _missing(what: str, code: str, view: IndicatorView) -> str:
    if what == "area":
        return _("There is no area {code}.").format(code=view.area)
    return _("There is no indicator {code}.").format(code=code)


def _file(found: IndicatorPage, kind: str) -> Response:
    table = data_table(found)
    title = f"{found['measure']['code']} {name(found['measure']['name'])} {found['area']}"
    content = as_csv(table) if kind == "csv" else as_workbook(table, title)
    answer = Response(content, mimetype=MIME[kind])
    plain = f"{found['measure']['code']}_{found['area']}_{found['grain']}.{kind}"
    pretty = quote(f"{title}.{kind}", safe="")
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{pretty}"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _sentence(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain")
