"""Rows of a case extract to service requests: status words, local times, rounded positions."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from data.catalogue.mapping import CaseFields, Columns, Mapping
from data.connectors.connector import Problem, RefusedError, clean, shorten
from data.connectors.positions import known_place, number
from data.connectors.privacy import mask
from data.connectors.records import ServiceRequest
from data.tables.chunk import Chunk
from data.tables.fit import Fit
from data.tables.frame import Frame, Tally, empty_values
from data.tables.grid import text_of
from data.tables.headers import Header
from data.tables.layout import is_total_word, starts_note
from data.tables.moments import MomentError, from_serial, order_of, read_span, usual_times
from data.tables.numerals import plain
from data.vocabulary import Grain

FIELDS = (
    "id", "requested", "status", "category", "updated", "closed", "expected", "address", "area",
    "agency", "description", "notes", "lat", "lon", "priority", "call_back",
)  # fmt: skip
TIMES = ("requested", "updated", "closed", "expected")
CLOSED_WORDS = (
    "closed",
    "已办结",
    "办结",
    "已结案",
    "结案",
    "已关闭",
    "完成",
    "已完成",
    "completed",
    "resolved",
)


@dataclass
class CaseTally(Tally):
    """What was met in a case extract."""

    statuses: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    rounded: Counter[str] = field(default_factory=Counter)


class CaseReader:
    """Turns chunks of one case extract into frames."""

    def __init__(self, mapping: Mapping, header: Header, tz: str) -> None:
        if mapping.cases is None:
            raise ValueError("the mapping has no cases")
        self.mapping, self.header, self.tally = mapping, header, CaseTally()
        self.told: CaseFields = mapping.cases
        self.zone = ZoneInfo(tz) if tz else None
        self.missing = frozenset(plain(w).lower() for w in mapping.missing)
        self.order: dict[str, str | None] = {}
        fit = Fit(header)
        self.at: dict[str, int] = {}
        for name in FIELDS:
            wanted: Columns = getattr(self.told, name)
            place = fit.need(wanted) if name in ("id", "requested") else fit.optional(wanted)
            if place is not None:
                self.at[name] = place
        fit.conclude()
        self.absent = [n for n in FIELDS if getattr(self.told, n) and n not in self.at]

    def columns(self) -> list[int]:
        """Return every column that must be read."""
        return sorted({0, *self.at.values()})

    def read(self, chunk: Chunk) -> Frame:
        """Return the requests of one chunk."""
        tally, requests, problems = self.tally, list[ServiceRequest](), list(chunk.problems)
        cells = {name: self._texts(chunk, place) for name, place in self.at.items()}
        times = {name: self._times(name, chunk) for name in TIMES if name in self.at}
        first, rows = self._texts(chunk, 0), 0
        for row in np.flatnonzero(~chunk.blank):
            line = int(chunk.lines[row])
            if self._is_no_case(str(first[row]), [str(c[row]) for c in cells.values()]):
                kind = tally.total_rows if is_total_word(str(first[row])) else tally.note_rows
                kind.append(line)
                continue
            rows += 1
            try:
                said = {name: str(column[row]) for name, column in cells.items()}
                spans = {name: column[row] for name, column in times.items()}
                requests.append(self._request(line, said, spans, problems))
            except RefusedError as refusal:
                value = shorten(mask(refusal.value or ""))
                problems.append(Problem(refusal.reason, line, refusal.field, value, refusal.detail))
        tally.blank += int(chunk.blank.sum())
        foreign = sum(p.refused for p in chunk.problems)
        tally.rows += rows + foreign
        tally.accepted += len(requests)
        return Frame(empty_values(), requests, problems, rows + foreign, len(requests))

    def _texts(self, chunk: Chunk, place: int) -> Any:
        codes, cells = chunk.texts(place)
        known = [("" if c.lower() in self.missing else c) for c in cells] or [""]
        return np.array(known, dtype=object)[codes]

    def _is_no_case(self, first: str, said: list[str]) -> bool:
        """Return whether a row is a total or a foot note rather than a case."""
        filled = [s for s in said if s]
        if len(filled) > 2:
            return False
        return is_total_word(first) or starts_note(first, self.mapping.notes)

    def _times(self, name: str, chunk: Chunk) -> Any:
        """Return for each cell of a column an instant, None, or why there is none."""
        codes, cells = chunk.factor(self.at[name])
        texts = [c for c in cells if isinstance(c, str)]
        if name not in self.order and texts:
            # One column tells for the other: they come from one machine.
            seen = order_of(texts)
            self.order[name] = self.mapping.period.order or (seen.told if seen.sure else None)
        order = self.order.get(name) or next((o for o in self.order.values() if o), None)
        found = np.empty(len(cells) or 1, dtype=object)
        quick = usual_times(cells, order) if self.zone else {}
        found[:] = [
            quick[at].replace(tzinfo=self.zone).astimezone(UTC)
            if at in quick
            else self._time(c, order)
            for at, c in enumerate(cells)
        ] or [None]
        return found[codes]

    def _time(self, cell: Any, order: str | None) -> datetime | tuple[str, str] | None:
        if text_of(cell) == "" or text_of(cell).lower() in self.missing:
            return None
        try:
            if isinstance(cell, datetime | date):
                moment = (
                    cell
                    if isinstance(cell, datetime)
                    else datetime(cell.year, cell.month, cell.day)
                )
                grain = Grain.MINUTE
            elif isinstance(cell, int | float) and self.mapping.period.serial:
                moment, grain, _ = from_serial(float(cell), self.mapping.period.serial)
            else:
                moment, grain, _ = read_span(text_of(cell), order, self.mapping.period.serial)
        except MomentError as error:
            return error.reason.replace("bad_period", "bad_time"), str(error)
        if grain > Grain.DAY:
            return "bad_time", "names no day"
        if moment.tzinfo is None:
            if self.zone is None:
                return "no_time_zone", "the time has no offset from UTC; set time_zone"
            moment = moment.replace(tzinfo=self.zone)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            return "bad_time", "outside the calendar"

    def _request(
        self, line: int, said: dict[str, str], spans: dict[str, Any], problems: list[Problem]
    ) -> ServiceRequest:
        """Return the request of one row; raise RefusedError when it lacks what every one has."""
        if not said["id"]:
            raise RefusedError("no_request_id", self._name("id"), detail="the case has no number")
        requested = spans["requested"]
        if requested is None:
            raise RefusedError("no_requested_datetime", self._name("requested"))
        if isinstance(requested, tuple):
            raise RefusedError(
                requested[0], self._name("requested"), said["requested"], requested[1]
            )
        times = {n: self._optional(n, line, said, spans, problems) for n in TIMES[1:]}
        status = self._status(said.get("status", ""), times["closed"])
        lat, lon = self._position(line, said, problems)
        category = said.get("category", "")
        self.tally.categories[category] += 1
        updated = self._updated(line, requested, status, times, said, problems)
        return ServiceRequest(
            row=line,
            request_id=clean(said["id"])[:80],
            status=status,
            status_notes=mask(clean(said.get("notes") or said.get("status", ""))),
            service_code=clean(self.told.categories.get(category, category)),
            service_name=clean(category),
            description=mask(clean(said.get("description", ""))),
            agency=clean(said.get("agency", "")),
            requested_at=requested,
            updated_at=updated,
            expected_at=times["expected"],
            address=mask(clean(" ".join(filter(None, (said.get("area"), said.get("address")))))),
            lat=lat,
            lon=lon,
            priority=said.get("priority", ""),
            call_back=mask(clean(said.get("call_back", ""))),
        )

    def _name(self, field: str) -> str:
        return self.header.names[self.at[field]]

    def _optional(
        self,
        name: str,
        line: int,
        said: dict[str, str],
        spans: dict[str, Any],
        problems: list[Problem],
    ) -> datetime | None:
        found = spans.get(name)
        if isinstance(found, tuple):
            value = shorten(mask(said[name]))
            problems.append(
                Problem(found[0], line, self._name(name), value, found[1], refused=False)
            )
            return None
        return found if isinstance(found, datetime) else None

    def _status(self, word: str, closed: datetime | None) -> str:
        self.tally.statuses[word] += 1
        low = plain(word).lower()
        if any(d in low for d in self.told.duplicate_words):
            self.tally.duplicates += 1
        base = re.sub(r"\s*\(.*\)$", "", low)
        for known, status in self.told.statuses.items():
            if plain(known).lower() in (low, base):
                return status
        if low in CLOSED_WORDS or base in CLOSED_WORDS:
            return "closed"
        if not word:
            return "closed" if closed else "open"
        if self.told.statuses and low not in (
            "open",
            "new",
            "pending",
            "in progress",
            "assigned",
            "started",
        ):
            raise RefusedError(
                "bad_status", self._name("status"), word, "not a word of the mapping"
            )
        return "open"

    def _updated(
        self,
        line: int,
        requested: datetime,
        status: str,
        times: dict[str, datetime | None],
        said: dict[str, str],
        problems: list[Problem],
    ) -> datetime | None:
        """Return when the case last moved: for a closed one, when it was closed."""
        field_ = "closed" if status == "closed" and times["closed"] else "updated"
        found = times[field_]
        if found and found < requested:
            detail = "earlier than the case itself; left out"
            value = shorten(said[field_])
            problems.append(
                Problem("updated_before_requested", line, self._name(field_), value, detail, False)
            )
            return None
        return found

    def _position(
        self, line: int, said: dict[str, str], problems: list[Problem]
    ) -> tuple[float | None, float | None]:
        lat, lon = said.get("lat", ""), said.get("lon", "")
        if not lat and not lon:
            return None, None
        place = number(plain(lat)), number(plain(lon))
        reason = detail = ""
        if not known_place(*place):
            reason, detail = "bad_position", "not a place on earth; left out"
        elif place[0].is_integer() and place[1].is_integer():
            reason, detail = "rounded_position", "whole degrees are no place; left out"
            self.tally.rounded[f"{place[0]:g}, {place[1]:g}"] += 1
        if reason:
            value = shorten(f"{lat}, {lon}")
            problems.append(Problem(reason, line, self._name("lat"), value, detail, refused=False))
            return None, None
        return place
