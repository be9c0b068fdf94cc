"""Look at the targets of notices, and send one a test message."""

from __future__ import annotations

from datetime import datetime

import click

from data.alarms.messages import NoticeBody
from data.catalogue import catalogue
from data.catalogue.alarm_entries import NoticeTarget
from data.catalogue.notices import Channel, channel
from data.cli.refused import Refused, no_such
from data.collector.loop import allow_list
from data.collector.outbound import AllowList, FetchError
from data.collector.post import NotSentError, Post
from data.commands import audit
from data.queries.alarms.notices import marks, target_states
from data.settings import settings
from data.store import open_store, utc_now
from data.vocabulary import LOCAL, Names


@click.group()
def notices() -> None:
    """See where alarms are told outside the house, and try it."""


@notices.command("list")
def list_() -> None:
    """List every target: whether it has an address, what waits, what did not arrive.

    The address is asked of this shell's settings; what is in use, the collector told the store.
    """
    facts = catalogue()
    with open_store().read() as conn:
        states = target_states(conn, facts, utc_now())
    for state in states:
        target = facts.notices[state.key]
        used = "in use" if state.connected else "not in use"
        sent = f"last sent {_local(state.sent_at)}" if state.sent_at else "never sent"
        said = f"  {state.error}" if state.error else ""
        click.echo(
            f"{state.key:<16} {target.kind:<10} {used:<11} {_address(target):<32}"
            f" waiting {state.waiting}, undelivered {state.undelivered}, {sent}{said}"
        )
    if not states:
        click.echo("notices.yaml names no target")


@notices.command()
@click.argument("target")
def test(target: str) -> None:
    """Send TARGET a test message now, past the queue. Ends with 1 if it was not taken."""
    facts = catalogue()
    if target not in facts.notices:
        raise Refused(no_such("target", target, facts.notices))
    found = _channel(facts.notices[target])
    if found is None:
        raise Refused(f"{target} has no address: set {facts.notices[target].setting}")
    now, store = utc_now(), open_store()
    with store.read() as conn:
        body = _body(facts.city.name, marks(conn), now.timestamp())
    key = f"zhizhi-test-{now:%Y%m%d%H%M%S}"
    try:
        post = Post(found, AllowList(allow_list(settings())))
        post.send(body, key=key, at=now.timestamp())
    except (NotSentError, FetchError) as error:
        raise Refused(f"{target}: {error}") from error
    with store.write() as conn:
        audit.note(conn, audit.SHELL, "notice.test", target, at=now)
    click.echo(f"{target}: taken")


def _body(city: Names, stamp: list[str], at: float) -> NoticeBody:
    return {
        "act": "test", "marks": stamp, "city": city,
        "priority": 4, "situation": None, "alarms": [], "count": 0, "at": at, "link": "",
    }  # fmt: skip


def _channel(target: NoticeTarget) -> Channel | None:
    try:
        return channel(target, settings().var / "heartbeat.json")
    except ValueError as error:
        raise Refused(str(error)) from error


def _address(target: NoticeTarget) -> str:
    """Return in words whether this shell knows the address; never the address."""
    try:
        return "address set" if _channel(target) else f"{target.setting} not set"
    except Refused as error:
        return str(error)


def _local(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
