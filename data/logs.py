"""One JSON line an event on stderr, for people and machines alike. Secrets stay out of it."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

HIDDEN = "***"
SHORTEST = 6
"""A shorter secret is not looked for in texts: it would blacken words that are none."""

_NAMES = re.compile(
    r"passw(or)?d|passphrase|secret|token|authorization|cookie|api_?key|session|credential",
    re.IGNORECASE,
)
_VARIABLES = re.compile(r"(PASSW(OR)?D|SECRET|TOKEN|_KEY|CREDENTIAL|_URL|_NOTIFY_)", re.IGNORECASE)
_SHAPES = (
    (
        re.compile(r"([a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"]{0,80}):[^\s/@'\"]{1,200}@", re.I),
        r"\1:***@",
    ),
    (re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.I), r"\1 ***"),
    (
        re.compile(
            r"\b(passw(?:or)?d|passphrase|secret|token|api[_-]?key|access_key|authorization"
            r"|cookie|session)(['\"]?\s*[=:]\s*['\"]?)[^\s'\"&;,)}]{3,}",
            re.I,
        ),
        r"\1\2***",
    ),
)
_hidden: set[str] = set()


def hide(*values: str) -> None:
    """Have these texts left out of every line from now on."""
    _hidden.update(value for value in values if len(value) >= SHORTEST)


def hide_environment(environ: Mapping[str, str] = os.environ) -> None:
    """Hide what the environment holds under the name of a secret, and passwords in addresses."""
    for name, value in environ.items():
        if not _VARIABLES.search(name):
            continue
        if "://" not in value:
            hide(value)
        elif found := re.search(r"://[^/@\s]*?:([^/@\s]+)@", value):
            hide(found[1])


def without_secrets(text: str) -> str:
    """Return a text with everything that looks like a secret blackened."""
    for secret in _hidden:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    for shape, kept in _SHAPES:
        text = shape.sub(kept, text)
    return text


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blacken secrets in one event: by the name of a field, by their shape, by their text."""
    for key, value in event.items():
        event[key] = _clean(key, value)
    return event


def _clean(key: str, value: Any) -> Any:
    if _NAMES.search(key) and value not in (None, "", True, False) and not isinstance(value, int):
        return HIDDEN
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {k: _clean(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", v) for v in value]
    return value if value is None or isinstance(value, int | float) else without_secrets(str(value))


_BEFORE: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    redact,
]


def configure(level: str = "INFO") -> None:
    """Set up logging for this process: ours, and that of the libraries in the same form."""
    hide_environment()
    structlog.configure(
        processors=[*_BEFORE, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(_STDERR),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    ours = handler()
    root.handlers = [h for h in root.handlers if type(h) is not type(ours)] + [ours]
    root.setLevel(max(logging.getLevelName(level), logging.WARNING))


class _Stderr:
    """Whatever stderr is now: it may be another one than when the process began."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


_STDERR = _Stderr()


class _Lines(logging.StreamHandler[Any]):
    """Our own handler: known by its type, so that it stands once."""


def handler() -> logging.Handler:
    """Return what writes the lines of libraries (gunicorn, Flask, SQLAlchemy) as ours."""
    made = _Lines(_STDERR)
    made.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_part, *_BEFORE[:3]],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    return made


def _part(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record = event.get("_record")
    event["part"] = str(record.name) if record is not None else "library"
    return event


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return a logger that says where it speaks from."""
    found: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=name)
    return found
