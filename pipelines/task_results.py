"""What a task leaves behind: artifacts, models, outputs; and what it has reported."""

from __future__ import annotations

from pipelines.errors import PipelinesError
from pipelines.task_core import TaskCore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Callable, Optional

    from pipelines.artifacts import Artifacts
    from pipelines.logger import Logger
    from pipelines.models import TaskModels

UPLOAD_PATIENCE_SECONDS = 60.0


class TaskResults(TaskCore):
    """The results of a task."""

    @property
    def artifacts(self) -> Artifacts:
        """What the task has left behind so far, by name."""
        from pipelines.artifacts import Artifacts

        return Artifacts(self.id, self._context)

    @property
    def models(self) -> TaskModels:
        """The models that it was given and has left: lists, also by name."""
        from pipelines.models import TaskModels

        return TaskModels(self)

    def upload_artifact(  # noqa: PLR0913 - the arguments are ClearML's
        self,
        name: str,
        artifact_object: Any,
        metadata: Mapping[str, Any] | None = None,
        delete_after_upload: bool = False,
        auto_pickle: Optional[bool] = None,
        preview: Any = None,
        wait_on_upload: bool = False,
        extension_name: Optional[str] = None,
        serialization_function: Optional[Callable[[Any], bytes]] = None,
        retries: int = 0,
        sort_keys: bool = True,
    ) -> bool:
        """Keep a thing under a name: an array, a frame, an image, a file, a folder, what a pattern
        finds, text, bytes, what JSON can hold, and anything else as a pickle.

        It is sent in the background, by the agent when the step ends, or now: *wait_on_upload*.
        With *auto_pickle* False what would be a pickle is refused with a TypeError.
        """
        from pipelines.storing import Wish, existing_path, remove, store_artifact

        self._must_be_own("give an artifact to")
        about = dict(metadata or {})
        if preview is not None:
            about["preview"] = str(preview)
        source = existing_path(artifact_object) if delete_after_upload else None
        wish = Wish(
            auto_pickle=auto_pickle,
            serialize=serialization_function,
            sort_keys=sort_keys,
            extension=extension_name or "",
        )
        store_artifact(self._context, name, artifact_object, about, wish)
        if source is not None:
            # What was stored is a copy.
            remove(source)
        self._send(name, now=wait_on_upload)
        return True

    def flush(self, wait_for_uploads: bool = False) -> bool:
        """Send what was reported, and return when the server has it."""
        self._flush(UPLOAD_PATIENCE_SECONDS)
        return True

    def set_output(self, name: str, value: Any) -> None:
        """Give a value to the steps that come after, and to the run's outputs."""
        import fcntl
        import json

        self._must_be_own("set an output of")
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise PipelinesError(f"output {name!r} cannot be kept as JSON: {error}") from error
        # Other threads and child processes may have outputs of their own to add.
        with self._context.storing, open(self._context.path(".outputs.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            outputs = self._context.read_json("outputs.json")
            outputs[str(name)] = value
            self._context.write_json("outputs.json", outputs)

    @property
    def outputs(self) -> dict[str, Any]:
        """The values that it gave to others."""
        if self._is_own:
            return self._context.read_json("outputs.json")
        return dict(self._now().get("outputs") or {})

    def get_logger(self) -> Logger:
        """Give what takes metrics and text."""
        from pipelines.logger import Logger

        self._must_be_own("report for")
        return Logger(self._reporter)

    def get_reported_scalars(
        self, max_samples: int = 0, x_axis: str = "iter"
    ) -> dict[str, dict[str, dict[str, Any]]]:
        """Give the reported points: by title and series the lists x and y."""
        from pipelines.reported import scalars

        return scalars(self, max_samples)

    def get_last_scalar_metrics(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Give of each reported line the last, the least and the greatest value."""
        from pipelines.reported import last_metrics

        return last_metrics(self)

    def get_reported_single_values(self) -> dict[str, Optional[float]]:
        """Give the values without a history by their names."""
        from pipelines.reported import single_values

        return single_values(self)

    def get_reported_single_value(self, name: str) -> Optional[float]:
        """Give one value without a history; None when it was not reported."""
        return self.get_reported_single_values().get(name)

    def get_last_iteration(self) -> int:
        """Give the greatest iteration that was reported; 0 without any."""
        lines = self.get_reported_scalars().values()
        return max((x for one in lines for line in one.values() for x in line["x"]), default=0)

    def get_reported_console_output(self, number_of_reports: int = 1) -> list[str]:
        """Give the end of what it has written, so many pieces of it."""
        from pipelines.reported import console

        return console(self, number_of_reports)

    def _send(self, name: str, *, now: bool) -> None:
        """Have a stored artifact sent. In the background only where no agent will collect it."""
        from pipelines.storing import upload_artifact

        if now:
            upload_artifact(self._context, name)
        elif not self._context.has_agent:
            self._reporter.add_upload(name)
