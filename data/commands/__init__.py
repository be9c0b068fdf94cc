"""What people change: each command is one transaction and leaves one entry behind."""
