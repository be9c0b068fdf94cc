"""The bytes each kind of target understands, and how it says that it took them. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from data.alarms.messages import NoticeBody, heading, plain, text
from data.vocabulary import LOCAL

WECOM_BYTES, CHAT_BYTES = 2048, 18_000
"""What a text message may be long: WeCom's limit; DingTalk and Feishu take 20 kB a request."""


@dataclass(frozen=True)
class Request:
    """One call: where, which bytes, which headers."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def request(
    kind: str, url: str, secret: str, body: NoticeBody, *, key: str, at: float
) -> Request:  # fmt: skip
    """Return the call that tells `body` to a target.

    key: the same for each try of one notice, so that the other side can drop a second one.
    at: epoch seconds of this try; signatures are good for an hour at most.
    """
    made = {"wecom": _wecom, "dingtalk": _dingtalk, "feishu": _feishu}.get(kind, _webhook)
    return made(url, secret, body, key, at)


def answered(kind: str, status: int, answer: bytes) -> str:
    """Return what a target said against a notice, "" if it took it."""
    if 300 <= status < 400:
        return f"answered {status}: redirects are not followed"
    if not 200 <= status < 300:
        return f"answered {status}"
    if kind not in ("wecom", "dingtalk", "feishu"):
        return ""
    try:
        told = json.loads(answer)
        code = told.get("errcode", told.get("code", told.get("StatusCode")))
        said = told.get("errmsg", told.get("msg", ""))
    except (ValueError, AttributeError):
        return "answered no JSON"
    return "" if code == 0 else f"refused: {code} {str(said)[:120]}".strip()


def mail(
    body: NoticeBody, *, sender: str, receivers: str, key: str, at: float
) -> EmailMessage:  # fmt: skip
    """Return the notice as a mail. Raises ValueError: a line break in an address."""
    made = EmailMessage()
    made["Subject"] = " ".join(heading(body).split())
    made["From"], made["To"] = sender, receivers
    made["Date"] = format_datetime(datetime.fromtimestamp(at, LOCAL))
    made["Message-ID"] = f"<{key}@zhizhi.invalid>"
    made["X-Idempotency-Key"] = key
    made["X-Priority"] = "1" if body["priority"] == 1 else "3"
    made.set_content(text(body) + "\n", charset="utf-8")
    return made


def _wecom(url: str, _secret: str, body: NoticeBody, key: str, _at: float) -> Request:
    return _json(url, {"msgtype": "text", "text": {"content": cut(text(body), WECOM_BYTES)}}, key)


def _dingtalk(url: str, secret: str, body: NoticeBody, key: str, at: float) -> Request:
    content = {"msgtype": "text", "text": {"content": cut(text(body), CHAT_BYTES)}}
    if secret:
        stamp = str(int(at * 1000))
        sign = quote(dingtalk_sign(secret, stamp), safe="")
        url = _with(url, f"timestamp={stamp}&sign={sign}")
    return _json(url, content, key)


def _feishu(url: str, secret: str, body: NoticeBody, key: str, at: float) -> Request:
    content: dict[str, Any] = {
        "msg_type": "text", "content": {"text": cut(text(body), CHAT_BYTES)},
    }  # fmt: skip
    if secret:
        stamp = str(int(at))
        content |= {"timestamp": stamp, "sign": feishu_sign(secret, stamp)}
    return _json(url, content, key)


def _webhook(url: str, secret: str, body: NoticeBody, key: str, at: float) -> Request:
    made = _json(url, {**plain(body), "key": key}, key)
    if not secret:
        return made
    stamp = str(int(at))
    sign = webhook_sign(secret, stamp, made.body)
    signed = {"X-Zhizhi-Timestamp": stamp, "X-Zhizhi-Signature": sign}
    return Request(url, made.body, {**made.headers, **signed})


def dingtalk_sign(secret: str, stamp: str) -> str:
    """Return DingTalk's signature: HMAC-SHA256 of "stamp, line break, secret" with the secret."""
    return _b64(hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256))


def feishu_sign(secret: str, stamp: str) -> str:
    """Return Feishu's signature: of nothing, with "stamp, line break, secret" as the key."""
    return _b64(hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256))


def webhook_sign(secret: str, stamp: str, body: bytes) -> str:
    """Return the signature of our own webhooks: of stamp, dot and the bytes of the body."""
    made = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={made.hexdigest()}"


def cut(words: str, most: int) -> str:
    """Return words of at most `most` bytes of UTF-8, with a mark where they were cut."""
    raw = words.encode()
    if len(raw) <= most:
        return words
    return raw[: most - 3].decode(errors="ignore") + "…"


def _b64(made: hmac.HMAC) -> str:
    return base64.b64encode(made.digest()).decode("ascii")


def _json(url: str, content: Mapping[str, Any], key: str) -> Request:
    raw = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
    return Request(url, raw, headers)


def _with(url: str, more: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=f"{parts.query}&{more}" if parts.query else more))
