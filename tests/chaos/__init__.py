"""Chaos: random pipelines, random faults at random moments, and what must be true in the end.

A round has a seed; what is run, what is broken and when follow from it (`generator`, `nemesis`).
What must hold is read from files that the steps themselves wrote, and from the rows (`oracle`).
"""
