"""The folder and the environment that an agent gives to a step."""

from __future__ import annotations

import json
import os
from _thread import allocate_lock

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pipelines.http import Api
    from pipelines.reporter import Reporter

LARGEST_JSON_BYTES = 1_000_000


class StepContext:
    """Where a step finds what it was given and leaves what it has made."""

    # Whether an agent collects what the step leaves in its folder.
    has_agent = True
    # Whether the task has ended although its process goes on.
    is_over = False

    def __init__(self, *, directory: str | None, task_id: str, api_url: str, token: str) -> None:
        self._directory = directory
        self.task_id = task_id
        self.api_url = api_url
        self.token = token
        # Held while something is stored, or taken away to be sent.
        self.storing = allocate_lock()
        self._api: Api | None = None
        self._reporter: Reporter | None = None

    @classmethod
    def from_environment(cls) -> StepContext | None:
        """Tell which step this process is, or None when no agent started it."""
        directory = os.environ.get("PIPELINES_DIR", "")
        task_id = os.environ.get("PIPELINES_TASK_ID", "")
        if not task_id:
            task_id = os.environ.get("PIPELINES_TASK", "").partition(".")[0]
        if not directory or not task_id:
            return None
        return cls(
            directory=directory,
            task_id=task_id,
            api_url=os.environ.get("PIPELINES_API_URL", ""),
            token=os.environ.get("PIPELINES_TOKEN", ""),
        )

    @classmethod
    def of_a_visitor(cls) -> StepContext:
        """Reach the server from a process that is no step."""
        from pipelines.access import api_for

        return cls.of_client(api_for())

    @classmethod
    def of_client(cls, api: Api) -> StepContext:
        """Reach a server that a program already speaks to."""
        made = cls(directory=None, task_id="", api_url=api.url, token=api.token)
        made._api = api
        return made

    @property
    def directory(self) -> str:
        """The task's folder; of a process that is no step one that is made when it is needed."""
        if self._directory is None:
            import tempfile

            self._directory = tempfile.mkdtemp(prefix="pipelines-")
        return self._directory

    @property
    def api(self) -> Api:
        """The server, for what cannot go through the folder."""
        if self._api is None:
            from pipelines.http import Api

            self._api = Api(self.api_url, self.token)
        return self._api

    @property
    def reporter(self) -> Reporter:
        """What sends the task's reports; one of them, however many ask for it."""
        if self._reporter is None:
            from pipelines.reporter import Reporter

            self._reporter = Reporter(self)
        return self._reporter

    @property
    def has_reporter(self) -> bool:
        """Whether anything has been reported."""
        return self._reporter is not None

    def path(self, *parts: str) -> str:
        """Give the path of something in the step's folder."""
        return os.path.join(self.directory, *parts)

    def read_json(self, name: str) -> dict[str, Any]:
        """Read an object from the folder; a file that is not there is an empty one."""
        if self._directory is None:
            return {}
        try:
            with open(self.path(name), encoding="utf-8") as file:
                content = json.load(file)
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise PipelinesError(f"{self.path(name)} is not JSON: {error}") from error
        if not isinstance(content, dict):
            raise PipelinesError(f"{self.path(name)} does not hold a JSON object")
        return content

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        """Replace an object in the folder as one move, so that no reader sees half of it."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        if len(text.encode()) > LARGEST_JSON_BYTES:
            raise PipelinesError(
                f"{name} would be larger than {LARGEST_JSON_BYTES:,} bytes; "
                "store large results as artifacts"
            )
        folder, file_name = os.path.split(self.path(name))
        temporary = os.path.join(folder, f".{file_name}.{os.getpid()}")
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, self.path(name))
