"""One Hub a web worker: every published panel, rendered once per language, as ready bytes."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.exc import OperationalError

from components.ids import ASKED_FOR
from data.logs import logger
from data.snapshots import Changes, Snapshot, Watch, watch_areas
from data.store import Store, utc_now

log = logger("hub")

HEARTBEAT_S = 5.0
TELL_S = 2
"""A long write elsewhere is no reason to keep the displays waiting."""
Render = Callable[[str, Any, str, str], dict[str, dict[str, Any]]]
"""(panel, payload, language, area) -> component id -> property -> value"""


@dataclass(frozen=True)
class Scope:
    """What one page shows: a language and an area. only: this panel and no other."""

    lang: str
    area: str
    only: str = ""

    def __str__(self) -> str:
        """Return it as the wire carries it."""
        return ":".join(part for part in (self.lang, self.area, self.only) if part)

    def shows(self, snapshot: Snapshot) -> bool:
        """Return whether a panel is on the page."""
        wanted = snapshot.panel == self.only if self.only else snapshot.panel not in ASKED_FOR
        return snapshot.area == self.area and wanted


class Hub:
    """Follows the store on one connection and keeps what every display needs."""

    def __init__(self, store: Store, render: Render, *, build: str, home: str = "") -> None:
        self.store, self.render, self.build, self.home = store, render, build, home
        self._looked: dict[str, float] = {}
        self._answers: dict[tuple[Scope, ...], tuple[tuple[Any, ...], bytes]] = {}
        self._beats: dict[tuple[str, ...], tuple[tuple[int, bool], float, bytes]] = {}
        self._tell: Callable[[], None] = lambda: None
        self._observers: list[Callable[[], None]] = []
        self.tick, self.streams, self.closing = 0, 0, False
        self.rev, self.epoch, self.checked, self.db_ok = -1, "", 0.0, False
        self.as_of: dict[str, float] = {}
        self.known: dict[str, dict[str, float]] = {}
        self.panels: dict[tuple[str, str], Snapshot] = {}
        self._frames: dict[tuple[str, str], Drawn] = {}
        self._before: dict[tuple[str, str], int] = {}
        self._head_before = -1
        self._lock, self._render_lock = threading.Lock(), threading.Lock()
        self._pid: int | None = None
        self._first = threading.Event()

    def start(self) -> None:
        """Start following, once a process and after any fork; wait for a first look."""
        with self._lock:
            if self._pid != os.getpid():
                self._pid, self.closing = os.getpid(), False
                threading.Thread(target=self._follow, daemon=True, name="hub").start()
        self._first.wait(5)

    def look(self, scopes: Iterable[Scope]) -> None:
        """Remember which areas are looked at; the collector makes those with every poll."""
        now = time.monotonic()
        for scope in scopes:
            if scope.area != self.home:
                self._looked[scope.area] = now

    def _tell_looked(self) -> None:
        recent = time.monotonic() - 2 * HEARTBEAT_S
        areas = [area for area, at in list(self._looked.items()) if at > recent]
        if not areas:
            return
        try:
            with self.store.write(wait_s=TELL_S) as conn:
                watch_areas(conn, areas, now=utc_now())
        except OperationalError as error:  # told again with the next beat; the look says if lost
            log.debug("areas not told", error=str(error)[:80])

    def enter(self, most: int) -> bool:
        """Take a place for one stream; return False when all are taken."""
        with self._lock:
            if self.closing or self.streams >= most:
                return False
            self.streams += 1
            return True

    def leave(self) -> None:
        """Give a stream's place back."""
        with self._lock:
            self.streams -= 1

    def close(self) -> None:
        """End every stream now, so that a restart need not wait for them."""
        self.closing = True
        threading.Thread(target=self.wake, daemon=True).start()

    def listen(self, tell: Callable[[], None]) -> None:
        """Have `tell` called whenever there may be something for the streams."""
        self._tell = tell

    def observe(self, see: Callable[[], None]) -> None:
        """Have `see` called with each sign of life too: every few seconds at least."""
        self._observers.append(see)

    def wake(self) -> None:
        """Tell that there may be something."""
        self.tick += 1
        self._tell()
        for see in self._observers:
            see()

    def _follow(self) -> None:
        while not self.closing:
            watch = None
            try:
                watch = Watch(self.store)
                self._pull(watch)
                self._good()
                beat = time.monotonic() + HEARTBEAT_S
                while not self.closing:
                    watch.wait(max(0.05, beat - time.monotonic()))
                    if self.store.replaced():
                        raise ConnectionError("the store's file was replaced")
                    changed, due = self._pull(watch), time.monotonic() >= beat
                    if due:
                        beat = time.monotonic() + HEARTBEAT_S
                        self._tell_looked()
                    if changed or due:
                        self.wake()
            except Exception as error:  # any fault of the store: say so, go on trying
                self._bad(error)
                time.sleep(1.0)
            finally:
                if watch is not None:
                    _quietly(watch.close)

    def _good(self) -> None:
        if not self.db_ok:
            log.info("store found")
        self.db_ok = True
        self._first.set()
        self.wake()

    def _bad(self, error: Exception) -> None:
        if self.db_ok or not self._first.is_set():
            log.error("store lost", error=f"{type(error).__name__}: {str(error)[:120]}")
        self.db_ok = False
        self._first.set()
        self.wake()

    def _pull(self, watch: Watch) -> bool:
        """Take over what is newer; another or restored store starts everything afresh."""
        found = watch.changed(self.rev)
        if found.epoch != self.epoch or found.rev < self.rev:
            with self._render_lock:
                self.panels, self._frames, self._before = {}, {}, {}
            found = watch.changed(-1)
            self.epoch = found.epoch
        self._take(found)
        return bool(found.panels)

    def _take(self, found: Changes) -> None:
        for snapshot in found.panels:
            place = (snapshot.panel, snapshot.area)
            if place in self.panels:
                self._before[place] = self.panels[place].rev
            self.panels[place] = snapshot
        if found.panels:
            self._head_before = self.rev
        self.rev, self.as_of, self.known = found.rev, found.as_of, found.known
        self.checked = time.time()

    def frame(self, scope: Scope, snapshot: Snapshot, *, follows: bool = False) -> bytes | None:
        """Return the ready bytes of one panel, rendered on first demand and once a revision.

        A panel that cannot be drawn is logged and left as it was: it turns
        stale on the screens, and the others go on.

        Args:
            scope: language and area.
            snapshot: the panel.
            follows: the display has the version this hub had just before, so
                only what differs is sent.
        """
        drawn = self._drawn(scope, snapshot)
        if drawn is None:
            return None
        return drawn.change if follows and drawn.change is not None else drawn.whole

    def _drawn(self, scope: Scope, snapshot: Snapshot) -> Drawn | None:
        key = (str(scope), snapshot.panel)
        kept = self._frames.get(key)
        if kept is None or kept.rev != snapshot.rev:
            with self._render_lock:
                kept = self._frames.get(key)
                if kept is None or kept.rev != snapshot.rev:
                    kept = self._draw(scope, snapshot, kept)
                    self._frames[key] = kept
        return kept if kept.whole else None

    def _draw(self, scope: Scope, snapshot: Snapshot, before: Drawn | None) -> Drawn:
        try:
            changes = self.render(
                snapshot.panel, json.loads(snapshot.payload), scope.lang, scope.area
            )
            parts = {
                (id_, prop): orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)
                for id_, props in changes.items()
                for prop, value in props.items()
            }
        except Exception:
            log.exception("panel cannot be drawn", panel=snapshot.panel, area=snapshot.area)
            return Drawn(snapshot.rev, b"", None, {})
        whole = _message(scope, snapshot, parts)
        if before is None or not before.whole or before.rev != self._replaced(snapshot):
            return Drawn(snapshot.rev, whole, None, parts)
        fewer = {k: v for k, v in parts.items() if before.parts.get(k) != v}
        return Drawn(snapshot.rev, whole, _message(scope, snapshot, fewer, change=True), parts)

    def _replaced(self, snapshot: Snapshot) -> int:
        """Return the revision of the version that `snapshot` took the place of."""
        return self._before.get((snapshot.panel, snapshot.area), -1)

    def since(
        self, rev: int, epoch: str, scopes: Iterable[Scope], *, follows: bool = False
    ) -> list[bytes]:
        """Return the frames newer than `rev`; everything when the store is another one."""
        if epoch != self.epoch or rev > self.rev:
            rev = -1
        found = []
        for scope in scopes:
            newer = [s for s in list(self.panels.values()) if scope.shows(s) and s.rev > rev]
            found += [
                f
                for s in sorted(newer, key=lambda s: s.rev)
                if (f := self.frame(scope, s, follows=follows))
            ]
        return found

    def answer(
        self, rev: int, epoch: str, scopes: tuple[Scope, ...], *, goes_on: bool
    ) -> tuple[int, str, bytes]:
        """Return revision and epoch reached, and all frames since as one piece.

        Hundreds of displays stand at the same revision and ask the same; the
        answer to the newest question is kept. A stream that goes on, and was
        at this hub's revision before the last change, has every panel as it
        was then: it gets only what differs.
        """
        follows = goes_on and rev == self._head_before and epoch == self.epoch
        asked = (rev, epoch, self.rev, self.epoch, follows)
        kept = self._answers.get(scopes)
        if kept and kept[0] == asked:
            return self.rev, self.epoch, kept[1]
        found = b"".join(self.since(rev, epoch, scopes, follows=follows))
        self._answers[scopes] = (asked, found)
        return asked[2], asked[3], found

    def newest(self, area: str) -> dict[str, Snapshot]:
        """Return the newest of each panel of an area, for a page's first paint."""
        found = (s for s in list(self.panels.values()) if s.area == area)
        return {s.panel: s for s in found if s.panel not in ASKED_FOR}

    def heartbeat(self, scopes: Iterable[Scope]) -> bytes:
        """Return what a screen needs to know that it is alive and how old its values are."""
        areas = tuple(sorted({scope.area for scope in scopes}))
        kept = self._beats.get(areas)
        if kept and kept[0] == (self.tick, self.db_ok) and time.monotonic() - kept[1] < 1:
            return kept[2]  # hundreds of displays ask at the same moment
        ready = self._beat(areas)
        self._beats[areas] = ((self.tick, self.db_ok), time.monotonic(), ready)
        return ready

    def _beat(self, areas: tuple[str, ...]) -> bytes:
        beat = {
            "db": self.db_ok,
            "ok_at": round(self.checked, 1),
            "now": round(time.time(), 1),
            "rev": self.rev,
            "epoch": self.epoch,
            "build": self.build,
            "asof": {k: round(v, 1) for k, v in self.as_of.items()},
            "known": {a: self.known[a] for a in areas if a in self.known},
        }
        return b"event: hb\ndata: %s\n\n" % orjson.dumps(beat)


@dataclass(frozen=True)
class Drawn:
    """One panel as one scope sees it: whole, what differs from before, and its parts."""

    rev: int
    whole: bytes
    change: bytes | None
    parts: dict[tuple[str, str], bytes]


def _message(
    scope: Scope, snapshot: Snapshot, parts: dict[tuple[str, str], bytes], *, change: bool = False
) -> bytes:
    """Return one event of the stream. `d` marks that only what differs is in it."""
    by_id: dict[str, list[bytes]] = {}
    for (id_, prop), value in parts.items():
        by_id.setdefault(str(id_), []).append(orjson.dumps(prop) + b":" + value)
    body = b",".join(
        orjson.dumps(id_) + b":{" + b",".join(found) + b"}" for id_, found in by_id.items()
    )
    head = {"p": snapshot.panel, "s": str(scope), "rev": snapshot.rev, "ttl": snapshot.ttl}
    if change:
        head["d"] = 1
    start = orjson.dumps(head)[:-1]
    return b'id: %d\nevent: p\ndata: %s,"set":{%s}}\n\n' % (snapshot.rev, start, body)


def frame_of(
    scope: Scope, panel: str, rev: int, ttl: int, changes: dict[str, dict[str, Any]]
) -> bytes:
    """Return one panel as the stream's events carry it, for whoever asks for it by itself."""
    body = {str(id_): props for id_, props in changes.items()}
    said = {"p": panel, "s": str(scope), "rev": rev, "ttl": ttl, "set": body}
    return orjson.dumps(said, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    """Return a Dash component as what the page understands.

    The same as its to_plotly_json(), which asks it for each of the twenty
    properties that it could have.
    """
    own = _own.get(type(value))
    if own is None:
        own = _own[type(value)] = frozenset(value._prop_names)
    given = {k: v for k, v in vars(value).items() if k in own or k.startswith(("data-", "aria-"))}
    return {"props": given, "type": value._type, "namespace": value._namespace}


_own: dict[type, frozenset[str]] = {}
"""The properties that a kind of component may have."""


def _quietly(close: Callable[[], None]) -> None:
    try:
        close()
    except Exception as error:
        log.debug("closing a lost connection", error=str(error)[:80])
