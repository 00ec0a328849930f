"""Metrics and text that a step reports while it runs."""

from __future__ import annotations

import math
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipelines.reporter import Reporter

SINGLE_VALUES_TITLE = "Summary"


class Logger:
    """Takes what the step of this process has to say."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    @classmethod
    def current_logger(cls) -> Logger | None:
        """Give the logger of the step that this process runs, if it runs one."""
        from pipelines.task import Task

        task = Task.current_task()
        return task.get_logger() if task else None

    def report_scalar(self, title: str, series: str, value: float, iteration: int) -> None:
        """Add one point to a line of a chart."""
        self._report(title, series, value, int(iteration))

    def report_single_value(self, name: str, value: float) -> None:
        """Report a value that has no history."""
        self._report(SINGLE_VALUES_TITLE, name, value, None)

    def report_text(self, msg: str, level: object = None, print_console: bool = True) -> None:
        """Write a line to the step's log."""
        if print_console:
            sys.stdout.write(f"{msg}\n")
            sys.stdout.flush()

    def flush(self) -> None:
        """Send what was reported, and return when the server has it."""
        from pipelines.http import PATIENCE_SECONDS

        self._reporter.flush(PATIENCE_SECONDS)

    def _report(self, title: str, series: str, value: float, iteration: int | None) -> None:
        number = float(value)
        self._reporter.add_sample(
            {
                "title": str(title),
                "series": str(series),
                "step": iteration,
                # JSON has no words for these; a gap in the line is what they mean.
                "value": number if math.isfinite(number) else None,
            }
        )
