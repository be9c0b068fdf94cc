"""The rules of alarms, free of store and clock: conditions, states, windows, messages."""
