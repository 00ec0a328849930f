"""What can go wrong in a step's dealings with the server and with its own folder."""

from __future__ import annotations


class PipelinesError(Exception):
    """Something that the client cannot do; the message says what and why."""


class ParameterError(PipelinesError, ValueError):
    """A parameter whose value does not have the type that the script declares."""


class ArtifactNotFound(PipelinesError, LookupError):
    """An artifact that the task does not have."""


class ServerUnavailable(PipelinesError):
    """The server did not answer for as long as the client was ready to wait."""


class WaitTimeout(PipelinesError, TimeoutError):
    """What was waited for has not come in time."""


class RequestRefused(PipelinesError):
    """The server answered, and the answer is no."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str = "",
        problems: tuple[dict[str, object], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.problems = problems
