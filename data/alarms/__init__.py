"""Rules of alarms: what they look at, how they stand, what belongs together. No SQL, no clock."""
