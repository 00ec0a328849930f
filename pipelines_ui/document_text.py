"""A document that somebody has typed into a form, or chosen as a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest

from orchestrator.domain.errors import Conflict, Invalid, PipelinesError, Problem
from orchestrator.domain.names import CAPS

_FIELDS = frozenset({"name", "slug", "document", "project", "start", "sample", "pipeline", "run"})


@dataclass(slots=True)
class Written:
    """What the form holds, and what is wrong with it."""

    text: str
    problems: list[Problem] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    def tell(self, error: PipelinesError) -> None:
        """Put an action's refusal where it belongs: beside a field, or with the problems."""
        if not isinstance(error, Invalid):
            self.errors["slug" if isinstance(error, Conflict) else "document"] = error.message
            return
        for problem in error.problems:
            if problem.where in _FIELDS:
                self.errors[problem.where] = problem.message
            else:
                self.problems.append(problem)

    def keep(self, problems: list[Problem]) -> bool:
        """Show what is wrong with the document; true when it cannot be published so."""
        self.problems = problems
        return any(problem.severity == "error" for problem in problems)


def posted_document(request: HttpRequest) -> str:
    """The text of an uploaded file, else what was typed."""
    upload = request.FILES.get("file")
    if upload is None:
        return request.POST.get("document", "")
    if (upload.size or 0) > CAPS.document_bytes:
        raise _invalid(f"the file is larger than the cap of {CAPS.document_bytes:,} bytes")
    try:
        return upload.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _invalid("the file is not text in UTF-8") from None


def _invalid(message: str) -> Invalid:
    return Invalid.at("document", "bad_value", message)
