"""What can go wrong, in words: one class a kind, each with a stable ``code``.

Nothing here knows of HTTP; the edges choose the status. ``Problem`` is a finding in something
that a person wrote, so that all of them can be shown at once instead of the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]


class Gone:
    """What stands for the value of a key that a fix takes out."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of what was written that mends a problem; ``ask`` leads to what only its author
    knows."""

    label: str
    set: tuple[tuple[Path, Any], ...] = ()
    ask: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give the JSON shape; a place without a value is to be taken out."""
        changes = [
            {"path": list(path)} if value is Gone else {"path": list(path), "value": value}
            for path, value in self.set
        ]
        said: dict[str, Any] = {"label": self.label, "set": changes}
        return {**said, "ask": list(self.ask)} if self.ask else said


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: where it is (``steps[2].parameters.General/rows``), and of which step.

    ``line`` is that of the text in which it was written, where lines mean something.
    """

    where: str
    step: str | None
    code: str
    message: str
    severity: Severity = "error"
    fix: Fix | None = None
    line: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give the JSON shape that REST and the editor show."""
        said: dict[str, Any] = {
            "where": self.where,
            "step": self.step,
            "code": self.code,
            "message": self.message,
            "severity": self.severity,
        }
        if self.line is not None:
            said["line"] = self.line
        return {**said, "fix": self.fix.as_dict()} if self.fix else said


class PipelinesError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "") -> None:
        self.message = message or first_line(type(self).__doc__)
        super().__init__(self.message)


def first_line(text: str | None) -> str:
    """Return the first line of a docstring: an error's default message."""
    return (text or "").strip().partition("\n")[0]


class NotFound(PipelinesError):
    """There is nothing of that name here."""

    code = "not_found"


class NotAllowed(PipelinesError):
    """You may not do that."""

    code = "not_allowed"


class Conflict(PipelinesError):
    """Somebody else has changed this in the meantime."""

    code = "conflict"


class KeyConflict(Conflict):
    """Something else was made under this key."""

    code = "key_conflict"


class NotSupported(PipelinesError):
    """This is not built yet."""

    code = "not_supported"


class Invalid(PipelinesError):
    """What was given is not valid."""

    code = "invalid"

    def __init__(self, problems: Iterable[Problem], message: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__(message or "; ".join(problem.message for problem in self.problems[:3]))

    @classmethod
    def at(cls, where: str, code: str, message: str, *, step: str | None = None) -> "Invalid":
        """Make the error for a single problem."""
        return cls([Problem(where, step, code, message)])


class BadName(PipelinesError):
    """That is not a name."""

    code = "bad_name"


class IllegalMove(PipelinesError):
    """A status cannot be left that way."""

    code = "illegal_move"

    def __init__(self, what: str, status: str, happening: str) -> None:
        self.what = what
        self.status = str(getattr(status, "value", status))
        self.happening = str(getattr(happening, "value", happening))
        super().__init__(f'{what}: "{self.happening}" is not possible: it is {self.status}')


class CapExceeded(PipelinesError):
    """Something is larger than is allowed."""

    code = "cap_exceeded"

    def __init__(self, cap: str, limit: int, found: int, unit: str = "") -> None:
        self.cap = cap
        self.limit = limit
        self.found = found
        unit = f" {unit}" if unit else ""
        super().__init__(f"{cap}: {found:,}{unit} is more than the cap of {limit:,}{unit}")


class BadReference(PipelinesError):
    """A reference is not written as references are."""

    code = "bad_reference"

    def __init__(self, text: str, reason: str) -> None:
        self.text = shortened(text)
        self.reason = reason
        super().__init__(f"{self.text}: {reason}")


class UnresolvedReference(PipelinesError):
    """A reference has no value."""

    code = "unresolved_reference"

    def __init__(self, reference: str, reason: str) -> None:
        self.reference = shortened(str(reference))
        self.reason = reason
        super().__init__(f"{self.reference} has no value: {reason}")


class BadExpression(PipelinesError):
    """A condition cannot be read or computed."""

    code = "bad_expression"

    def __init__(self, expression: str, reason: str) -> None:
        self.expression = shortened(expression)
        self.reason = reason
        super().__init__(f"condition {self.expression!r}: {reason}")


def shortened(text: str, length: int = 120) -> str:
    """Cut a text that goes into a message, so that a megabyte of input does not come back."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
