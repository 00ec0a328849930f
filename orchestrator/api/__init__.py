"""The REST edge: it translates, checks rights, calls one action or question, and answers JSON."""
