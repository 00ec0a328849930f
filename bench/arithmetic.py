"""Medians, percentiles and how they are written; no clock and no I/O."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def ratio(ours: Sequence[float], yardstick: Sequence[float]) -> float:
    """The medians' ratio: rounds are alternated, so both had the same neighbours."""
    return median(ours) / median(yardstick)


def spread(values: Sequence[float], *, scale: float = 1000, unit: str = "ms") -> str:
    """Median and range, in milliseconds unless told otherwise."""
    low, mid, high = (v * scale for v in (min(values), median(values), max(values)))
    return f"{short(mid)} ({short(low)}–{short(high)}) {unit}"


def short(value: float) -> str:
    """As many digits as one reads: three at most before the point counts."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
