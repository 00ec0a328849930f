"""Rows and values: the only modules that write status columns, one per subject."""
