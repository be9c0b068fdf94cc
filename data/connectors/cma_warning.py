"""Reads Chinese weather warnings as relays hand them out: JSON or JSONP, no CAP.

Times are local wall-clock; colours, type and level codes are those of the
national warning signals. A signal that names itself as its reference updates nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from data.connectors.cap import disposition
from data.connectors.cma_codes import (
    CODE_OF_TYPE,
    COLOURS,
    EVENTS,
    LEVEL_WORDS,
    LEVELS,
    NAMES,
    SEVERITY,
    TYPES,
)
from data.connectors.cma_rows import Rows, file_parts, read_rows, rings
from data.connectors.connector import Connector, Findings, Options, Parsed, RefusedError
from data.connectors.jsonp import read_jsonp
from data.connectors.local_times import local_time
from data.connectors.positions import on_earth
from data.connectors.records import AlertArea, AlertInfo, AlertMessage

_FORBIDDEN = re.compile(r"[\s,<&]")
_STAMP = re.compile(r"_([0-9]{14}|[0-9]{12}|[0-9]{8})(?:_|$)")
_COLOUR = re.compile("(红|橙|黄|蓝|白)色")
_CANCEL = re.compile("解除|撤销|取消|终止|失效")
_UPDATE = re.compile("更新|变更|升级|降级|升格|降格|调整为|继续发布|确认")
_MSG_TYPES = {
    "alert": "Alert", "update": "Update", "cancel": "Cancel", "ack": "Ack", "error": "Error",
    "首次": "Alert", "发布": "Alert", "新增": "Alert", "更新": "Update", "变更": "Update",
    "解除": "Cancel", "取消": "Cancel", "撤销": "Cancel",
}  # fmt: skip
_STATUS = {"exercise": "Exercise", "test": "Test", "draft": "Draft", "演练": "Exercise",
           "测试": "Test"}  # fmt: skip
_ISSUER = re.compile(
    "([\u4e00-\u9fff]{2,30}?)(?:气象台|气象局|气象中心|应急管理局|发布|解除|更新|变更)"
)
_WHOLE_CITY = re.compile("(?:[^省市县]{1,8}(?:省|自治区))([^省市县区]{1,10}(?:市|自治州|地区|盟))")
"""A whole city, with its province before it."""

_REST_OF_TYPE = re.compile(
    "(?:发布|解除|撤销|取消|更新为?|变更为?|升级为?|降级为?)(.{1,12}?)(?:红|橙|黄|蓝|白)色"
)


def parse(payload: bytes, options: Options) -> Parsed[AlertMessage]:
    """Return the warnings of a relay's answer; raise PayloadError if it is none."""
    value, wrapper = read_jsonp(payload, options)
    listed = read_rows(value)
    reader = _Reader(options.tz, Findings())
    messages, facts = [], []
    for row, item in listed.broken:
        refusal = RefusedError("not_a_warning", "item", item, "nothing in it names a warning")
        reader.findings.refuse(refusal, row)
    for row, fields, shape in listed.rows:
        try:
            message, fact = reader.message(row, fields, shape)
        except RefusedError as refusal:
            reader.findings.refuse(refusal, row)
        else:
            messages.append(message)
            facts.append(fact)
    return reader.findings.conclude(messages, _summary(listed, wrapper, facts, reader))


def _summary(
    listed: Rows, wrapper: str, facts: list[dict[str, Any]], reader: _Reader
) -> dict[str, Any]:
    refused = any(p.refused for p in reader.findings.problems)
    return {
        "wrapper": wrapper,
        "form": listed.form,
        "count": listed.count,
        "rows": len(listed.rows),
        "complete": listed.complete and not refused,
        "alerts": facts,
    }


class _Reader:
    """Turns rows into messages and remembers which were read."""

    def __init__(self, tz: str, findings: Findings) -> None:
        self.tz, self.findings = tz, findings
        self.seen: set[tuple[str, datetime]] = set()

    def message(
        self, row: int, fields: dict[str, str], shape: Any
    ) -> tuple[AlertMessage, dict[str, Any]]:
        """Return the message and its facts; raise RefusedError for one that names no warning."""
        hints = file_parts(fields.get("file", ""))
        identifier = _identifier(fields)
        issued = self._issued(fields, hints, identifier)
        if (identifier, issued) in self.seen:
            detail = "the same identifier and time stand earlier in the file"
            raise RefusedError("duplicate", "identifier", identifier, detail)
        kind, kind_code = self._type(row, fields, hints)
        colour_code = self._level(row, fields, hints)
        headline = fields.get("headline", "")
        msg_type = self._msg_type(row, fields, headline)
        status = _STATUS.get(fields.get("status", "").lower(), "Actual")
        adcode = _adcode(fields, identifier)
        expires = self._expires(row, fields, issued)
        area = self._area(row, fields, adcode, shape)
        info = _info(fields, kind, kind_code, colour_code, issued, expires, area)
        self.seen.add((identifier, issued))
        message = AlertMessage(
            row=row,
            identifier=identifier,
            sender=_sender(identifier, fields),
            sent=issued,
            status=status,
            msg_type=msg_type,
            scope="Public",
            references=self._references(row, fields, identifier, issued),
            infos=(info,),
            signed=False,
            disposition=disposition(status, msg_type, ()),
        )
        return message, _facts(message, kind, kind_code, colour_code, adcode)

    def _issued(self, fields: dict[str, str], hints: dict[str, str], identifier: str) -> datetime:
        stamp = _STAMP.search(identifier)
        text = fields.get("issued") or hints.get("at") or (stamp[1] if stamp else "")
        if not text:
            raise RefusedError("no_issued", "issued", detail="the warning has no time of issue")
        try:
            return local_time(text, self.tz)
        except ValueError as error:
            raise RefusedError("bad_time", "issued", text, str(error)) from error

    def _expires(self, row: int, fields: dict[str, str], issued: datetime) -> datetime | None:
        text = fields.get("expires", "")
        if not text:
            return None
        try:
            expires = local_time(text, self.tz)
        except ValueError as error:
            self.findings.warn("bad_time", row, "expires", text, f"{error}; left out")
            return None
        if expires <= issued:
            detail = "ends before it was issued; left out"
            self.findings.warn("bad_expires", row, "expires", text, detail)
            return None
        return expires

    def _type(self, row: int, fields: dict[str, str], hints: dict[str, str]) -> tuple[str, str]:
        """Return (name, two-digit code) of the signal; "" for what is not told."""
        written = fields.get("type_code", "")
        named = fields.get("type", "") or _type_in(fields.get("headline", ""))
        if not re.search("[\u4e00-\u9fff]", named):
            named = _type_in(fields.get("headline", "")) or named
        named = named.removesuffix("预警信号").removesuffix("预警")
        code, by_code = _type_of(written) if written else ("", "")
        if not code and "type_code" in hints:
            code, by_code = _type_of(hints["type_code"])
        if not named and re.search("[\u4e00-\u9fff]", written):
            named, code, by_code = written, "", ""
        if named and by_code and named not in (by_code, "未知"):
            detail = f"the code means {by_code}, the text says {named}; the text counts"
            self.findings.warn("type_mismatch", row, "type", code, detail)
            code = CODE_OF_TYPE.get(named, code)
        if not named and not by_code:
            self.findings.warn("unknown_type", row, "type", written or None, "no known signal")
        return named or by_code, code or CODE_OF_TYPE.get(named or by_code, "")

    def _level(self, row: int, fields: dict[str, str], hints: dict[str, str]) -> str:
        """Return the two-digit level code, "" with a warning when nothing tells it."""
        named = _colour_code(fields.get("level", "")) or _colour_code(fields.get("headline", ""))
        written = fields.get("level_code", "").zfill(2) if "level_code" in fields else ""
        written = written if written in LEVELS else hints.get("level_code", "")
        if named and written in LEVELS and written != named:
            detail = f"the code means {LEVELS[written]}, the text {LEVELS[named]}; the text counts"
            self.findings.warn("level_mismatch", row, "level", written, detail)
        level = named or (written if written in LEVELS else "")
        if not level:
            said = fields.get("level") or written or None
            self.findings.warn("unknown_level", row, "level", said, "no known colour")
        return level

    def _msg_type(self, row: int, fields: dict[str, str], headline: str) -> str:
        """Return what the message does; words of the headline outweigh a mere Alert."""
        said = fields.get("msg_type", "")
        if not said and fields.get("status", "").lower() in ("update", "cancel"):
            said = fields["status"]
        known = _MSG_TYPES.get(said.lower())
        if said and known is None:
            self.findings.warn("bad_msg_type", row, "msgType", said, "taken from the headline")
        if known in (None, "Alert"):
            if _CANCEL.search(headline):
                return "Cancel"
            if known is None and _UPDATE.search(headline):
                return "Update"
        return known or "Alert"

    def _references(
        self, row: int, fields: dict[str, str], identifier: str, issued: datetime
    ) -> tuple[tuple[str, str, datetime], ...]:
        """Return the earlier messages named, without the message's own identifier."""
        linked = []
        for word in re.split(r"[\s;，]+", fields.get("references", "")):
            # CAP writes sender,identifier,sent; relays write the identifier alone
            parts = [p for p in word.split(",") if p]
            name = next((p for p in parts if _STAMP.search(p)), parts[0] if parts else "")
            if not name or name == identifier:
                continue
            stamp = _STAMP.search(name)
            try:
                sent = local_time(stamp[1], self.tz) if stamp else issued
            except ValueError:
                self.findings.warn("bad_reference", row, "references", word, "no time in it")
                continue
            linked.append((_sender(name, fields), name, sent))
        return tuple(linked)

    def _area(self, row: int, fields: dict[str, str], adcode: str, shape: Any) -> AlertArea:
        polygons = []
        try:
            found = rings(shape) if shape is not None else []
        except (ValueError, OverflowError) as error:
            self.findings.warn("bad_polygon", row, "geometry", None, f"{error}; left out")
            found = []
        for ring in found:
            closed = ring if ring[0] == ring[-1] else [*ring, ring[0]]
            if len(set(closed)) < 3 or not all(on_earth(*p) for p in closed):
                detail = "fewer than three corners on earth; left out"
                self.findings.warn("bad_polygon", row, "geometry", str(ring[:2]), detail)
            else:
                polygons.append(tuple(closed))
        codes = (("adcode", adcode),) if adcode else ()
        return AlertArea(_place(fields), tuple(polygons), (), codes)


def _identifier(fields: dict[str, str]) -> str:
    name = fields.get("identifier", "") or fields.get("file", "").rsplit("/", 1)[-1]
    if not name:
        raise RefusedError("no_identifier", "identifier", detail="the warning has no identifier")
    if _FORBIDDEN.search(name) or len(name) > 200:
        detail = "blanks, commas, < and & are not allowed, nor more than 200 characters"
        raise RefusedError("bad_identifier", "identifier", name, detail)
    return name.removesuffix(".html")


def _sender(identifier: str, fields: dict[str, str]) -> str:
    """Return who issued it: the organisation in the identifier, else the named sender."""
    organisation = identifier.partition("_")[0]
    if re.fullmatch("[0-9]{12,16}", organisation):
        return organisation
    return re.sub(r"[\s,<&]+", "-", fields.get("sender", "")).strip("-")[:200] or "cma"


def _adcode(fields: dict[str, str], identifier: str) -> str:
    """Return the six digits of the division the warning holds for, "" if none are told."""
    written = re.match("[1-8][0-9]{5}", fields.get("adcode", ""))
    if written and not fields["adcode"].startswith("101"):
        return written[0]
    found = re.match("([1-8][0-9]{5})[0-9]{6,10}(?:_|$)", identifier)
    return found[1] if found else ""


def _place(fields: dict[str, str]) -> str:
    """Return the place in words: the city alone for a warning of the whole city."""
    province, city, county = (fields.get(k, "") for k in ("province", "city", "county"))
    if county and county not in (city, province):
        return f"{province}{city}{county}"
    named = city or province or fields.get("area", "")
    if not named:
        issuer = _ISSUER.match(fields.get("headline", "")) or _ISSUER.match(
            fields.get("sender", "")
        )
        named = issuer[1] if issuer else ""
    whole = _WHOLE_CITY.fullmatch(named)
    return whole[1] if whole else named


def _type_in(text: str) -> str:
    """Return the signal type that a headline names."""
    found = _REST_OF_TYPE.search(text)
    inner = found[1] if found else text
    return next((name for name in NAMES if name in inner), "")


def _type_of(written: str) -> tuple[str, str]:
    """Return (two-digit code, name) of a written type code, ("", "") for an unknown one."""
    event = re.fullmatch("(?:11[Bb]|10)([0-9]{2})", written)
    if event and event[1] in EVENTS:
        name = EVENTS[event[1]]
        return CODE_OF_TYPE.get(name, ""), name
    code = written.zfill(2)
    return (code, TYPES[code]) if code in TYPES else ("", "")


def _colour_code(text: str) -> str:
    found = _COLOUR.search(text)
    if found:
        return COLOURS[found[1]]
    return LEVEL_WORDS.get(text.strip().lower(), COLOURS.get(text.strip(), ""))


def _info(
    fields: dict[str, str],
    kind: str,
    kind_code: str,
    level_code: str,
    issued: datetime,
    expires: datetime | None,
    area: AlertArea,
) -> AlertInfo:
    colour = LEVELS.get(level_code, "")
    pairs = (("颜色", colour), ("type_code", kind_code), ("level_code", level_code))
    return AlertInfo(
        language="zh-CN",
        event=kind,
        categories=("Met",),
        urgency="Unknown",
        severity=SEVERITY.get(level_code, "Unknown"),
        certainty="Unknown",
        headline=fields.get("headline", "") or f"{kind}{colour}预警信号",
        description=fields.get("content", ""),
        instruction=fields.get("instruction", ""),
        sender_name=fields.get("sender", ""),
        response_types=(),
        effective=issued,
        onset=None,
        expires=expires,
        parameters=tuple((name, value) for name, value in pairs if value),
        areas=(area,),
    )


def _facts(
    message: AlertMessage, kind: str, kind_code: str, level_code: str, adcode: str
) -> dict[str, Any]:
    expires = message.infos[0].expires
    return {
        "identifier": message.identifier,
        "issued": message.sent.astimezone(UTC).isoformat(),
        "expires": expires.astimezone(UTC).isoformat() if expires else None,
        "type": kind,
        "type_code": kind_code,
        "level": LEVELS.get(level_code, ""),
        "level_code": level_code,
        "adcode": adcode,
        "area": message.infos[0].areas[0].description,
        "msgType": message.msg_type,
        "references": len(message.references),
        "disposition": message.disposition.value,
    }


CONNECTOR = Connector(key="cma-warning", row_word="alert", parse=parse)
