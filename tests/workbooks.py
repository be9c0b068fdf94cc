"""Writes small XLSX files with what people put into them: merges, hidden parts, 1904 days."""

import io
import struct
import zipfile
from datetime import date, datetime
from xml.sax.saxutils import escape

TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    "</Types>"
)
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = f'<styleSheet {NS}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'


def letter(column):
    text = ""
    while column >= 0:
        text, column = chr(65 + column % 26) + text, column // 26 - 1
    return text


def _cell(row, column, value, epoch):
    place = f"{letter(column)}{row}"
    if value is None or value == "":
        return ""
    if isinstance(value, (date, datetime)):
        start = date(1904, 1, 1) if epoch == 1904 else date(1899, 12, 30)
        days = (
            value if isinstance(value, date) and not isinstance(value, datetime) else value.date()
        ) - start
        return f'<c r="{place}" s="1"><v>{days.days}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def _sheet(rows, merges, hidden_rows, epoch):
    lines = [
        f'<row r="{n}"{" hidden=" + chr(34) + "1" + chr(34) if n in hidden_rows else ""}>'
        + "".join(_cell(n, c, v, epoch) for c, v in enumerate(cells))
        + "</row>"
        for n, cells in enumerate(rows, 1)
    ]
    merged = "".join(f'<mergeCell ref="{m}"/>' for m in merges)
    merged = f'<mergeCells count="{len(merges)}">{merged}</mergeCells>' if merges else ""
    return f'<?xml version="1.0"?><worksheet {NS}><sheetData>{"".join(lines)}</sheetData>{merged}</worksheet>'


def xlsx(sheets, *, merges=(), hidden=(), hidden_rows=(), epoch=1900):
    """Return the bytes of a workbook; sheets: name -> rows. merges are of the first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", TYPES)
        book.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{R}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        names = "".join(
            f'<sheet name="{escape(n)}" sheetId="{i}"{" state=" + chr(34) + "hidden" + chr(34) if n in hidden else ""} r:id="s{i}"/>'
            for i, n in enumerate(sheets, 1)
        )
        old = '<workbookPr date1904="1"/>' if epoch == 1904 else "<workbookPr/>"
        book.writestr(
            "xl/workbook.xml",
            f'<?xml version="1.0"?><workbook {NS} xmlns:r="{R}">{old}<sheets>{names}</sheets></workbook>',
        )
        links = "".join(
            f'<Relationship Id="s{i}" Type="{R}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(sheets) + 1)
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'{links}<Relationship Id="st" Type="{R}/styles" Target="styles.xml"/></Relationships>',
        )
        book.writestr("xl/styles.xml", STYLES)
        for i, rows in enumerate(sheets.values(), 1):
            first = i == 1
            text = _sheet(rows, merges if first else (), hidden_rows if first else (), epoch)
            book.writestr(f"xl/worksheets/sheet{i}.xml", text)
    return out.getvalue()


def ods(rows, *, password=False):
    """Return an OpenDocument sheet; the last row is repeated to the end, as LibreOffice writes."""
    lines = ""
    for cells in rows:
        line = "".join(
            f'<table:table-cell office:value-type="float" office:value="{v}"><text:p>{v}</text:p></table:table-cell>'
            if isinstance(v, (int, float))
            else f'<table:table-cell office:value-type="string"><text:p>{escape(v)}</text:p></table:table-cell>'
            for v in cells
        )
        lines += f"<table:table-row>{line}</table:table-row>"
    lines += (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell'
        ' table:number-columns-repeated="1024"/></table:table-row>'
    )
    names = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="表">{lines}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    secret = "<manifest:encryption-data/>" if password else ""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(
            "mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED
        )
        book.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{secret}</manifest:manifest>',
        )
        book.writestr("content.xml", content)
    return out.getvalue()


COUNTIES = ("源城区", "紫金县", "龙川县", "连平县", "和平县", "东源县")


def county_monthly(month="2024年3月", *, suppressed=False):
    """A county clerk's monthly workbook: title, unit, two merged header rows, 合计, signatures."""
    rows = [
        [f"河源市{month}政务服务月报"],
        ["填报单位：市政务服务数据管理局", "", "", "", "单位：件、户"],
        ["县区", "办件", "", "新增经营主体", "备注"],
        ["", "办结", "按时办结", "", ""],
    ]
    for n, county in enumerate(COUNTIES, 1):
        rows.append(
            [county, 100 * n, f"{100 * n - n:,}", "<5" if suppressed and n == 2 else 10 * n, ""]
        )
    rows += [
        ["合 计", 2100, 2079, 210, ""],
        [],
        ["注：本表为当月数。"],
        ["填报人：某某", "", "审核人：某某"],
    ]
    return xlsx(
        {"月报": rows, "代码": [["code"], [1]]},
        merges=("A1:E1", "A3:A4", "B3:C3", "D3:D4", "E3:E4"),
        hidden=("代码",),
        hidden_rows=(6,),
    )


# ---- XLSB: the same workbook in binary records (MS-XLSB 2.1.4) ----


def _record(kind, body=b""):
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = len(body), b""
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 127 else 0)])
        length >>= 7
        if not length:
            return head + size + body


def _wide(text):
    raw = text.encode("utf-16-le")
    return struct.pack("<I", len(raw) // 2) + raw


def _binary_cell(column, value, epoch):
    place = struct.pack("<II", column, 0)
    if isinstance(value, str):
        return _record(0x06, place + _wide(value)) if value else b""
    if isinstance(value, date):
        start = date(1904, 1, 1) if epoch == 1904 else date(1899, 12, 30)
        return _record(
            0x05, struct.pack("<II", column, 1) + struct.pack("<d", (value - start).days)
        )
    return _record(0x05, place + struct.pack("<d", value))


def _binary_sheet(rows, epoch):
    wide = max(map(len, rows))
    out = _record(0x81) + _record(0x94, struct.pack("<IIII", 0, len(rows) - 1, 0, wide - 1))
    out += _record(0x91)
    for n, cells in enumerate(rows):
        out += _record(0x00, struct.pack("<IIHHBI", n, 0, 300, 0, 0, 0))
        out += b"".join(_binary_cell(c, v, epoch) for c, v in enumerate(cells) if v is not None)
    return out + _record(0x92) + _record(0x82)


def xlsb(sheets, *, hidden=(), epoch=1900):
    """Return the bytes of a binary workbook; sheets: name -> rows of texts, numbers and dates."""
    book = (
        _record(0x83) + _record(0x99, struct.pack("<III", int(epoch == 1904), 0, 0)) + _record(0x8F)
    )
    for n, name in enumerate(sheets, 1):
        book += _record(
            0x9C, struct.pack("<II", int(name in hidden), n) + _wide(f"s{n}") + _wide(name)
        )
    book += _record(0x90) + _record(0x84)
    formats = _record(0x0269, struct.pack("<I", 2))
    formats += b"".join(
        _record(0x2F, struct.pack("<HHHHHHHH", 0xFFFF, number, 0, 0, 0, 0, 0, 0))
        for number in (0, 14)
    )
    styles = _record(0x0116) + formats + _record(0x026A) + _record(0x0117)
    links = "".join(
        f'<Relationship Id="s{n}" Type="{R}/worksheet" Target="worksheets/sheet{n}.bin"/>'
        for n in range(1, len(sheets) + 1)
    )
    space = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", TYPES.replace("/xl/workbook.xml", "/xl/workbook.bin"))
        parts.writestr(
            "_rels/.rels",
            f'<Relationships {space}><Relationship Id="r1" Type="{R}/officeDocument" Target="xl/workbook.bin"/></Relationships>',
        )
        parts.writestr(
            "xl/_rels/workbook.bin.rels", f"<Relationships {space}>{links}</Relationships>"
        )
        parts.writestr("xl/workbook.bin", book)
        parts.writestr("xl/styles.bin", styles)
        for n, rows in enumerate(sheets.values(), 1):
            parts.writestr(f"xl/worksheets/sheet{n}.bin", _binary_sheet(rows, epoch))
    return out.getvalue()
