"""Storing artifacts: a thing is written as what it is into the task's folder, with a note on it.

From there an agent collects it when the step has ended, or it is uploaded while the task runs.
"""

from __future__ import annotations

import json
import os

from pipelines import arrays
from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Callable, Optional

    from pipelines.context import StepContext

COLLECTED = "artifacts"
SENT = "sent"
_NAME = r"[\w\-][\w\-. ]{0,127}"
_MEDIA_TYPES = {
    "json": "application/json",
    "text": "text/plain",
    "bytes": "application/octet-stream",
    "folder": "application/x-tar",
    "pickle": "application/x-pickle",
}
_WILDCARDS = "*?["


class Wish:
    """How a thing is to be stored, where that is not as usual."""

    def __init__(
        self,
        *,
        auto_pickle: Optional[bool] = None,
        serialize: Optional[Callable[[Any], bytes]] = None,
        sort_keys: bool = True,
        kind: str = "",
        media_type: str = "",
        extension: str = "",
    ) -> None:
        self.auto_pickle = auto_pickle is not False
        self.serialize = serialize
        self.sort_keys = sort_keys
        self.kind = kind
        self.media_type = media_type
        self.extension = extension


def store_artifact(
    context: StepContext,
    name: str,
    thing: object,
    metadata: Mapping[str, Any] | None = None,
    wish: Optional[Wish] = None,
) -> None:
    """Leave a thing under a name in the task's folder, with a note on what it is."""
    check_name(name)
    wish = wish or Wish()
    target = context.path(COLLECTED, name)
    os.makedirs(context.path(COLLECTED, ".meta"), exist_ok=True)
    with context.storing:
        kind, media_type, about = _stored(name, thing, target, wish)
        context.write_json(
            note_of(COLLECTED, name),
            {
                "kind": wish.kind or kind,
                "media_type": wish.media_type or media_type,
                "metadata": {**about, **(metadata or {})},
            },
        )


def upload_artifact(context: StepContext, name: str, *, patience: float | None = None) -> None:
    """Send a stored artifact to the server now, from where the agent does not collect.

    Nothing is done when it has been sent already, as it is now.
    """
    from urllib.parse import quote

    from pipelines.http import in_path

    # Out of the way first: another thing may be stored under the name meanwhile.
    with context.storing:
        if not os.path.lexists(context.path(COLLECTED, name)):
            return
        _move(context, name, COLLECTED, SENT)
    stored = context.path(SENT, name)
    about = context.read_json(note_of(SENT, name))
    packed = _pack(stored, context.path(f".upload-{name}.tar")) if os.path.isdir(stored) else stored
    headers = {
        "Content-Type": about["media_type"],
        "X-Pipelines-Kind": about["kind"],
        "X-Pipelines-Metadata": quote(json.dumps(about["metadata"])),
    }
    path = f"tasks/{in_path(context.task_id)}/artifacts/{in_path(name)}/"
    try:
        context.api.put_file(path, packed, headers, patience=patience)
    except PipelinesError:
        with context.storing:
            if not os.path.lexists(context.path(COLLECTED, name)):
                _move(context, name, SENT, COLLECTED)
        raise
    finally:
        if packed != stored:
            os.unlink(packed)


def check_name(name: str) -> None:
    """Refuse a name that could not be a file's."""
    import re

    if not re.fullmatch(_NAME, name):
        raise PipelinesError(
            f"{name!r} cannot name an artifact: "
            "1 to 128 letters, digits, '_', '-', '.' and spaces, not starting with a dot"
        )


def report_name(title: str, series: str, step: Optional[int]) -> str:
    """Name the artifact in which a report is kept: the same for the same place in the reports."""
    import re
    from hashlib import sha256

    said = " ".join(part for part in (title, series, "" if step is None else str(step)) if part)
    digest = sha256(repr((title, series, step)).encode()).hexdigest()[:8]
    plain = re.sub(r"[^\w\-. ]", "_", said)[:100].strip()
    return f"report {plain} {digest}"


def note_of(folder: str, name: str) -> str:
    """Where in the task's folder the note on an artifact stands."""
    return os.path.join(folder, ".meta", f"{name}.json")


def folder_holding(context: StepContext, task_id: str, name: str) -> str | None:
    """Tell which of the task's own folders holds an artifact, if one does."""
    if task_id != context.task_id:
        return None
    holding = (f for f in (COLLECTED, SENT) if os.path.exists(context.path(f, name)))
    return next(holding, None)


def stored_names(context: StepContext, *folders: str) -> list[str]:
    """Name what the task has stored."""
    wanted = [context.path(folder) for folder in folders or (COLLECTED, SENT)]
    names = {name for folder in wanted if os.path.isdir(folder) for name in os.listdir(folder)}
    return sorted(name for name in names if not name.startswith("."))


def remove(target: str) -> None:
    """Take a file or a folder away, if it is there."""
    import shutil

    if os.path.isdir(target) and not os.path.islink(target):
        shutil.rmtree(target)
    elif os.path.lexists(target):
        os.unlink(target)


def existing_path(thing: object) -> str | None:
    """Tell which file or folder is meant, if one is: a Path, or a short text that is one."""
    if isinstance(thing, os.PathLike):
        if os.path.exists(thing) or _matches(os.fspath(thing)):
            return str(thing)
        raise FileNotFoundError(f"there is no file or folder {str(thing)!r} to store")
    if isinstance(thing, str) and 0 < len(thing) < 2048 and "\n" not in thing:
        is_one = "\0" not in thing and (os.path.exists(thing) or bool(_matches(thing)))
        return thing if is_one else None
    return None


def _stored(name: str, thing: Any, target: str, wish: Wish) -> tuple[str, str, dict[str, Any]]:
    """Write a thing; give back its kind, its media type and what is to be known of it."""
    if wish.serialize is not None:
        _write_bytes(target, bytes(wish.serialize(thing)))
        return "bytes", _guess(name) or _MEDIA_TYPES["bytes"], {"serialized": True}
    kind = arrays.kind_of(thing)
    try:
        if kind is not None:
            remove(target)
            return kind, arrays.MEDIA_TYPES[kind], arrays.write(name, kind, thing, target)
        if _is_image(thing):
            remove(target)
            thing.save(target, format="PNG")
            return "file", "image/png", {"image": True}
        about = {"tuple": True} if isinstance(thing, tuple) else {}
        return (*_write(name, thing, target, wish), about)
    except (TypeError, ValueError) as error:
        if not wish.auto_pickle:
            raise
        _write_pickle(name, thing, target, error)
        preview = f"{type(thing).__module__}.{type(thing).__qualname__}"
        return "pickle", _MEDIA_TYPES["pickle"], {"preview": preview}


def _write(name: str, thing: object, target: str, wish: Wish) -> tuple[str, str]:
    source = existing_path(thing)
    if source is not None:
        return _copy(source, target, wish)
    if isinstance(thing, (bytes, bytearray, memoryview)):
        kind, content = "bytes", bytes(thing)
    elif isinstance(thing, str):
        kind, content = "text", thing.encode()
    elif thing is None or isinstance(thing, (dict, list, tuple, bool, int, float)):
        kind, content = "json", _as_json(name, thing, wish.sort_keys)
    else:
        raise TypeError(
            f"artifact {name!r}: a {type(thing).__name__} cannot be stored; "
            "give a path, text, bytes, an array, a frame, or something that JSON can hold"
        )
    _write_bytes(target, content)
    return kind, (_guess(name) if kind != "json" else None) or _MEDIA_TYPES[kind]


def _write_pickle(name: str, thing: object, target: str, reason: Exception) -> None:
    import pickle

    folder, file_name = os.path.split(target)
    unfinished = os.path.join(folder, f".{file_name}")
    try:
        with open(unfinished, "wb") as file:
            # Not made in memory first: what is large is there once already.
            pickle.dump(thing, file)
    except OSError:
        remove(unfinished)
        raise
    except Exception as error:
        remove(unfinished)
        raise TypeError(f"artifact {name!r} cannot be stored: {reason}; {error}") from error
    remove(target)
    os.replace(unfinished, target)


def _write_bytes(target: str, content: bytes) -> None:
    remove(target)
    with open(target, "wb") as file:
        file.write(content)


def _is_image(thing: object) -> bool:
    import sys

    # What was never imported cannot be what somebody holds.
    images = sys.modules.get("PIL.Image")
    return images is not None and isinstance(thing, images.Image)


def _matches(pattern: str) -> list[str]:
    if not any(sign in pattern for sign in _WILDCARDS):
        return []
    from glob import glob

    return sorted(glob(pattern, recursive=True))


def _copy(source: str, target: str, wish: Wish) -> tuple[str, str]:
    import shutil

    found = [] if os.path.exists(source) else _matches(source)
    if found:
        _copy_matches(source, found, target)
        return "folder", _MEDIA_TYPES["folder"]
    in_place = os.path.exists(target) and os.path.samefile(source, target)
    if not in_place:
        remove(target)
    if os.path.isdir(source):
        if not in_place:
            shutil.copytree(source, target, symlinks=True)
        return "folder", _MEDIA_TYPES["folder"]
    if not in_place:
        shutil.copyfile(source, target)
    return "file", _guess(source + wish.extension) or "application/octet-stream"


def _copy_matches(pattern: str, found: list[str], target: str) -> None:
    """Put what a pattern finds into one folder, each where it lies below the fixed part."""
    import shutil

    fixed = pattern
    while any(sign in fixed for sign in _WILDCARDS):
        fixed = os.path.dirname(fixed)
    remove(target)
    os.makedirs(target)
    for path in found:
        if os.path.isfile(path):
            inner = os.path.join(target, os.path.relpath(path, fixed or os.curdir))
            os.makedirs(os.path.dirname(inner), exist_ok=True)
            shutil.copyfile(path, inner)


def _guess(name: str) -> str | None:
    """Tell the media type by the name's ending, the same on every machine."""
    from mimetypes import MimeTypes

    return MimeTypes().guess_type(name)[0]


def _as_json(name: str, thing: object, sort_keys: bool) -> bytes:
    try:
        _check_keys(thing)
        text = json.dumps(thing, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=sort_keys)
    except (TypeError, ValueError) as error:
        raise type(error)(f"artifact {name!r} cannot be stored as JSON: {error}") from error
    return text.encode()


def _check_keys(thing: object) -> None:
    """Refuse keys that JSON would turn into text without a word."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is not text")
            _check_keys(value)
    elif isinstance(thing, (list, tuple)):
        for value in thing:
            _check_keys(value)


def _move(context: StepContext, name: str, here: str, there: str) -> None:
    os.makedirs(context.path(there, ".meta"), exist_ok=True)
    remove(context.path(there, name))
    os.replace(context.path(here, name), context.path(there, name))
    os.replace(context.path(note_of(here, name)), context.path(note_of(there, name)))


def _pack(folder: str, target: str) -> str:
    import tarfile

    with tarfile.open(target, "w") as archive:
        archive.add(folder, arcname=".")
    return target
