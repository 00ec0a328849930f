"""Metrics, text, tables, images and plots that a task reports while it runs."""

from __future__ import annotations

import math
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from typing import Any, Optional, Union

    from pipelines.reporter import Reporter

    Path = Union[str, os.PathLike[str]]

SINGLE_VALUES_TITLE = "Summary"


class Logger:
    """Takes what the task of this process has to say.

    Tables, images and plots are kept as artifacts of their own, and shown among the reports.
    """

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    @classmethod
    def current_logger(cls) -> Logger | None:
        """Give the logger of the task that this process runs, if it runs one."""
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
        """Write a line to the task's log."""
        if print_console:
            sys.stdout.write(f"{msg}\n")
            sys.stdout.flush()

    def report_table(  # noqa: PLR0913 - the arguments are ClearML's
        self,
        title: str,
        series: str,
        iteration: Optional[int] = None,
        table_plot: Any = None,
        csv: Optional[Path] = None,
        url: Optional[str] = None,
        extra_layout: Optional[Mapping[str, Any]] = None,
        extra_data: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Report a table: a frame, a list of rows of which the first has the names, a CSV file."""
        from pipelines import figures

        if table_plot is None and csv is None:
            raise ValueError("report_table: give the table, as table_plot or as a csv file")
        thing, media_type = figures.table(table_plot, csv)
        self._keep("table", title, series, iteration, thing, media_type)

    def report_image(  # noqa: PLR0913 - the arguments are ClearML's
        self,
        title: str,
        series: str,
        iteration: Optional[int] = None,
        local_path: Optional[Path] = None,
        image: Any = None,
        matrix: Any = None,
        max_image_history: Optional[int] = None,
        delete_after_upload: bool = False,
        url: Optional[str] = None,
    ) -> None:
        """Report an image: a file, an image of PIL, or an array of rows and columns of pixels."""
        from pipelines import figures

        if image is None:
            image = matrix
        if image is None and local_path is None:
            raise ValueError("report_image: give the image, as image or as local_path")
        thing, media_type = figures.image(image, local_path)
        self._keep("image", title, series, iteration, thing, media_type)
        if delete_after_upload and local_path is not None:
            import os

            os.unlink(local_path)

    def report_media(
        self,
        title: str,
        series: str,
        iteration: Optional[int] = None,
        local_path: Optional[Path] = None,
        stream: Any = None,
        file_extension: Optional[str] = None,
    ) -> None:
        """Report a file, or the content of a stream: to be looked at or downloaded."""
        from pipelines import figures

        thing, media_type = figures.media(local_path, stream, file_extension)
        self._keep("text", title, series, iteration, thing, media_type)

    def report_plotly(
        self, title: str, series: str, figure: Any, iteration: Optional[int] = None
    ) -> None:
        """Report a figure of plotly, or a dictionary with its data and layout."""
        from pipelines import figures

        self._plot(title, series, iteration, figures.plotly(figure))

    def report_matplotlib_figure(
        self,
        title: str,
        series: str,
        figure: Any,
        iteration: Optional[int] = None,
        report_image: bool = False,
        report_interactive: bool = True,
    ) -> None:
        """Report a figure of matplotlib, as an image."""
        from pipelines import figures

        thing, media_type = figures.drawn(figure)
        self._keep("image", title, series, iteration, thing, media_type)

    def report_histogram(  # noqa: PLR0913 - the arguments are ClearML's
        self,
        title: str,
        series: str,
        values: Sequence[float],
        iteration: Optional[int] = None,
        labels: Optional[Sequence[str]] = None,
        xlabels: Optional[Sequence[str]] = None,
        xaxis: Optional[str] = None,
        yaxis: Optional[str] = None,
        mode: Optional[str] = None,
        data_args: Optional[Mapping[str, Any]] = None,
        extra_layout: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Report bars, one a value; of a table of values one group of bars a row."""
        from pipelines import figures

        made = figures.bars(series, values, labels=labels, xlabels=xlabels, mode=mode)
        self._plot(title, series, iteration, figures.laid_out(made, xaxis, yaxis, extra_layout))

    def report_vector(  # noqa: PLR0913 - the arguments are ClearML's
        self,
        title: str,
        series: str,
        values: Sequence[float],
        iteration: Optional[int] = None,
        labels: Optional[Sequence[str]] = None,
        xlabels: Optional[Sequence[str]] = None,
        xaxis: Optional[str] = None,
        yaxis: Optional[str] = None,
        mode: Optional[str] = None,
        extra_layout: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Report bars, one a value."""
        self.report_histogram(
            title,
            series,
            values,
            iteration,
            labels,
            xlabels,
            xaxis,
            yaxis,
            mode,
            None,
            extra_layout,
        )

    def report_confusion_matrix(  # noqa: PLR0913 - the arguments are ClearML's
        self,
        title: str,
        series: str,
        matrix: Any,
        iteration: Optional[int] = None,
        xaxis: Optional[str] = None,
        yaxis: Optional[str] = None,
        xlabels: Optional[Sequence[str]] = None,
        ylabels: Optional[Sequence[str]] = None,
        yaxis_reversed: bool = False,
        comment: Optional[str] = None,
        extra_layout: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Report a matrix as colours with its numbers."""
        from pipelines import figures

        made = figures.matrix(matrix, xlabels, ylabels, reversed=yaxis_reversed)
        self._plot(title, series, iteration, figures.laid_out(made, xaxis, yaxis, extra_layout))

    def report_matrix(  # noqa: PLR0913 - the arguments are ClearML's
        self,
        title: str,
        series: str,
        matrix: Any,
        iteration: Optional[int] = None,
        xaxis: Optional[str] = None,
        yaxis: Optional[str] = None,
        xlabels: Optional[Sequence[str]] = None,
        ylabels: Optional[Sequence[str]] = None,
        yaxis_reversed: bool = False,
        extra_layout: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Report a matrix as colours with its numbers."""
        self.report_confusion_matrix(
            title,
            series,
            matrix,
            iteration,
            xaxis,
            yaxis,
            xlabels,
            ylabels,
            yaxis_reversed,
            None,
            extra_layout,
        )

    def report_scatter2d(  # noqa: PLR0913 - the arguments are ClearML's
        self,
        title: str,
        series: str,
        scatter: Any,
        iteration: Optional[int] = None,
        xaxis: Optional[str] = None,
        yaxis: Optional[str] = None,
        labels: Optional[Sequence[str]] = None,
        mode: str = "lines",
        comment: Optional[str] = None,
        extra_layout: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Report points with an x and a y, joined by lines or not."""
        from pipelines import figures

        made = figures.points({series: scatter}, mode=mode, labels=labels)
        self._plot(title, series, iteration, figures.laid_out(made, xaxis, yaxis, extra_layout))

    def report_line_plot(  # noqa: PLR0913 - the arguments are ClearML's
        self,
        title: str,
        series: Sequence[Any],
        xaxis: str,
        yaxis: str,
        mode: str = "lines",
        iteration: Optional[int] = None,
        reverse_xaxis: bool = False,
        comment: Optional[str] = None,
        extra_layout: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Report several lines: each a dictionary with its name and data, pairs of x and y."""
        from pipelines import figures

        lines = {str(one["name"]): one["data"] for one in series}
        made = figures.laid_out(figures.points(lines, mode=mode), xaxis, yaxis, extra_layout)
        if reverse_xaxis:
            made["layout"].setdefault("xaxis", {})["autorange"] = "reversed"
        self._plot(title, "", iteration, made)

    def flush(self, wait: bool = False) -> bool:
        """Send what was reported, and return when the server has it."""
        from pipelines.http import PATIENCE_SECONDS

        self._reporter.flush(PATIENCE_SECONDS)
        return True

    def _plot(
        self, title: str, series: str, iteration: Optional[int], figure: Mapping[str, Any]
    ) -> None:
        from pipelines.figures import PLOT

        self._keep("plot", title, series, iteration, figure, PLOT)

    def _keep(
        self,
        kind: str,
        title: str,
        series: str,
        iteration: Optional[int],
        thing: Any,
        media_type: str,
    ) -> None:
        """Keep a thing as an artifact, and a sample that refers to it."""
        step = None if iteration is None else int(iteration)
        sample = {"title": str(title), "series": str(series), "step": step, "value": None}
        self._reporter.add_report(sample, kind, thing, media_type)

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
