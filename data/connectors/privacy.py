"""Masks personal data in free text before anything is stored or shown."""

from __future__ import annotations

import re

# Full-width forms mapped one to one, so that places found in the copy hold in the original.
_HALF_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

_PERSONAL = re.compile(
    r"(?<![0-9])(?P<id>[1-9][0-9]{16}[0-9Xx])(?![0-9])"
    r"|(?<![0-9])(?P<mobile>1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4})(?![0-9])"
    r"|(?<![0-9])(?P<prefix>(?:00)?86)(?P<abroad>1[3-9][0-9]{9})(?![0-9])"
    r"|(?P<mail>[A-Za-z0-9._%+-]{1,64})@(?P<domain>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})"
)


def mask(text: str) -> str:
    """Return `text` with mobile numbers, identity numbers and mail addresses masked.

    138****8000 for mainland mobiles (also with +86, blanks or dashes),
    441602********1234 for 18-digit identity numbers, ***@domain for mail.
    Full-width digits and letters count as digits and letters.
    """
    plain, parts, end = text.translate(_HALF_WIDTH), [], 0
    for found in _PERSONAL.finditer(plain):
        parts += [text[end : found.start()], _masked(found)]
        end = found.end()
    return "".join([*parts, text[end:]])


def _masked(found: re.Match[str]) -> str:
    if found["id"]:
        return f"{found['id'][:6]}********{found['id'][-4:]}"
    if found["mail"]:
        return f"***@{found['domain']}"
    number = found["mobile"] or found["abroad"]
    return f"{found['prefix'] or ''}{number[:3]}****{number[-4:]}"
