"""Reads CAP 1.1 and 1.2 warnings, bare or inside any XML envelope.

Strict on what identifies a message, lenient on what classifies it. A signature
is noted and never called verified: nothing here can check one.

Source: OASIS CAP-v1.2, section 3.2.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from data.connectors.cap_info import read_info, references
from data.connectors.connector import (
    Connector,
    Findings,
    Options,
    Parsed,
    PayloadError,
    RefusedError,
)
from data.connectors.instants import required_instant
from data.connectors.records import AlertInfo, AlertMessage
from data.connectors.xml_document import children, read_xml, split_tag, text, texts
from data.vocabulary import Disposition

NAMESPACES = ("urn:oasis:names:tc:emergency:cap:1.1", "urn:oasis:names:tc:emergency:cap:1.2")
ENVELOPES = ("feed", "EDXLDistribution")
"""Roots that may well carry no alert: then all is quiet, nothing is wrong."""

_FORBIDDEN = frozenset(" \t\r\n,<&")
_CODES = {
    "status": ("Actual", "Exercise", "System", "Test", "Draft"),
    "msgType": ("Alert", "Update", "Cancel", "Ack", "Error"),
    "scope": ("Public", "Restricted", "Private"),
}
_BY_STATUS = {
    "Exercise": Disposition.TEST,
    "Test": Disposition.TEST,
    "Draft": Disposition.TEST,
    "System": Disposition.IGNORE,
}
_BY_TYPE = {
    "Alert": Disposition.RAISE,
    "Update": Disposition.UPDATE,
    "Cancel": Disposition.CANCEL,
    "Ack": Disposition.IGNORE,
    "Error": Disposition.IGNORE,
}


def parse(payload: bytes, options: Options) -> Parsed[AlertMessage]:
    """Return the alerts of one XML document; raise PayloadError if it cannot hold any."""
    root = read_xml(payload, options)
    found = alert_elements(root)
    if not found and split_tag(root)[1] not in ENVELOPES:
        name = split_tag(root)[1][:60]
        raise PayloadError(f"not CAP: the root is <{name}> and holds no CAP alert")
    findings, seen = Findings(), set[object]()
    messages, facts = [], []
    for row, element in enumerate(found, 1):
        try:
            message = _message(element, row, options.tz, findings, seen)
        except RefusedError as refusal:
            findings.refuse(refusal, row)
        else:
            messages.append(message)
            facts.append(_facts(element, message))
    return findings.conclude(messages, {"alerts": facts})


def alert_elements(root: ET.Element) -> list[ET.Element]:
    """Return every CAP alert in the document, in order."""
    return [element for element in root.iter() if _is_alert(element)]


def _is_alert(element: ET.Element) -> bool:
    namespace, name = split_tag(element)
    if name != "alert":
        return False
    # Some producers forget the namespace; identifier or sent tell theirs from other "alert"s.
    return namespace in NAMESPACES or (
        not namespace and any(split_tag(child)[1] in ("identifier", "sent") for child in element)
    )


def _message(
    element: ET.Element, row: int, tz: str, findings: Findings, seen: set[object]
) -> AlertMessage:
    """Return the alert; raise RefusedError when it cannot be told from others."""
    identifier, sender = _name(element, "identifier"), _name(element, "sender")
    sent = required_instant(text(element, "sent"), tz, "sent", bad="bad_sent")
    status, msg_type, scope = (_code(element, field) for field in _CODES)
    if (sender, identifier, sent) in seen:
        detail = "the same sender, identifier and time stand earlier in the file"
        raise RefusedError("duplicate", "identifier", identifier, detail)
    seen.add((sender, identifier, sent))
    linked = references(text(element, "references"), row, tz, findings)
    infos = tuple(read_info(info, row, tz, findings) for info in children(element, "info"))
    if not infos:
        findings.warn("no_info", row, "info", detail="the alert says nothing about the event")
    if msg_type == "Update" and not linked:
        detail = "an update that names no earlier message"
        findings.warn("unlinked_update", row, "references", detail=detail)
    return AlertMessage(
        row=row,
        identifier=identifier,
        sender=sender,
        sent=sent,
        status=status,
        msg_type=msg_type,
        scope=scope,
        references=linked,
        infos=infos,
        signed=_signed(element),
        disposition=disposition(status, msg_type, infos),
    )


def _name(element: ET.Element, field: str) -> str:
    """Return identifier or sender: references to the alert are spelled with them."""
    name = text(element, field)
    if not name:
        raise RefusedError(f"no_{field}", field, detail=f"the alert has no {field}")
    if _FORBIDDEN & set(name):
        detail = "CAP allows no blank, comma, < or & in it"
        raise RefusedError(f"bad_{field}", field, name, detail)
    return name


def _code(element: ET.Element, field: str) -> str:
    """Return status, msgType or scope, as CAP spells it."""
    code, reason = text(element, field), field.replace("msgType", "msg_type")
    if not code:
        raise RefusedError(f"no_{reason}", field, detail=f"the alert has no {field}")
    if code not in _CODES[field]:
        raise RefusedError(f"bad_{reason}", field, code, f"CAP knows {', '.join(_CODES[field])}")
    return code


_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def _signed(element: ET.Element) -> bool:
    return next(element.iter(_SIGNATURE), None) is not None


def disposition(status: str, msg_type: str, infos: tuple[AlertInfo, ...]) -> Disposition:
    """Return what the message asks of us. An update that is all clear ends the warning."""
    if status != "Actual":
        return _BY_STATUS[status]
    over = bool(infos) and all(
        "AllClear" in info.response_types or info.urgency == "Past" for info in infos
    )
    return Disposition.CANCEL if msg_type == "Update" and over else _BY_TYPE[msg_type]


def _facts(element: ET.Element, message: AlertMessage) -> dict[str, Any]:
    """Return what the file says of an accepted alert, as it is written there."""

    def written(name: str) -> list[str]:
        return [value for info in children(element, "info") for value in texts(info, name)[:1]]

    return {
        "identifier": message.identifier,
        "sender": message.sender,
        "sent": text(element, "sent"),
        "status": message.status,
        "msgType": message.msg_type,
        "languages": written("language"),
        "events": written("event"),
        "severities": written("severity"),
        "references": len(message.references),
        "disposition": message.disposition.value,
        "signed": message.signed,
    }


CONNECTOR = Connector(key="cap", row_word="alert", parse=parse)
