"""Reads one workbook in a process of its own with little memory and time. Run by workbook.py.

Stands alone: started by its path, so that nothing else of the program is loaded beside a
file nobody vouches for. Reads the workbook from standard input, writes JSON lines: what the
workbook holds, then one line a row. On failure one line {"error": ...}.
"""

from __future__ import annotations

import datetime
import io
import json
import re
import resource
import struct
import sys
import zipfile
from typing import Any

_TAILS = {
    "worksheet>": "xl/worksheets/",
    "sst>": "xl/sharedStrings.xml",
    "workbook>": "xl/workbook.xml",
}
_FREE = (0xFFFFFFFF,)

_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
"""No program that saves workbooks writes these; they are how a few bytes become gigabytes."""
_WORKBOOK_PROPERTIES = 0x99
"""BrtWbProp as its two bytes say it: 0x99 0x01 is 0x19 + 1 * 128."""


class BrokenError(Exception):
    """The workbook cannot be read whole; the message is for a person."""


def main(memory: int, seconds: int, output: int, cells: int, wanted: list[str]) -> None:
    """Limit this process, read the workbook, write its rows."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    try:
        _read(sys.stdin.buffer.read(), cells, wanted)
    except BrokenError as error:
        _say({"error": str(error)})
    except MemoryError:
        _say({"error": "the workbook needs more memory than is allowed"})
    except BaseException as error:  # whatever it is, the parent must learn of it in one line
        _say({"error": f"{_kind(error)}: {str(error)[:200]}"})
    sys.stdout.flush()


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def _kind(error: BaseException) -> str:
    if "assword" in type(error).__name__ or "ncrypted" in str(error) or "assword" in str(error):
        return "the workbook is encrypted"
    return "the workbook is damaged"


def _read(payload: bytes, most: int, wanted: list[str]) -> None:
    """Write what the workbook holds and the rows of the wanted, or first visible, sheet."""
    from python_calamine import CalamineWorkbook

    facts: dict[str, Any] = {"epoch": 1900, "hidden_rows": {}}
    if payload[:2] == b"PK":
        facts |= _zip_facts(payload)
    else:
        _whole_cfb(payload)
    book = CalamineWorkbook.from_filelike(io.BytesIO(payload))
    sheets, found = _sheets(book, facts["hidden_rows"], most)
    chosen = _choose(sheets, wanted)
    epoch = facts["epoch"]
    if chosen is None:
        _say({"sheets": sheets, "sheet": None, "epoch": epoch, "merged": []})
        return
    sheet, merged = found[chosen]
    _say({"sheets": sheets, "sheet": chosen, "epoch": epoch, "merged": merged})
    _say_rows(sheet)


def _sheets(
    book: Any, hidden: dict[str, list[int]], most: int
) -> tuple[list[dict[str, Any]], dict[str, tuple[Any, list[list[int]]]]]:
    """Return what each sheet is, and by name the sheet itself with its merged ranges."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets: list[dict[str, Any]] = []
    found: dict[str, tuple[Any, list[list[int]]]] = {}
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        last = sheet.end or (-1, -1)
        height, width = last[0] + 1, last[1] + 1
        if height * width > most:
            raise BrokenError(
                f"sheet {meta.name!r} has {height} x {width} cells, more than allowed"
            )
        merged = [[*a, *b] for a, b in sheet.merged_cell_ranges or []]
        rows, columns = hidden.get(meta.name, [0, 0])[:2]
        sheets.append(
            {
                "name": meta.name,
                "hidden": meta.visible != SheetVisibleEnum.Visible,
                "rows": height,
                "columns": width,
                "merged": len(merged),
                "hidden_rows": rows,
                "hidden_columns": columns,
            }
        )
        found[meta.name] = (sheet, merged)
    return sheets, found


def _say_rows(sheet: Any) -> None:
    """Write the rows that hold anything, without their empty ends, and that this was all."""
    for number, row in enumerate(sheet.to_python(skip_empty_area=False), 1):
        cells = [_cell(cell) for cell in row]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            _say([number, cells])
    _say({"end": True})


def _choose(sheets: list[dict[str, Any]], wanted: list[str]) -> str | None:
    """Return the sheet asked for; else the first visible one with more than a cell."""
    for name in wanted:
        place = re.fullmatch(r"\[(\d+)\]|#(\d+)", name)
        for at, sheet in enumerate(sheets, 1):
            if sheet["name"].strip() == name.strip() or (place and at == int(place[1] or place[2])):
                return str(sheet["name"])
    if wanted:
        return None
    filled = [s for s in sheets if s["rows"] * s["columns"] > 1] or sheets
    seen = [s for s in filled if not s["hidden"]] or filled
    return str(seen[0]["name"]) if seen else None


def _cell(value: Any) -> Any:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, float):
        return value if abs(value) < 1e300 else str(value)
    if isinstance(value, int):
        return value
    if isinstance(value, datetime.datetime | datetime.date):
        return {"d": value.isoformat()}
    if isinstance(value, datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds() / 86400
    return "" if value is None else str(value)


def _zip_facts(payload: bytes) -> dict[str, Any]:
    """Read every entry once: checksums, real sizes, whole XML; return epoch and hidden rows."""
    facts: dict[str, Any] = {"epoch": 1900, "hidden_rows": {}}
    with zipfile.ZipFile(io.BytesIO(payload)) as book:
        names = set(book.namelist())
        if "META-INF/manifest.xml" in names and b"encryption-data" in book.read(
            "META-INF/manifest.xml"
        ):
            raise BrokenError("the workbook is encrypted: save it without a password")
        hidden = {name: _whole_entry(book, name) for name in sorted(names)}
        if "xl/workbook.xml" in names:
            text = book.read("xl/workbook.xml").decode("utf-8", "replace")
            if re.search(r'date1904\s*=\s*"(1|true|on)"', text):
                facts["epoch"] = 1904
            targets = _targets(book, names)
            for found in re.finditer(r"<(?:\w+:)?sheet\b[^>]*>", text):
                name = re.search(r'\bname="([^"]*)"', found[0])
                link = re.search(r'\w+:id="([^"]*)"', found[0])
                if name and link and link[1] in targets:
                    facts["hidden_rows"][_plain(name[1])] = hidden.get(targets[link[1]], [0, 0])
        if "xl/workbook.bin" in names and _binary_1904(book.read("xl/workbook.bin")):
            facts["epoch"] = 1904
    return facts


def _binary_1904(raw: bytes) -> bool:
    """Return whether the properties of an XLSB workbook (BrtWbProp) say 1904."""
    at = 0
    while at < len(raw):
        kind, at = _varint(raw, at, 2)
        length, at = _varint(raw, at, 4)
        if kind == _WORKBOOK_PROPERTIES:
            return bool(raw[at : at + 1] and raw[at] & 1)
        at += length
    return False


def _varint(raw: bytes, at: int, most: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, at most `most` bytes, and where it ends."""
    value = 0
    for place in range(most):
        byte = raw[at] if at < len(raw) else 0
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            break
    return value, at


def _plain(text: str) -> str:
    for code, sign in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ):
        text = text.replace(code, sign)
    return text


def _targets(book: zipfile.ZipFile, names: set[str]) -> dict[str, str]:
    if "xl/_rels/workbook.xml.rels" not in names:
        return {}
    text = book.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    found = {}
    for link in re.finditer(r"<(?:\w+:)?Relationship\b[^>]*>", text):
        key, target = (
            re.search(r'\bId="([^"]*)"', link[0]),
            re.search(r'\bTarget="([^"]*)"', link[0]),
        )
        if key and target:
            found[key[1]] = f"xl/{target[1]}" if target[1][0] != "/" else target[1][1:]
    return found


def _whole_entry(book: zipfile.ZipFile, name: str) -> list[int]:
    """Read one entry to its end; return how many hidden rows and columns it names."""
    sheet, tail, hidden, total = name.startswith("xl/worksheets/"), b"", [0, 0], 0
    with book.open(name) as entry:
        while part := entry.read(1 << 20):
            text = tail[-200:] + part
            if _DECLARES.search(text) and name.endswith((".xml", ".rels")):
                raise BrokenError(f"{name} declares a document type or entities: refused")
            if sheet:
                rows = re.findall(
                    rb'<(?:\w+:)?row\b[^>]{0,300}?\bhidden="(?:1|true)"[^>]{0,300}>', text
                )
                columns = re.findall(rb'<(?:\w+:)?col\b[^>]{0,300}?\bhidden="(?:1|true)"', text)
                hidden[0] += len(rows)
                hidden[1] += len(columns)
            tail, total = text[-200:], total + len(part)
    for end, start in _TAILS.items():
        whole = tail.rstrip(b" \t\r\n\x00").endswith(end.encode())
        direct = name.startswith(start) and name.endswith(".xml") and "/_rels/" not in name
        short = tail.rstrip().endswith(b"/>")
        if direct and not whole and not short:
            raise BrokenError(f"the workbook is damaged: {name} breaks off")
    return hidden


def _whole_cfb(payload: bytes) -> None:
    """Raise BrokenError if an old .xls (a compound file) is shorter than its own table says."""
    if payload[:4] != b"\xd0\xcf\x11\xe0":
        return
    wide = "EncryptedPackage".encode("utf-16-le")
    if wide in payload:
        raise BrokenError("the workbook is encrypted: save it without a password")
    try:
        (shift,) = struct.unpack_from("<H", payload, 30)
        size = 1 << shift
        if size not in (512, 4096):
            raise BrokenError("the workbook is damaged: odd sector size")
        places = [p for p in struct.unpack_from("<109I", payload, 76) if p < 0xFFFFFFFA]
        last = -1
        for nth, place in enumerate(places):
            start = (place + 1) * size
            table = payload[start : start + size]
            if len(table) < size:
                raise BrokenError("the workbook is damaged: it breaks off")
            entries = struct.unpack(f"<{size // 4}I", table)
            used = [at for at, entry in enumerate(entries) if entry not in _FREE]
            last = max(last, nth * (size // 4) + used[-1]) if used else last
    except struct.error as error:
        raise BrokenError("the workbook is damaged: it breaks off") from error
    if last >= 0 and len(payload) <= (last + 1) * size:
        raise BrokenError("the workbook is damaged: it breaks off")


if __name__ == "__main__":
    _memory, _seconds, _output, _cells = (int(word) for word in sys.argv[1:5])
    main(_memory, _seconds, _output, _cells, json.loads(sys.argv[5]))
