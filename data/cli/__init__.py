"""What can be done from a shell: `python -m data COMMAND`.

** To add a command, write data/cli/<name>.py and name it in COMMANDS. **
Modules are loaded when their command is called, so that the others start fast.
"""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "check": "data.cli.check:check",
    "collect": "data.cli.collect:collect",
    "demo": "data.cli.store:demo",
    "docs": "data.cli.docs:docs",
    "ingest": "data.cli.ingest:ingest",
    "migrate": "data.cli.store:migrate",
    "profile": "data.cli.profile:profile",
    "run": "data.cli.run:run",
    "simulate": "data.cli.simulate:simulate",
}


class LazyGroup(click.Group):
    """Finds its commands in COMMANDS and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command, None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is not a click command")
        return command


@click.group(cls=LazyGroup)
def main() -> None:
    """Look at sources, fill the store, run the collector."""
