"""Keeping the system alive: backups, restoring, looking at its health, watching from outside."""


class OpsError(Exception):
    """What was asked cannot be done; says what is wrong and what helps, in one sentence."""
