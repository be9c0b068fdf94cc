"""Watch the system from outside: from another machine, or beside it."""

from __future__ import annotations

import shlex
import sys

import click

from data import logs
from data.cli.refused import Refused
from data.ops import OpsError
from data.ops import watch as watching
from data.settings import settings


@click.command()
@click.argument("url")
@click.option("--alive", is_flag=True, help="ask /healthz (the process), not /readyz (the system)")
@click.option("--every", type=click.FloatRange(1, 86400), default=None,
              help="seconds between two looks; without it one look is made")  # fmt: skip
@click.option("--misses", type=click.IntRange(1, 100), default=3, show_default=True,
              help="looks in a row that must fail")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(0.1, 60), default=5.0, show_default=True)
@click.option("--alarm", default="", help="a command to run at an alarm and when all is well again")
def watch(
    url: str, alive: bool, every: float | None, misses: int, timeout: float, alarm: str
) -> None:
    """Ask URL whether the system can serve; say so when it cannot.

    Without --every: tries up to --misses times, a second apart, and ends with 0 if one was good,
    with 2 if none was. With --every: goes on for ever, one log line a change. The command of
    --alarm runs without a shell, gets ZHIZHI_ALARM=lost|back and ZHIZHI_REASON in its environment.
    """
    logs.configure(settings().log_level)
    try:
        watcher = watching.Watcher(
            url, path="/healthz" if alive else "/readyz", misses=misses, timeout=timeout,
            command=shlex.split(alarm),
        )  # fmt: skip
    except (OpsError, ValueError) as error:
        raise Refused(str(error)) from error
    if every is not None:
        watcher.run(every)
        return
    reason = watcher.once()
    if reason:
        click.echo(f"{url}: {reason}", err=True)
        sys.exit(2)
    click.echo(f"{url}: well")
