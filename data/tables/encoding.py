"""Which encoding is a text table in, also a short one, and which of its lines are not?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.connectors.connector import PayloadError

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
NAMES = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8 with BOM", "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE", "gb18030": "GB18030", "big5": "Big5",
    "iso-8859-1": "ISO-8859-1", "cp1252": "Windows-1252", "utf-32": "UTF-32",
}  # fmt: skip
_ALIASES = {
    "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "gb-18030": "gb18030",
    "utf8": "utf-8", "utf-8": "utf-8", "latin1": "iso-8859-1", "latin-1": "iso-8859-1",
    "windows-1252": "cp1252", "big5": "big5", "utf-16": "utf-16-le", "ascii": "utf-8",
}  # fmt: skip
_PAIR = re.compile(rb"[\x81-\xfe][\x30-\x39\x40-\x7e\x80-\xfe]|[\x80-\xff]")
_CHINESE_UTF8 = re.compile(rb"(?:[\xe3-\xe9\xef][\x80-\xbf]{2}){2,}")
_ANY_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_SAMPLE = 1 << 20


@dataclass(frozen=True)
class Encoding:
    """A codec of Python, its name for people, the bytes of its mark, and what is unsure."""

    codec: str
    bom: int = 0
    doubt: str = ""

    @property
    def name(self) -> str:
        """The name for people."""
        return NAMES.get(self.codec, self.codec)


def named(text: str) -> Encoding:
    """Return the encoding a mapping names; raise PayloadError if there is none."""
    low = text.strip().lower()
    codec = _ALIASES.get(low, low)
    if codec not in NAMES:
        raise PayloadError(f"there is no encoding called {text!r}")
    return Encoding(codec)


def detect(head: bytes, *, cut: bool = False) -> Encoding:
    """Return the encoding of a file that begins with `head`; raise PayloadError for binary.

    cut: the last line of `head` may go on behind it.
    """
    for mark, codec in _BOMS:
        if head.startswith(mark):
            if codec == "utf-32":
                raise PayloadError("the text is UTF-32: save it as UTF-8")
            return Encoding(codec, len(mark))
    if b"\x00" in head:
        return _sixteen(head[:_SAMPLE])
    if _controls(head[:_SAMPLE]) > 0.02:
        raise PayloadError("not a text table: the file is binary")
    if head.isascii():
        return Encoding("utf-8")
    return _of_lines(head[: head.rfind(b"\n") + 1] if cut and b"\n" in head else head)


def _controls(head: bytes) -> float:
    odd = len(re.findall(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]", head))
    return odd / max(len(head), 1)


def _sixteen(head: bytes) -> Encoding:
    """Return UTF-16 without a mark, if the zero bytes look like it."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    for codec, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        text = head[: len(head) // 2 * 2].decode(codec, "replace")
        usual = sum(c.isprintable() or c in "\r\n\t" for c in text) / max(len(text), 1)
        if zeros > 10 * others and usual > 0.97 and "\ufffd" not in text[:-1]:
            return Encoding(codec, doubt="UTF-16 without a byte order mark")
    raise PayloadError("not a text table: the file is binary (it holds zero bytes)")


def _of_lines(head: bytes) -> Encoding:
    """Decide between UTF-8 and the others by the lines that are not plain ASCII."""
    lines = [line for line in head.split(b"\n") if not line.isascii()][:20000]
    right = sum(_is(line, "utf-8") for line in lines)
    if right == len(lines):
        return Encoding("utf-8")
    other = _other(b"\n".join(line for line in lines if not _is(line, "utf-8")))
    doubt = f"{right} lines are UTF-8 and {len(lines) - right} are {other.name}" if right else ""
    # Five lines of another encoding are broken lines; half of the file is a decision.
    if right >= len(lines) - right and right:
        return Encoding("utf-8", doubt=doubt)
    return Encoding(other.codec, doubt=doubt or other.doubt)


def _is(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _other(raw: bytes) -> Encoding:
    """Return which of GB 18030, Big5 and the Western pages bytes that are no UTF-8 are in."""
    chinese, big = _chinese(raw), _big5(raw)
    if chinese >= 0.85 and chinese >= big - 0.02:
        return Encoding("gb18030")
    if big >= 0.95 and _is(raw, "big5"):
        return Encoding("big5", doubt="Big5 or GB 18030?")
    if chinese >= 0.6 and _is(raw, "gb18030"):
        return Encoding("gb18030", doubt="rare characters: GB 18030 or something else?")
    if re.search(rb"[\x80-\x9f]", raw) and _is(raw, "cp1252"):
        return Encoding("cp1252", doubt="one of the Western single-byte pages")
    return Encoding("iso-8859-1", doubt="one of the Western single-byte pages")


def _chinese(raw: bytes) -> float:
    """Return the share of high bytes that stand in pairs of GB 2312."""
    pairs = _PAIR.findall(raw)
    good: int = sum(
        len(p) == 2 and p[1] >= 0xA1 and (0xB0 <= p[0] <= 0xF7 or 0xA1 <= p[0] <= 0xA9)
        for p in pairs
    )
    return float(good / max(len(pairs), 1))


def _big5(raw: bytes) -> float:
    pairs = re.findall(rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]|[\x80-\xff]", raw)
    good: int = sum(len(p) == 2 and 0xA1 <= p[0] <= 0xC6 for p in pairs)
    return float(good / max(len(pairs), 1))


def foreign_lines(raw: bytes, codec: str) -> list[int]:
    """Return the places of lines of `raw` that cannot be in `codec` or are plainly UTF-8."""
    if codec.startswith("utf-8"):
        if _is(raw, "utf-8"):
            return []
        return [at for at, line in enumerate(raw.split(b"\n")) if not _is(line, "utf-8")]
    broken = not _is(raw, codec)
    suspect = _CHINESE_UTF8 if codec in ("gb18030", "big5") else _ANY_UTF8
    if not broken and not suspect.search(raw):
        return []
    return [
        at
        for at, line in enumerate(raw.split(b"\n"))
        if not line.isascii()
        and ((broken and not _is(line, codec)) or _utf8_after_all(line, codec))
    ]


def _utf8_after_all(line: bytes, codec: str) -> bool:
    """Return whether a line of a GB or Western file is UTF-8: it decodes, and the other is odd."""
    if not _is(line, "utf-8"):
        return False
    return _chinese(line) < 0.85 if codec in ("gb18030", "big5") else True
