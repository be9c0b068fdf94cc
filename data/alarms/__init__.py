"""Alarms after ISA-18.2 / IEC 62682, pure: no SQL, no clock."""
