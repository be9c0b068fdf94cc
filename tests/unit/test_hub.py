"""The hub without a store: frames, heartbeat, a panel that cannot be drawn."""

from __future__ import annotations

import json

import pytest
from dash import dcc, html

from callbacks.hub import Hub, Scope, _plain
from data.snapshots import Changes, Snapshot

ZH, EN = Scope("zh", "441600"), Scope("en", "441600")


class Render:
    """Draws every panel but those named broken, and counts."""

    def __init__(self, *broken):
        self.broken, self.asked = set(broken), []

    def __call__(self, panel, payload, lang, area):
        self.asked.append((panel, lang, area))
        if panel in self.broken:
            raise ValueError("cannot draw")
        return {f"{panel}-id": {"children": f"{payload} {lang}"}}


def hub_with(render, *snapshots, rev=3):
    hub = Hub(None, render, build="b7")  # type: ignore[arg-type]
    hub.epoch, hub.db_ok = "e1", True
    take(hub, *snapshots, rev=rev)
    return hub


def take(hub, *snapshots, rev):
    hub._take(
        Changes(
            rev, hub.epoch, {"a": 100.04}, {"441600": {"PS-01": 5.0}, "441602": {}}, list(snapshots)
        )
    )


def snapshot(panel, rev=1, area="441600", payload="1"):
    return Snapshot(panel, area, rev, 100.0, 60, payload)


def body_of(frame):
    lines = frame.decode().split("\n")
    assert lines[1] == "event: p"
    return json.loads(lines[2].removeprefix("data: "))


def test_one_panel_that_cannot_be_drawn_does_not_stop_the_others():
    render = Render("bad")
    hub = hub_with(render, snapshot("a"), snapshot("bad", 2), snapshot("c", 3))
    frames = hub.since(-1, "", [ZH])
    assert [body_of(f)["p"] for f in frames] == ["a", "c"]


def test_a_panel_that_cannot_be_drawn_is_tried_once_a_revision():
    render = Render("bad")
    hub = hub_with(render, snapshot("bad"))
    for _ in range(3):
        assert hub.since(-1, "", [ZH]) == []
    assert len(render.asked) == 1
    render.broken.clear()
    take(hub, snapshot("bad", 4), rev=4)
    assert len(hub.since(3, "e1", [ZH])) == 1


def test_a_frame_is_rendered_once_for_each_language_area_and_revision():
    render = Render()
    hub = hub_with(render, snapshot("a"), snapshot("a", area="441602"))
    for _ in range(5):
        hub.since(-1, "", [ZH, EN])
    assert sorted(render.asked) == [("a", "en", "441600"), ("a", "zh", "441600")]
    take(hub, snapshot("a", 4, payload="2"), rev=4)
    hub.since(-1, "", [ZH])
    assert len(render.asked) == 3


def test_nothing_is_rendered_before_anybody_looks():
    render = Render()
    hub_with(render, snapshot("a"))
    assert render.asked == []


def test_a_frame_says_panel_scope_revision_and_life():
    hub = hub_with(Render(), snapshot("a", 3, payload='"值"'))
    (frame,) = hub.since(-1, "", [ZH])
    assert frame.startswith(b"id: 3\n")
    assert frame.endswith(b"\n\n")
    assert frame.count(b"\n") == 4
    assert body_of(frame) == {
        "p": "a",
        "s": "zh:441600",
        "rev": 3,
        "ttl": 60,
        "set": {"a-id": {"children": "值 zh"}},
    }


def test_frames_come_in_the_order_of_their_revisions():
    hub = hub_with(Render(), snapshot("c", 3), snapshot("a", 1), snapshot("b", 2))
    assert [body_of(f)["rev"] for f in hub.since(-1, "", [ZH])] == [1, 2, 3]
    assert [body_of(f)["rev"] for f in hub.since(1, "e1", [ZH])] == [2, 3]


def test_an_old_snapshot_does_not_replace_a_newer_area():
    hub = hub_with(Render(), snapshot("a", 1), snapshot("a", 2, area="441602"))
    assert {k: s.rev for k, s in hub.panels.items()} == {("a", "441600"): 1, ("a", "441602"): 2}


def test_the_heartbeat_says_how_old_everything_is():
    hub = hub_with(Render())
    line = hub.heartbeat([ZH, EN])
    assert line.startswith(b"event: hb\ndata: ")
    assert line.endswith(b"\n\n")
    beat = json.loads(line.split(b"data: ")[1])
    assert set(beat) == {"db", "ok_at", "now", "rev", "epoch", "build", "asof", "known"}
    assert (beat["db"], beat["rev"], beat["epoch"], beat["build"]) == (True, 3, "e1", "b7")
    assert beat["asof"] == {"a": 100.0}
    assert beat["known"] == {"441600": {"PS-01": 5.0}}
    assert beat["now"] >= beat["ok_at"]


def test_a_heartbeat_of_an_area_nobody_confirmed_is_still_a_heartbeat():
    beat = json.loads(hub_with(Render()).heartbeat([Scope("zh", "441621")]).split(b"data: ")[1])
    assert beat["known"] == {}


@pytest.mark.parametrize(("rev", "epoch"), [(2, "other"), (99, "e1"), (-1, "")])
def test_a_screen_of_another_store_gets_everything(rev, epoch):
    hub = hub_with(Render(), snapshot("a", 1), snapshot("b", 2))
    assert len(hub.since(rev, epoch, [ZH])) == 2


def test_closing_wakes_those_who_wait():
    hub = hub_with(Render())
    before = hub.tick
    hub.wake()
    assert hub.tick == before + 1
    hub.close()
    assert hub.closing


# ---- only what differs ----


class TwoParts:
    """A panel of two components, of which one stays as it was."""

    def __call__(self, panel, payload, lang, area):
        return {"still": {"children": "same"}, "moving": {"children": payload, "title": "t"}}


def ids_in(answer):
    return [sorted(body_of(f)["set"]) for f in answer.split(b"\n\n") if f]


def test_a_stream_that_goes_on_gets_only_what_differs():
    hub = hub_with(TwoParts(), snapshot("a", 1, payload="1"), rev=1)
    rev, epoch, first = hub.answer(-1, "", (ZH,), goes_on=False)
    assert ids_in(first) == [["moving", "still"]]
    take(hub, snapshot("a", 2, payload="2"), rev=2)
    rev, epoch, second = hub.answer(rev, epoch, (ZH,), goes_on=True)
    body = body_of(second)
    assert (rev, body["rev"], body["d"], body["set"]) == (2, 2, 1, {"moving": {"children": 2}})


def test_a_stream_that_begins_or_was_elsewhere_gets_the_whole():
    hub = hub_with(TwoParts(), snapshot("a", 1, payload="1"), rev=1)
    hub.answer(-1, "", (ZH,), goes_on=False)
    take(hub, snapshot("a", 2, payload="2"), rev=2)
    for rev, goes_on in ((1, False), (-1, False), (0, True)):
        (ids,) = ids_in(hub.answer(rev, "e1", (ZH,), goes_on=goes_on)[2])
        assert ids == ["moving", "still"]


def test_a_version_that_this_hub_never_drew_is_followed_by_a_whole():
    hub = hub_with(TwoParts(), snapshot("a", 1, payload="1"), rev=1)
    hub.answer(-1, "", (ZH,), goes_on=False)
    take(hub, snapshot("a", 2, payload="2"), rev=2)
    take(hub, snapshot("a", 3, payload="3"), rev=3)
    (ids,) = ids_in(hub.answer(2, "e1", (ZH,), goes_on=True)[2])
    assert ids == ["moving", "still"]


def test_whole_and_parts_laid_on_each_other_are_the_same():
    hub = hub_with(TwoParts(), snapshot("a", 1, payload="1"), rev=1)
    shown = body_of(hub.answer(-1, "", (ZH,), goes_on=False)[2])["set"]
    rev = 1
    for turn in range(2, 6):
        take(hub, snapshot("a", turn, payload=str(turn)), rev=turn)
        rev, _, change = hub.answer(rev, "e1", (ZH,), goes_on=True)
        for id_, props in body_of(change)["set"].items():
            shown[id_] = {**shown[id_], **props}
    (whole,) = hub.since(-1, "e1", [ZH])
    assert body_of(whole)["set"] == shown


@pytest.mark.parametrize(
    "component",
    [
        html.Span("x", className="y", title="u", **{"data-due": 3, "aria-label": "q"}),
        html.Td(colSpan=3),
        html.Img(src="a", alt="b"),
        dcc.Graph(id="m", figure={}),
    ],
)
def test_a_component_is_sent_as_dash_itself_would_send_it(component):
    assert _plain(component) == component.to_plotly_json()
