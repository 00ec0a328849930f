"""Ids sort by the time of their making, also within a millisecond."""

from __future__ import annotations

import time

from orchestrator.models.fields import uuid7


def test_ids_sort_as_they_were_made_and_are_valid():
    before = time.time_ns() // 1_000_000
    made = [uuid7() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert before <= made[0].int >> 80 <= time.time_ns() // 1_000_000 + 10
