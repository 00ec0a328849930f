"""What a step wrote down for us: its outputs and the parameters that it used."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NoReturn

from orchestrator.domain.errors import PipelinesError
from orchestrator.domain.names import CAPS


class BadResult(PipelinesError):
    """What the step left behind cannot be kept."""

    code = "bad_result"


def outputs_in(folder: Path) -> dict[str, Any]:
    """The outputs that a step gave."""
    return load_object(folder / "outputs.json", "outputs.json", cap=CAPS.output_bytes)


def parameters_used_in(folder: Path) -> dict[str, Any]:
    """The parameters that a step used, its own defaults among them."""
    name = "parameters_used.json"
    return load_object(folder / name, name, cap=CAPS.parameter_bytes)


def load_object(path: Path, what: str, *, cap: int) -> dict[str, Any]:
    """Read a JSON object; a file that is not there is an empty one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadResult(f"{what} cannot be read: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(cap + 1)
    if len(data) > cap:
        raise BadResult(f"{what} is larger than the cap of {cap:,} bytes")
    try:
        content = json.loads(data.decode(), parse_constant=_refuse_constant)
        text = json.dumps(content, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise BadResult(f"{what} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise BadResult(f"{what} does not hold a JSON object")
    check_storable(text, what)
    return content


def check_storable(json_text: str, what: str) -> None:
    """Refuse what PostgreSQL cannot hold in JSON: a NUL, half of a surrogate pair."""
    if "\\u0000" in json_text.replace("\\\\", ""):
        raise BadResult(f"{what} holds a NUL character, which cannot be stored")
    try:
        json.dumps(json.loads(json_text), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadResult(f"{what} holds half of a surrogate pair, which cannot be stored") from None


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
