"""What the weekly review asks the store."""
