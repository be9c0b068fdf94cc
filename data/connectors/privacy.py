"""Masks personal data in free text before anything is stored or shown.

What is masked, and how much of it stays so that a person can still tell two of them apart:

    mobile, also in Chinese numerals      138****8000
    landline with its area code           0762-****123     (without one: after 电话 and the like)
    identity number, 18 or 15 digits      441602********1234
    passport, travel permits              E*****678
    bank card (Luhn)                      622202******1234
    mail, WeChat, QQ                      ***@domain, 微信：***
    vehicle plate                         粤P***45          (police and emergency plates stay)
    names, home addresses                 see privacy_names

Times, places, amounts, case, statute and route numbers and coordinates stay as they are.
Masking again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from data.connectors.privacy_names import mask_names, mask_rooms

# Full-width forms mapped one to one, so that places found in the copy hold in the original.
_HALF_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_HALF_WIDTH |= {ord(dash): 0x2D for dash in "‐‑‒–—−"}

_WIDE = re.compile("[\uff01-\uff5e\u3000‐‑‒–—−]")
_HINT = re.compile(
    r"[0-9][0-9 -]{5}|@|[一幺][三四五六七八九].|[Qq]{2}|微信|[Vv][Xx]|[Ww][Xx]|[Cc]hat|weixin"
    r"|[A-HJ-NP-Z][·. ]?[A-Z0-9]{5}"
)
"""What every find begins with or holds: most texts have none of it."""

_ROUNDS = 6
"""What one mask uncovers the next round finds; a text settles after one or two."""

_S = "[ -]?"
_GROUPS = ((3, 4, 4), (3, 3, 5), (4, 4, 3), (5, 6), (3, 8), (7, 4), (11,))
_MOBILE = "|".join(
    rf"1[3-9][0-9]{{{g[0] - 2}}}" + "".join(rf"[ -][0-9]{{{n}}}" for n in g[1:]) for g in _GROUPS
)
_BEFORE, _AFTER = r"(?<![0-9])(?<![0-9]\.)", r"(?![0-9])"
_AREA = r"0(?:10|2[0-9]|[3-9][0-9]{2})"
_CALL = (
    r"(?:电\s?话|座机|手机号?|固话|热线|传真|致电|拨打|联系方式|号码|Tel|TEL|tel)"
    r"[号码]{0,2}[:是为]{0,2} ?"
)
_FIFTEEN = "[1-8][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}"
_OLD = re.compile(_FIFTEEN)
_HANZI = "零〇一二三四五六七八九幺两"
_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PERSONAL = re.compile(
    rf"{_BEFORE}(?P<id>[1-9][0-9]{{16}}[0-9Xx]){_AFTER}"
    rf"|{_BEFORE}(?P<card>(?:62|4[0-9]|5[1-5]|3[5-6])[0-9]{{2}}(?:{_S}[0-9]{{4}}){{2}}"
    rf"{_S}[0-9]{{3,4}}(?:{_S}[0-9]{{1,3}})?){_AFTER}"
    rf"|{_BEFORE}(?P<old>{_FIFTEEN}){_AFTER}"
    rf"|{_BEFORE}(?P<mobile>{_MOBILE}){_AFTER}"
    rf"|{_BEFORE}(?P<prefix>(?:00)?86)(?P<abroad>1[3-9][0-9]{{9}}){_AFTER}"
    rf"|{_BEFORE}(?P<line>(?:\({_AREA}\)|{_AREA}){_S}[2-8][0-9]{{2,3}}{_S}[0-9]{{4}}){_AFTER}(?!{_S}年)"
    rf"|(?P<call>{_CALL})(?P<local>[2-8][0-9]{{2,3}}{_S}[0-9]{{4}}){_AFTER}"
    rf"|(?<![{_HANZI}])(?P<spoken>[一幺][三四五六七八九][{_HANZI}]{{9}})(?![{_HANZI}])"
    r"|(?P<mail>[A-Za-z0-9._%+-]{1,64})@(?P<domain>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})"
    r"|(?<![A-Za-z0-9])(?P<paper>(?:[EGDSPK][0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|[HM][0-9]{8}(?:[0-9]{2})?"
    r"|C[A-Z0-9][0-9]{7}))(?![A-Za-z0-9])"
    r"|(?P<app>(?:微信|WeChat|wechat|weixin|(?<![A-Za-z])[Vv][Xx]|(?<![A-Za-z])wx)"
    r"(?:号|账号|ID|id)?[:是为 ]{0,2})"
    r"(?P<user>[A-Za-z][A-Za-z0-9_-]{5,19}|1[3-9][0-9]{9}|[0-9]{6,10})(?![A-Za-z0-9])"
    r"|(?P<qq>(?<![A-Za-z])[Qq][Qq](?:号|账号|号码)?[:是为 ]{0,2})"
    r"(?P<number>[1-9][0-9]{4,10})(?![0-9])"
    rf"|(?P<plate>[{_PROVINCE}][A-HJ-NP-Z][·. ]?(?=[A-HJ-NP-Z0-9]*[0-9])[A-HJ-NP-Z0-9]{{5,6}})"
    r"(?![A-Za-z0-9])(?!警|应急)"
)
_NO_PERSON = re.compile(
    r"(?:工单|编号|案号|单号|受理号|流水号|订单|案件|事项|文号|条码|批次)[号码]?[:#为是 ]{0,3}$"
)
_IDENTITY = re.compile(r"(?:身份证|证件|居民证|公民身份)[^0-9]{0,8}$")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCES = frozenset({11, 12, 13, 14, 15, 21, 22, 23, *range(31, 38), *range(41, 47),
                        *range(50, 55), *range(61, 66), 71, 81, 82, 83})  # fmt: skip


@lru_cache(maxsize=8192)  # a poll brings the same requests again and again
def mask(text: str) -> str:
    """Return `text` with what names or reaches a person masked; see the module.

    Full-width digits and letters count as digits and letters.
    """
    for _ in range(_ROUNDS):
        before, text = text, mask_rooms(mask_names(_numbers(text)))
        if text == before:
            break
    return text


def _numbers(text: str) -> str:
    plain, parts, end = text.translate(_HALF_WIDTH) if _WIDE.search(text) else text, [], 0
    if not _HINT.search(plain):
        return text
    for found in _PERSONAL.finditer(plain):
        said = _masked(found, plain[max(0, found.start() - 16) : found.start()])
        if said is not None:
            kind = found.lastgroup or ""
            start = found.start(kind) if kind in _LABELLED else found.start()
            parts += [text[end:start], said]
            end = found.end()
    return "".join([*parts, text[end:]])


def _masked(found: re.Match[str], before: str) -> str | None:
    """Return what stands for a find, None when it is no personal number after all."""
    kind = next(name for name in _MASKS if found[name])
    return _MASKS[kind](found, before)


def _identity(found: re.Match[str], before: str) -> str | None:
    number, case = found["id"].upper(), bool(_NO_PERSON.search(before))
    if _card_number(number) and not _identity_number(number):
        return None if case else _short(number, 6, 4)
    fits = _sum_fits(number) and not (case and int(number[6:10]) > 2015)
    plausible = _identity_number(number) and not case
    if not (fits or plausible or _IDENTITY.search(before)):
        return None
    return f"{found['id'][:6]}********{found['id'][-4:]}"


def _identity_number(number: str) -> bool:
    """Return whether 18 characters hold a province and a birthday, if not the right check digit."""
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    born = 1900 <= year <= 2020 and 1 <= month <= 12 and 1 <= day <= 31
    return int(number[:2]) in _PROVINCES and born


def _sum_fits(number: str) -> bool:
    total = sum(w * int(d) for w, d in zip(_WEIGHTS, number, strict=False))
    return _born(number) and number[17] == "10X98765432"[total % 11]


def _born(number: str) -> bool:
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    return 1900 <= year <= 2099 and 1 <= month <= 12 and 1 <= day <= 31


def _old(found: re.Match[str], before: str) -> str | None:
    number = found["old"]
    if int(number[:2]) not in _PROVINCES or _NO_PERSON.search(before):
        return None
    return _short(number, 6, 3)


def _card(found: re.Match[str], before: str) -> str | None:
    digits = re.sub("[ -]", "", found["card"])
    if _NO_PERSON.search(before):
        return None
    if _card_number(digits):
        return _short(digits, 6, 4)
    old = _OLD.fullmatch(found["card"])
    return _short(digits, 6, 3) if old and int(digits[:2]) in _PROVINCES else None


def _card_number(digits: str) -> bool:
    """Return whether digits are a bank card's: a known beginning, and Luhn's sum."""
    if not 15 <= len(digits) <= 19 or not digits.isdigit():
        return False
    if not re.match("62|4|5[1-5]|3[5-6]", digits):
        return False
    doubled = [int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _short(text: str, head: int, tail: int) -> str:
    return f"{text[:head]}{'*' * (len(text) - head - tail)}{text[-tail:]}"


def _mobile(found: re.Match[str], _before: str) -> str:
    number = re.sub("[ -]", "", found["mobile"] or found["abroad"])
    return f"{found['prefix'] or ''}{number[:3]}****{number[-4:]}"


def _line(found: re.Match[str], _before: str) -> str:
    number = found["line"]
    area = re.match(rf"\(?({_AREA})", number)
    code = area[1] if area else ""
    return f"{code}-****{number[-3:]}"


_MASKS: dict[str, Callable[[re.Match[str], str], str | None]] = {
    "id": _identity,
    "card": _card,
    "old": _old,
    "mobile": _mobile,
    "abroad": _mobile,
    "line": _line,
    "local": lambda found, _: f"****{found['local'][-3:]}",
    "spoken": lambda found, _: f"{found['spoken'][:3]}****{found['spoken'][-4:]}",
    "mail": lambda found, _: f"***@{found['domain']}",
    "paper": lambda found, before: None if _NO_PERSON.search(before) else _short(found[0], 1, 3),
    "user": lambda _found, _before: "***",
    "number": lambda _found, _before: "***",
    "plate": lambda found, _: f"{found['plate'][:2]}***{found['plate'][-2:]}",
}
_LABELLED = frozenset({"local", "user", "number"})
"""Finds whose label stays as it was written."""
