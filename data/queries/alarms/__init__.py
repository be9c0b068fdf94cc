"""What is read of alarms, their rules, windows, notices and screens."""
