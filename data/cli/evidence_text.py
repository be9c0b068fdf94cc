"""The chain of a number as aligned text for a person."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

from data.vocabulary import LOCAL, EvidenceLink, Names, Revision
from data.vocabulary.proof import Chain, PartRow

HIDDEN, MISSING = "不公布 not shown", "-"
Rows = list[tuple[str, str]]


def as_text(found: Chain) -> str:
    """Return the whole chain, one block a step."""
    blocks = [
        _head(found),
        _definition(found),
        _parts(found),
        *_facts(found),
        _revisions(found),
    ]
    return "\n\n".join(blocks)


def _head(found: Chain) -> str:
    value = HIDDEN if found["hidden"] else number(found["value"], found["decimals"])
    unit = "" if found["hidden"] or found["value"] is None else f" {found['unit']['zh']}"
    period = found["period"]
    if found["period_start"] is not None:
        period += f"  ({_time(found['period_start'])} to {_time(found['period_end'])})"
    rows = [
        ("value", f"{value}{unit}"),
        ("indicator", f"{found['indicator']}  {_both(found['name'])}"),
        ("area", f"{found['area_code']}  {_both(found['area'])}"),
        ("period", period),
    ]
    if found["as_of"] is not None:
        rows.append(("as known at", _time(found["as_of"])))
    if found["hidden"]:
        k = found["small_count"]
        rows.append(("why", f"below {k}, or would tell a number below {k}"))
    return _block("", rows)


def _definition(found: Chain) -> str:
    d = found["definition"]
    rows = [
        ("version", f"{d['version']}, valid from {d['valid_from']}"),
        ("means", _both(d["definition"])),
        ("numerator", _both(d["numerator"])),
    ]
    if d["denominator"]:
        rows.append(("denominator", _both(d["denominator"])))
    rows.append(("adds up as", d["aggregation"]))
    if d["target"]:
        target = d["target"]
        limits = " ".join(f"{k}:{v:g}" for k, v in (target.get("levels") or {}).items())
        since = f"valid from {target['valid_from']}, set by {target['set_by']}"
        rows.append(("target", f"{target['kind']} {limits}".strip() + f"  ({since})"))
    if d["standard"]:
        rows.append(("standard", d["standard"]))
    return _block("definition", rows)


def _parts(found: Chain) -> str:
    lines = [f"made of {len(found['parts']) + found['parts_left']} rows"]
    table = [_part(p) for p in found["parts"]]
    lines += [f"  {line}" for line in aligned(table)]
    if found["parts_left"]:
        lines.append(f"  and {found['parts_left']} more (--limit)")
    lines.append(f"  sum     {_counts(found['sums'], hidden=found['hidden'])}")
    if found["stored"] is not None:
        lines.append(f"  stored  {_counts(found['stored'], hidden=found['hidden'])}")
        same = "the sum is the stored total" if found["reconciles"] else "THEY ARE NOT THE SAME"
        lines.append(f"  {same}")
    return "\n".join(lines)


def _part(part: PartRow) -> list[str]:
    counts = _counts((part["numerator"], part["denominator"]), hidden=part["hidden"])
    return [part["period"], part["area"]["zh"], counts, f"evidence {part['drill']}"]


def _facts(found: Chain) -> list[str]:
    blocks = [_fact(x, n + 1, found) for n, x in enumerate(found["facts"])]
    if found["facts_left"]:
        blocks.append(f"and {found['facts_left']} more facts (--limit)")
    return blocks or ["no single facts are kept: they were let go, the roll-ups stay"]


def _fact(link: EvidenceLink, place: int, found: Chain) -> str:
    total = len(found["facts"]) + found["facts_left"]
    counts = _counts((link["numerator"], link["denominator"]), hidden=link["hidden"])
    row = MISSING if link["row"] is None else f"{link['row_word']} {link['row']}"
    rows = [
        ("counts", counts),
        ("period", f"{_time(link['period_start'])} to {_time(link['period_end'])}"),
        ("revision", f"{link['revision']}, recorded {_time(link['recorded_at'])}"),
        ("run", f"{link['run_id']}, extract as of {_time(link['as_of'])}"),
        ("fetch", f"{link['fetch_id'] or MISSING}, received {_time(link['received_at'])}"),
        ("file", link["origin"] or MISSING),
        ("sha-256", link["sha256"] or MISSING),
        ("place", row),
    ]
    if link["let_go"] is not None:
        rows.append(("bytes", f"let go on {_time(link['let_go'])[:10]}, hash kept"))
    said = _block(f"fact {place} of {total}  {_both(link['area'])}", rows)
    if link["excerpt"]:
        said += "\n" + "\n".join(f"    | {line}" for line in link["excerpt"].splitlines())
    return said


def _revisions(found: Chain) -> str:
    if not found["revisions"]:
        return "corrections: none"
    lines = [f"corrections: {len(found['revisions']) + found['revisions_left']}"]
    for r in found["revisions"]:
        lines += [f"  {line}" for line in _revision(r, found["decimals"]).splitlines()]
    if found["revisions_left"]:
        lines.append(f"  and {found['revisions_left']} more (--limit)")
    return "\n".join(lines)


def _revision(r: Revision, decimals: int) -> str:
    was, now = (HIDDEN if r["hidden"] else number(r[k], decimals) for k in ("was", "now"))
    first = _place(r["was_run"], r["was_origin"], r["was_row"])
    second = _place(r["now_run"], r["now_origin"], r["now_row"])
    rows = [
        ("was", f"{was}  recorded {_time(r['recorded_at'])}  {first}"),
        ("now", f"{now}  recorded {_time(r['superseded_at'])}  {second}"),
        ("why", f"{_both(r['why'])}; extract as of {_time(r['now_as_of'])}"),
        ("when", f"{_length(r['late'])} after the period was over"),
    ]
    period = f"{_time(r['period_start'])} to {_time(r['period_end'])}"
    return _block(f"{_both(r['area'])}  {period}", rows)


def _place(run: int, origin: str | None, row: int | None) -> str:
    return f"run {run}  {origin or MISSING}" + (f"  row {row}" if row is not None else "")


def _block(title: str, rows: Rows) -> str:
    lines = [title] if title else []
    lines += [f"  {word:<12}{value}" for word, value in rows]
    return "\n".join(lines)


def _counts(counts: Sequence[float | None], *, hidden: bool) -> str:
    if hidden:
        return HIDDEN
    num, den = counts
    return _plain(num) if den is None else f"{_plain(num)} / {_plain(den)}"


def _plain(value: float | None) -> str:
    return MISSING if value is None else f"{value:.12g}"


def number(value: float | None, decimals: int) -> str:
    """Return a value as it is shown; missing is a dash, never 0."""
    return MISSING if value is None else f"{value:.{decimals}f}"


def _both(names: Names) -> str:
    return names["zh"] if names["zh"] == names["en"] else f"{names['zh']} / {names['en']}"


def _time(epoch: float | None) -> str:
    if epoch is None:
        return MISSING
    return f"{datetime.fromtimestamp(epoch, UTC).astimezone(LOCAL):%Y-%m-%d %H:%M:%S}"


def _length(seconds: float) -> str:
    hours = int(seconds // 3600)
    if hours < 48:
        return f"{hours} h {int(seconds % 3600 // 60):02d} min"
    return f"{hours // 24} days"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with straight columns; Chinese characters are two wide."""
    widths = [max(map(_width, column), default=0) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True))
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
