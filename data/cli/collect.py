"""Run the collector."""

from __future__ import annotations

import signal

import click

from data import logs
from data.catalogue import catalogue
from data.collector.loop import Collector
from data.collector.outbound import FetchError
from data.settings import settings
from data.store import open_store, utc_now


@click.command()
def collect() -> None:
    """Poll every source on its rhythm, store, roll up, publish. One leads, others stand by."""
    logs.configure(settings().log_level)
    try:
        collector = Collector(open_store(), catalogue(), settings(), clock=utc_now)
    except FetchError as error:
        raise click.ClickException(str(error)) from error
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: collector.stop.set())
    collector.run()
