"""What a script says and the draft of its pipeline does not keep: told with its line.

The document says all that is drawn. What stands beside it – of which pipeline it is, how a script
starts, its comments – has another place, or none.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator, Mapping
from typing import Any, Final

from orchestrator.document_python.reading import PipelineFile
from orchestrator.document_python.writing import about_script
from orchestrator.domain.errors import Problem, shortened

_ELSEWHERE: Final = "not kept: that is changed in the properties of the pipeline"
_REASONS: Final = {
    "name": "not kept: the pipeline is called {kept}; that is changed in its properties",
    "project": "not kept: the pipeline stays in the project {kept}",
    "version": "not kept: a version gets its label when it is published",
    "description": _ELSEWHERE,
    "tags": _ELSEWHERE,
}
_STARTING: Final = "not kept: how a script is started is said where it is run"
_COMMENTS: Final = "comments are not kept{count}; a step has comment=, the canvas has notes"


def not_taken(text: str, file: PipelineFile, about: Mapping[str, Any]) -> list[Problem]:
    """Tell what a script that was read says beyond its document, if the pipeline is ``about``."""
    found = [*_about(file, about), *((line, _STARTING) for line in file.starting), *_comments(text)]
    return [
        Problem("document", None, "not_taken", message, severity="warning", line=line)
        for line, message in sorted(found)
    ]


def _about(file: PipelineFile, about: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    kept = about_script(about)
    said = {**about_script(file.said), "description": file.said.get("description") or ""}
    for word, reason in _REASONS.items():
        # A name that is left out is no other name; tags that are left out are no tags.
        is_left_out = word in ("name", "project") and not said[word]
        # A description may be one that no script can say.
        if said[word] in (kept[word], about.get(word)) or is_left_out:
            continue
        line = file.lines.get(f"({word})") or file.lines.get(word) or file.made_at
        yield line, reason.format(kept=f'"{shortened(str(kept[word]), 60)}"')


def _comments(text: str) -> Iterator[tuple[int, str]]:
    if "#" not in text:
        return
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = [one.start[0] for one in tokens if one.type == tokenize.COMMENT]
    if lines:
        count = f" (this is the first of {len(lines)})" if len(lines) > 1 else ""
        yield lines[0], _COMMENTS.format(count=count)
