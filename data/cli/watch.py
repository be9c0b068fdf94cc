"""Watch the system from outside: from another machine, or beside it."""

from __future__ import annotations

import os
import shlex
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from data import logs
from data.cli.refused import Refused
from data.ops import OpsError, beats
from data.ops import watch as watching
from data.settings import settings

SECRET = "ZHIZHI_HEARTBEAT_SECRET"  # noqa: S105 - the name of it


@click.command()
@click.argument("url", required=False)
@click.option("--alive", is_flag=True, help="ask /healthz (the process), not /readyz (the system)")
@click.option("--every", type=click.FloatRange(1, 86400), default=None,
              help="seconds between two looks; without it one look is made")  # fmt: skip
@click.option("--misses", type=click.IntRange(1, 100), default=3, show_default=True,
              help="looks in a row that must fail")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(0.1, 60), default=5.0, show_default=True)
@click.option("--alarm", default="", help="a command to run at an alarm and when all is well again")
@click.option("--heartbeat", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="a file that the heartbeat writes, here or on a shared disk")  # fmt: skip
@click.option("--listen", metavar="HOST:PORT", default="",
              help=f"take heartbeats as calls, signed with {SECRET}")  # fmt: skip
@click.option("--late", type=click.FloatRange(1, 86400), default=beats.LATE_S, show_default=True,
              help="seconds without a heartbeat that are too many")  # fmt: skip
def watch(url: str | None, every: float | None, **asked: Any) -> None:
    """Ask URL whether the system can serve, wait for its heartbeat; say so when it stops.

    Without --every: tries up to --misses times, a second apart, and ends with 0 if all is well,
    with 2 if it is not. With --every: goes on for ever, one log line a change. The command of
    --alarm runs without a shell, gets ZHIZHI_ALARM=lost|back and ZHIZHI_REASON in its environment.
    A heartbeat comes every 300 s through collector, rules, alarms and notices: what looks well
    and does not alarm any more is found by its silence alone.
    """
    logs.configure(settings().log_level)
    try:
        alarms = list(_alarms(url, once=every is None, **asked))
    except (OpsError, ValueError) as error:
        raise Refused(str(error)) from error
    if not alarms:
        raise click.UsageError("name a URL, --heartbeat FILE or --listen HOST:PORT")
    if every is not None:
        watching.run(alarms, every, threading.Event())
        return
    reasons = [(alarm.address, alarm.once()) for alarm in alarms]
    for address, reason in reasons:
        if reason:
            click.echo(f"{url or address}: {reason}", err=True)
    if any(reason for _, reason in reasons):
        sys.exit(2)
    click.echo(f"{url or alarms[0].address}: well")


def _alarms(
    url: str | None, *, once: bool, alive: bool, misses: int, timeout: float, alarm: str,
    heartbeat: Path | None, listen: str, late: float,
) -> Iterator[watching.Alarm]:  # fmt: skip
    """Yield everything that is watched. Raises OpsError."""
    command = shlex.split(alarm)
    if url:
        path = "/healthz" if alive else "/readyz"
        yield watching.Watcher(url, path=path, misses=misses, timeout=timeout, command=command)
    if heartbeat is not None:
        found = beats.BeatFile(heartbeat.resolve(), late=late, command=command)
        if once and not found.heard:
            raise OpsError(f"{heartbeat} is not there: no heartbeat ever came")
        yield found
    if listen:
        if once:
            raise OpsError("--listen needs --every: a single look hears nothing")
        secret = os.environ.get(SECRET, "")
        yield beats.BeatListener(listen, secret=secret, late=late, command=command)
