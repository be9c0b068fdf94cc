"""What is asked of the store about alarms."""
