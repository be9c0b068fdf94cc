"""The public notice of the stage in force, on one page of A4 paper, in both languages."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.formats import local
from components.i18n import _, use
from components.page_frame import page_frame
from components.person import Signed
from components.stage_ids import NOTICE, PATH
from components.stage_mark import ROMAN
from components.stage_page import StagePlace
from components.stage_parts import level_of
from data.vocabulary.stage import StageBoard


def notice_page(
    board: StageBoard | None, place: StagePlace, signed: Signed | None, *, lang: str, now: float
) -> html.Div:
    """Return the notice; both languages stand on it whatever the reader speaks."""
    with use(lang):
        return page_frame(
            [html.Div(_sheet(board, place), className="notice")],
            title=_("Public notice"), path=PATH, address=NOTICE, signed=signed, area=place.area,
            city=place.city, build=place.build, now=now, demo=bool(board and board["demo"]),
            id_="stagenotice", only="stage",
            foot=_("Print it with the browser: one page of A4"),
        )  # fmt: skip


def _sheet(board: StageBoard | None, place: StagePlace) -> list[Component]:
    back = html.A(_("Back to the stage"), href=PATH, className="btn off-paper")
    if board is None:
        return [html.P(_("The store cannot be read now")), back]
    stage = board["stage"]
    if stage is None or board["since"] is None:
        return [html.P(_("No stage is confirmed, so there is nothing to tell the public.")), back]
    return [_paper(board, place, stage, board["since"]), back]


def _paper(board: StageBoard, place: StagePlace, stage: int, since: float) -> html.Article:
    level, at, made = level_of(board, stage), local(since), local(board["as_of"])
    city, issuer = place.city, place.issuer
    return html.Article(
        [
            html.P("演练演示，非正式公告 · Demonstration, not an official notice",
                   className="demo-line") if board["demo"] else None,
            html.H1(f"{city['zh']}城市运行阶段公告", lang="zh"),
            html.P(
                f"自{at.year}年{at.month}月{at.day}日{at:%H}时{at:%M}分起，"
                f"全市进入城市运行阶段{stage}（{level['name']['zh']}）。",
                lang="zh",
            ),
            html.P(level["sentence"]["zh"], lang="zh"),
            html.P(level["advice"]["zh"], lang="zh"),
            *_responses_zh(board),
            html.Div(
                [
                    html.P(issuer["zh"]),
                    html.P(f"{made.year}年{made.month}月{made.day}日 {made:%H:%M}"),
                ],
                className="seal", lang="zh",
            ),
            html.Hr(),
            html.H2(f"{city['en']}: city stage {stage}, {level['name']['en']}", lang="en"),
            html.P(f"Since {at:%Y-%m-%d %H:%M} (UTC+8).", lang="en"),
            html.P(level["sentence"]["en"], lang="en"),
            html.P(level["advice"]["en"], lang="en"),
            *_responses_en(board),
            html.Div(
                [html.P(issuer["en"]), html.P(f"{made:%Y-%m-%d %H:%M} (UTC+8)")],
                className="seal", lang="en",
            ),
        ],
        className="paper",
    )  # fmt: skip


def _responses_zh(board: StageBoard) -> list[Component]:
    """Return the response levels in force: told beside the stage, by their own documents."""
    rows = [
        f"{r['area_name']['zh']}{r['name']['zh']}{ROMAN[r['level']]}级应急响应（{r['basis']}）"
        for r in board["responses"]
    ]
    if not rows:
        return []
    return [html.P("另，依法启动并在执行中的应急响应：" + "；".join(rows) + "。", lang="zh")]


def _responses_en(board: StageBoard) -> list[Component]:
    rows = [
        f"{r['name']['en']} level {ROMAN[r['level']]}, {r['area_name']['en']} ({r['basis']})"
        for r in board["responses"]
    ]
    if not rows:
        return []
    return [html.P("Statutory emergency responses in force: " + "; ".join(rows) + ".", lang="en")]
