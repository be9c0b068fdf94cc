"""Ready accounts of a demonstration, one of each kind. Never outside the synthetic city."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.commands.accounts import Wanted, insert
from data.commands.audit import SHELL
from data.commands.passwords import hashed
from data.queries.accounts import DEMO_NAMES, DEMO_PASSWORD, any_account, demo_password
from data.queries.keys import read_keys
from data.vocabulary import Role

HANDLERS = {
    "emergency": "黄志强",
    "water": "赖晓燕",
    "traffic_police": "刘建军",
    "health": "邓丽华",
    "dsb": "叶国平",
    "natural": "江海燕",
    "politics_law": "林志远",
    "highway": "彭建国",
    "transport": "欧阳敏",
    "housing": "廖红梅",
    "reform": "潘伟",
}
"""Whose handlers are ready, if the catalogue has them: of every department that leads matters."""


class NoDemoError(RuntimeError):
    """The store holds a real city."""


def make_demo_accounts(conn: Connection, catalogue: Catalogue, *, now: datetime) -> str:
    """Make the ready accounts once and return their password; the same one the next time.

    Raises:
        NoDemoError: the store is not the one of a demonstration.
    """
    i = m.store_info.c
    if conn.execute(select(i.value).where(i.key == "demo")).scalar() != "true":
        raise NoDemoError("ready accounts are made in a demonstration only")
    known = demo_password(conn)
    if known or any_account(conn):
        return known
    password = f"heyuan-{secrets.randbelow(9000) + 1000}-{secrets.token_hex(2)}"
    kept, keys, names = hashed(password), read_keys(conn), []
    for wanted in wanted_accounts(catalogue):
        insert(conn, keys, wanted, wanted.name, wanted.display, kept, by=SHELL, now=now)
        names.append(wanted.name)
    rows = {DEMO_PASSWORD: password, DEMO_NAMES: " ".join(names)}
    conn.execute(m.store_info.insert(), [{"key": k, "value": v} for k, v in rows.items()])
    return password


def wanted_accounts(catalogue: Catalogue) -> Iterator[Wanted]:
    """Yield the ready accounts: city, counties, departments, and those who see the whole city."""
    yield _wanted("operator-city", "王敏", Role.OPERATOR)
    yield _wanted("leader", "陈立国", Role.LEADER)
    for place, display in zip(catalogue.counties(), _people(), strict=False):
        code = place.code.casefold()
        yield _wanted(f"operator-{code}", display, Role.OPERATOR, area=place.code)
    for key, display in HANDLERS.items():
        if key in catalogue.departments:
            yield _wanted(f"dept-{key.replace('_', '-')}", display, Role.DEPARTMENT, key)
    yield _wanted("steward", "曾雅琴", Role.STEWARD)
    yield _wanted("viewer", "朱文", Role.VIEWER)
    yield _wanted("security", "曹志坚", Role.SECURITY)
    yield _wanted("auditor", "蔡文华", Role.AUDITOR)


def _people() -> tuple[str, ...]:
    return (
        "张伟强", "李秀英", "罗海波", "何玉兰", "谢志明", "吴小芳", "钟国华", "温静",
        "杨帆", "徐丽", "孙浩", "马俊", "胡敏", "郭涛", "林燕", "郑凯",
    )  # fmt: skip


def _wanted(
    name: str, display: str, role: Role, department: str | None = None, area: str | None = None
) -> Wanted:
    return Wanted(name, display, role, department, area, must_change=False)
