"""One module a kind of condition: what it says of the facts. Pure; see `data.alarms.judging`."""
