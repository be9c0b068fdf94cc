"""Reads XML that nobody vouches for: no DTD, no entities, nothing fetched, bounded depth."""

from __future__ import annotations

import codecs
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import lru_cache

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from data.connectors.connector import (
    Options,
    PayloadError,
    clean,
    declared_encoding,
    refuse_oversize,
)

MAX_DEPTH = 100
MAX_ELEMENTS = 2_000_000

_EXPAT_READS = (None, "utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "us-ascii")
_TEXT_CODECS = ("gb", "big5", "cp", "iso", "koi8", "euc", "shift", "utf", "ascii", "hz", "mac")


class _BoundedBuilder(ET.TreeBuilder):
    """Stops at a depth or a size no alert or request list has."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = self.elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH:
            raise PayloadError(f"the XML is nested more than {MAX_DEPTH} levels deep")
        if self.elements > MAX_ELEMENTS:
            raise PayloadError(f"the XML has more than {MAX_ELEMENTS} elements")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self.depth -= 1
        return super().end(tag)


def read_xml(payload: bytes, options: Options) -> ET.Element:
    """Return the root element; raise PayloadError for anything but harmless, whole XML."""
    refuse_oversize(payload, options)
    parser = DefusedXMLParser(
        target=_BoundedBuilder(), forbid_dtd=True, forbid_entities=True, forbid_external=True
    )
    try:
        parser.feed(_readable(payload))
        root: ET.Element = parser.close()
    except DefusedXmlException as error:
        raise PayloadError(
            "the XML declares a document type (DTD) or entities, which is not allowed"
        ) from error
    except ET.ParseError as error:
        raise PayloadError(f"not XML, or broken: {error}") from error
    except (LookupError, ValueError) as error:
        if isinstance(error, PayloadError):
            raise
        raise PayloadError(f"the XML cannot be decoded: {error}") from error
    return root


def _readable(payload: bytes) -> bytes | str:
    """Return what the XML parser can take: it knows no multi-byte encodings but Unicode's."""
    if payload.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return payload.decode("utf-32")
    declared = declared_encoding(payload)
    if declared in _EXPAT_READS or payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        return payload
    if payload.startswith(codecs.BOM_UTF8):
        return payload.decode("utf-8-sig")
    name = codecs.lookup(declared or "").name
    if not name.startswith(_TEXT_CODECS):
        raise LookupError(f"unknown encoding {declared}")
    # GBK and GB 2312 files carry GB 18030 characters more often than not.
    return payload.decode("gb18030" if name in ("gbk", "gb2312") else name)


def split_tag(element: ET.Element) -> tuple[str, str]:
    """Return (namespace, local name); the name is "" for comments and instructions."""
    tag = element.tag
    return _split(tag) if isinstance(tag, str) else ("", "")


@lru_cache(maxsize=4096)
def _split(tag: str) -> tuple[str, str]:
    namespace, _, name = tag.rpartition("}")
    return namespace.lstrip("{"), name


def children(parent: ET.Element, name: str) -> Iterator[ET.Element]:
    """Yield the children called `name` in the parent's namespace, or in none."""
    namespace = split_tag(parent)[0]
    wanted = (f"{{{namespace}}}{name}", name)
    for child in parent:
        if child.tag in wanted:
            yield child


def texts(parent: ET.Element, name: str) -> list[str]:
    """Return the trimmed text of each child called `name`, "" for an empty one."""
    return [clean("".join(child.itertext())) for child in children(parent, name)]


def text(parent: ET.Element, name: str) -> str:
    """Return the trimmed text of the first child called `name`, "" if there is none."""
    return next(iter(texts(parent, name)), "")
