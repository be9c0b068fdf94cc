"""One GeoReport v2 request sent as a form, turned into the document that is kept of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from data.connectors.connector import clean
from data.connectors.privacy import mask

FIELDS = {
    "service_code": "service_code",
    "description": "description",
    "address_string": "address",
    "lat": "lat",
    "long": "long",
}
"""All that is taken. The key, mail, phone, names, account and device stay behind."""


def form_document(fields: Mapping[str, str], request_id: str, now: datetime) -> bytes:
    """Return a GeoReport list of the one request that the form reports now.

    A form carries its key and who sent it among its fields; those are not to be
    kept, so this document is stored in the form's place.
    """
    given = {ours: fields[theirs] for theirs, ours in FIELDS.items() if theirs in fields}
    taken = {name: mask(clean(value)) for name, value in given.items()}
    moment = now.replace(microsecond=0).isoformat()
    own = {"service_request_id": request_id, "status": "open", "requested_datetime": moment}
    body = json.dumps({"service_requests": [own | taken]}, ensure_ascii=False)
    return body.encode()
