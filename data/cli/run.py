"""Start the whole system on this machine: store, demo city, web, collector, simulator."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import click
import requests
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from data.catalogue import catalogue
from data.cli.store import fill, is_empty, prepare, shown
from data.commands.demo_accounts import make_demo_accounts
from data.panels.board import is_demo
from data.queries.accounts import any_account, demo_password
from data.settings import settings
from data.store import Store, open_store, utc_now

ROOT = Path(__file__).resolve().parents[2]
READY_S = 120


@click.command()
def run() -> None:
    """Make the demo city if the store is empty, start everything, print the address."""
    wanted = {"PORT": (settings().host, settings().port)}
    if settings().demo:
        simulator = urlsplit(settings().simulator)
        wanted["simulator"] = (simulator.hostname or "127.0.0.1", simulator.port or 8051)
    refuse_taken_ports(wanted)
    config, store = settings(), open_store()
    click.echo(f"store: {shown(store)}")
    prepare(store)
    _fill_if_empty(store)
    store.dispose()
    log = config.var / "log" / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    address = f"http://{settings().host}:{settings().port}/"
    with log.open("a", encoding="utf-8") as lines:
        manager = Manager(Printer(lines, width=10, colour=False))
        for name, command in processes().items():
            manager.add_process(name, command, cwd=str(ROOT), env=environment())
        threading.Thread(target=announce, args=(log, address), daemon=True).start()
        manager.loop()
    click.echo("\nstopped")
    by_hand = manager.returncode in (None, 130, 143) or (manager.returncode or 0) < 0
    sys.exit(0 if by_hand else manager.returncode)


def refuse_taken_ports(wanted: Mapping[str, tuple[str, int]]) -> None:
    """Say which port is taken before anything is made or started."""
    for what, place in wanted.items():
        with socket.socket() as probe:
            if probe.connect_ex(place) == 0:
                raise click.ClickException(
                    f"{place[0]}:{place[1]} ({what}) is taken; try another: make run PORT=8060"
                )


def _fill_if_empty(store: Store) -> None:
    if settings().demo and is_empty(store):
        click.echo("the store is empty: making the demo city (two years, about half a minute) ...")
        rows, cases = fill(store, settings().seed, years=2)
        click.echo(f"demo city: {rows} observations, {cases} cases")
    _tell_accounts(store)


def _tell_accounts(store: Store) -> None:
    """Say once a start how to sign in to a demonstration; a real city's store has no such words."""
    with store.read() as conn:
        if not is_demo(conn):
            return _tell_set_up(store, known=any_account(conn))
        password, known = demo_password(conn), any_account(conn)
    if not password and not known:  # a demo store from before there were accounts
        with store.write() as conn:
            password = make_demo_accounts(conn, catalogue(), now=utc_now())
    if password:
        click.echo(f"demo accounts: password {password} (the sign-in page shows them all)")


def _tell_set_up(store: Store, *, known: bool) -> None:
    """Print the one-time link of a real city without any account."""
    if known:
        return
    from data.cli.account import setup_words
    from data.commands.set_up import new_link

    with store.write() as conn:
        click.echo(setup_words(new_link(conn, now=utc_now())))


def processes() -> dict[str, str]:
    """Return the commands of the Procfile; the simulator only where there is a demo."""
    found = dict(parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes)
    if not settings().demo:
        found.pop("simulator", None)
    return found


def environment() -> dict[str, str]:
    """Return this environment with the settings that the processes must share."""
    config = settings()
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PORT": str(config.port),
        "ZHIZHI_SETUP_TOLD": "1",
        "ZHIZHI_SIMULATOR": config.simulator,
        "PYTHONUNBUFFERED": "1",
    }


def announce(log: Path, address: str) -> None:
    """Print the address once the system is ready to be looked at."""
    end = time.monotonic() + READY_S
    reasons: object = "no answer"
    while time.monotonic() < end:
        try:
            answer = requests.get(f"{address}readyz", timeout=5)
            if answer.status_code == 200:
                click.echo(f"\n  Zhizhi is ready:  {address}\n  log: {log}   (Ctrl-C ends all)\n")
                return
            reasons = answer.json().get("reasons")
        except (requests.RequestException, ValueError):
            reasons = "no answer from the web process"
        time.sleep(0.3)
    click.echo(f"not ready after {READY_S} s: {reasons}; see {log}", err=True)
