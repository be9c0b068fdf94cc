"""The body of a push: its size, its kind, unpacked within limits."""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from callbacks.api_problem import ApiError

FORMS = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "text/csv": "csv",
}
GEOREPORT = {"application/json": "json", "application/xml": "xml", "text/xml": "xml"}
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 50
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True)
class Body:
    """What was sent, unpacked. form: as the content type says."""

    data: bytes
    form: str

    @property
    def sha256(self) -> str:
        """The hash of what was sent."""
        return hashlib.sha256(self.data).hexdigest()


def content_type(allowed: dict[str, str]) -> str:
    """Return which of the allowed forms the content type means; raise ApiError 415."""
    if request.mimetype not in allowed:
        known = ", ".join(allowed)
        raise ApiError(415, "unsupported_media_type", f"send one of: {known}")
    return allowed[request.mimetype]


def read_body(allowed: dict[str, str], most: int) -> Body:
    """Return the body; raise ApiError 400, 413 or 415.

    most: bytes, before and after unpacking.
    """
    form = content_type(allowed)
    request.max_content_length = most
    request.max_form_memory_size = None
    try:
        data = request.get_data(cache=True, parse_form_data=False)
    except RequestEntityTooLarge as error:
        raise _too_large(most) from error
    return Body(_unpacked(data, most), form)


def _too_large(most: int) -> ApiError:
    return ApiError(413, "too_large", f"the body is larger than {most / 1e6:.1f} MB")


def _unpacked(data: bytes, most: int) -> bytes:
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return data
    if encoding not in ("gzip", "deflate"):
        raise ApiError(415, "unsupported_encoding", "send it plain, or as gzip or deflate")
    unpack = zlib.decompressobj(31 if encoding == "gzip" else 15)
    try:
        found = unpack.decompress(data, most + 1)
    except zlib.error as error:
        raise ApiError(400, "unreadable", f"not {encoding}") from error
    if len(found) > most:
        raise _too_large(most)
    if not unpack.eof or unpack.unused_data:
        raise ApiError(400, "unreadable", f"the {encoding} body is cut off or has more after it")
    return found


def form_fields(body: Body) -> dict[str, str]:
    """Return the fields of a form, the first of each name; raise ApiError 400."""
    try:
        pairs = parse_qsl(
            body.data.decode("utf-8"), keep_blank_values=False, max_num_fields=MOST_FIELDS,
            errors="strict",
        )  # fmt: skip
    except ValueError as error:
        raise ApiError(400, "unreadable", "not a form in UTF-8") from error
    return dict(reversed(pairs))


def idempotency_key() -> str | None:
    """Return the Idempotency-Key, None if there is none; raise ApiError 400 for a bad one."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        detail = "Idempotency-Key: 1 to 200 visible ASCII characters"
        raise ApiError(400, "bad_idempotency_key", detail)
    return key
