"""Faults injected into the whole product: what must hold whoever is killed, and when."""
