"""The process that asks the sources. One leads by a lease in the store; others stand by."""
