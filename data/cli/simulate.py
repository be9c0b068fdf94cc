"""Serves the demonstration city, or plays a scenario in the one being served."""

from __future__ import annotations

from urllib.parse import urlsplit

import click
import requests

from data.settings import settings
from data.simulate.scenarios import SCENARIOS
from data.simulate.server import LOOPBACK, serve

_PATIENCE_S = 2


@click.command()
@click.option("--port", type=int, default=None, help="Port on 127.0.0.1.")
@click.option("--seed", type=int, default=None, help="Which city: the same seed, the same city.")
@click.option("--scenario", type=click.Choice(sorted(SCENARIOS)), help="Play this scenario now.")
@click.option("--list", "listing", is_flag=True, help="List the scenarios and exit.")
def simulate(port: int | None, seed: int | None, scenario: str | None, listing: bool) -> None:
    """Serve a made-up city in the real formats. Demonstration data only."""
    if listing:
        for known in SCENARIOS.values():
            minutes = known.length_s // 60
            click.echo(f"{known.key:<16}{known.name['en']} ({known.name['zh']}), {minutes} min")
        return
    port = port or urlsplit(settings().simulator).port or 8051
    if scenario and _start_there(port, scenario):
        return
    click.echo(f"simulator: http://{LOOPBACK}:{port} (demonstration data)")
    try:
        serve(
            port,
            settings().seed if seed is None else seed,
            scenario=SCENARIOS[scenario] if scenario else None,
            keep=settings().var / "simulator.json",
        )
    except OSError as error:
        raise click.ClickException(f"cannot serve on port {port}: {error}") from error


def _start_there(port: int, scenario: str) -> bool:
    """Start the scenario in a simulator that already answers; return whether one does."""
    address = f"http://{LOOPBACK}:{port}"
    try:
        if not requests.get(f"{address}/health", timeout=_PATIENCE_S).json().get("demo"):
            return False
        answer = requests.post(f"{address}/scenario", json={"name": scenario}, timeout=_PATIENCE_S)
        answer.raise_for_status()
    except (requests.RequestException, ValueError, AttributeError):
        return False
    active = answer.json()["active"]
    click.echo(f"started {active['name']} ({active['zh']}) at {active['start']}")
    return True
