"""What moves alarms, windows and notices: each in the transaction of its caller."""
