"""The head: plain Python that decides. Values in, values out; no clock, no I/O, no Django."""
