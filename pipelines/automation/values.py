"""Values on their way between functions: as parameters, as artifacts, and back, kinds kept.

What JSON gives back exactly as it was is a parameter, and a result is stored as JSON; arrays and
frames are stored as such where reading them gives the same again; any other object is pickled.
"""

from __future__ import annotations

import os
import sys

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Callable

    from pipelines.artifacts import Artifact
    from pipelines.context import StepContext

    Serialize = Callable[[Any], bytes]
    Deserialize = Callable[[bytes], Any]
    Store = Callable[[str, Any], str]

ARGUMENTS = "kwargs"
ARTIFACTS = "kwargs_artifacts"
LITERAL = "$value"
TUPLE = "$tuple"
_LARGEST_PARAMETER = 32_000
_MOST_COMPARED_CELLS = 1_000_000
_PREVIEW_CHARACTERS = 2000


class Reference(str):
    """What a document says for another step's artifact: ``${step.artifacts.name}``."""


def is_plain(value: Any) -> bool:
    """Tell whether JSON gives a value back exactly as it is."""
    if value is None or type(value) in (bool, int):
        return True
    if type(value) is str:
        return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
    if type(value) is float:
        return value - value == 0
    if type(value) is list:
        return all(is_plain(one) for one in value)
    if type(value) is dict:
        return all(type(key) is str and is_plain(key) for key in value) and all(
            is_plain(one) for one in value.values()
        )
    return False


def arguments(given: Mapping[str, Any], store: Store, *, verbatim: bool = False) -> dict[str, Any]:
    """Give the parameters by which a step is handed its arguments.

    References, also inside of lists and dictionaries, are artifacts of other steps; *store* keeps
    an object that JSON cannot hold as an artifact and gives its address; it is asked with the
    argument's name, once for each such object in it. With *verbatim* a text that looks like a
    document's reference is none.
    """
    written = _literally if verbatim else _as_it_is
    parameters: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            parameters[f"{ARTIFACTS}/{name}"] = {LITERAL: None}
        elif _has_reference(value):
            parameters[f"{ARTIFACTS}/{name}"] = _expression(name, value, store, written)
        elif is_plain(value) and _is_small(value):
            parameters[f"{ARGUMENTS}/{name}"] = written(value)
        else:
            parameters[f"{ARTIFACTS}/{name}"] = store(name, value)
    return parameters


def fetched(context: StepContext, said: Any, name: str, deserialize: Deserialize | None) -> Any:
    """Give what an argument stands for: addresses are fetched, wherever they stand in it."""
    if isinstance(said, str):
        return _fetch(context, said, name, deserialize) if said.startswith("artifact://") else said
    if isinstance(said, list):
        return [fetched(context, one, name, deserialize) for one in said]
    if isinstance(said, dict):
        if set(said) == {LITERAL}:
            return said[LITERAL]
        if set(said) == {TUPLE}:
            return tuple(fetched(context, one, name, deserialize) for one in said[TUPLE])
        return {key: fetched(context, one, name, deserialize) for key, one in said.items()}
    return said


def keep_value(
    context: StepContext, name: str, value: Any, serialize: Serialize | None = None
) -> None:
    """Leave a value as an artifact of this process's task."""
    from pipelines import arrays
    from pipelines.storing import check_name, store_artifact

    check_name(name)
    if serialize is not None:
        return _leave_bytes(context, name, "bytes", serialize(value), {"serialized": True})
    if is_plain(value):
        return _leave_json(context, name, value)
    kind = arrays.kind_of(value)
    if kind is not None and _is_kept_exactly(context, name, kind, value):
        return store_artifact(context, name, value)
    if isinstance(value, os.PathLike) and os.path.exists(value):
        return store_artifact(context, name, value)
    _leave_bytes(context, name, "pickle", _pickled(name, value), _about(value))


def fetch_value(artifact: Artifact, deserialize: Deserialize | None = None) -> Any:
    """Give what was left by :func:`keep_value`, as it was."""
    if artifact.metadata.get("serialized") and deserialize is not None:
        with open(artifact.get_local_copy(), "rb") as file:
            return deserialize(file.read())
    if artifact.kind == "pickle":
        return _unpickled(artifact)
    return artifact.get()


def _fetch(
    context: StepContext, address: str, argument: str, deserialize: Deserialize | None
) -> Any:
    from urllib.parse import unquote

    from pipelines.artifacts import ADDRESS_SCHEME, Artifacts

    task_id, _, name = address[len(ADDRESS_SCHEME) :].partition("/")
    try:
        return fetch_value(Artifacts(task_id, context)[unquote(name)], deserialize)
    except (PipelinesError, ImportError, AttributeError) as error:
        raise PipelinesError(f"argument {argument!r} could not be fetched: {error}") from error


def _has_reference(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_has_reference(one) for one in value)
    if type(value) is dict:
        return any(_has_reference(one) for one in value.values())
    return isinstance(value, Reference)


def _expression(name: str, value: Any, store: Store, written: Callable[[Any], Any]) -> Any:
    """Write a value with references in it: what is none stands for itself."""
    if isinstance(value, Reference):
        return str(value)
    if not _has_reference(value):
        return {LITERAL: written(value)} if is_plain(value) else store(name, value)
    if type(value) is not dict:
        parts = [_expression(name, one, store, written) for one in value]
        return parts if isinstance(value, list) else {TUPLE: parts}
    if all(type(key) is str for key in value):
        return {key: _expression(name, one, store, written) for key, one in value.items()}
    raise TypeError(
        f"argument {name!r}: a dictionary with results of other steps in it has texts as its keys"
    )


def _as_it_is(value: Any) -> Any:
    return value


def _literally(value: Any) -> Any:
    """Write texts so that the document's references are not looked for in them."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, list):
        return [_literally(one) for one in value]
    if isinstance(value, dict):
        return {key: _literally(one) for key, one in value.items()}
    return value


def _is_small(value: Any) -> bool:
    if type(value) not in (str, list, dict):
        return True
    import json

    return len(json.dumps(value)) <= _LARGEST_PARAMETER


def _is_kept_exactly(context: StepContext, name: str, kind: str, value: Any) -> bool:
    """Tell whether an array or a frame can be read back as it is."""
    if kind in ("array", "arrays"):
        numpy: Any = sys.modules["numpy"]
        arrays = value.values() if isinstance(value, dict) else [value]
        return all(type(one) is numpy.ndarray and not one.dtype.hasobject for one in arrays)
    from pipelines import arrays as stored

    if value.size > _MOST_COMPARED_CELLS or value.attrs:
        return False
    target = context.path(f".compared-{name}")
    try:
        about = stored.write(name, kind, value, target)
        again = stored.read(kind, target, about)
        return _are_same(kind, value, again)
    except (TypeError, ValueError, OverflowError):
        return False
    finally:
        if os.path.exists(target):
            os.unlink(target)


def _are_same(kind: str, value: Any, again: Any) -> bool:
    if type(value) is not type(again) or not value.equals(again):
        return False
    same = value.index.equals(again.index) and value.index.dtype == again.index.dtype
    if kind == "series":
        return bool(same and value.dtype == again.dtype and value.name == again.name)
    names = list(value.columns) == list(again.columns)
    return bool(same and names and list(value.dtypes) == list(again.dtypes))


def _leave_json(context: StepContext, name: str, value: Any) -> None:
    import json

    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)
    _leave(context, name, text.encode(), "json", "application/json", {})


def _leave_bytes(
    context: StepContext, name: str, kind: str, content: bytes, about: dict[str, Any]
) -> None:
    _leave(context, name, content, kind, "application/octet-stream", about)


def _leave(
    context: StepContext, name: str, content: bytes, kind: str, media_type: str, about: Any
) -> None:
    from pipelines.storing import COLLECTED

    os.makedirs(context.path(COLLECTED, ".meta"), exist_ok=True)
    with open(context.path(COLLECTED, name), "wb") as file:
        file.write(content)
    note = {"kind": kind, "media_type": media_type, "metadata": about}
    context.write_json(os.path.join(COLLECTED, ".meta", f"{name}.json"), note)


def _pickled(name: str, value: Any) -> bytes:
    import pickle

    try:
        return pickle.dumps(value, protocol=4)
    except Exception as error:
        raise TypeError(
            f"{name!r} is a {type(value).__name__} that cannot be pickled ({error}): "
            "give functions to write and read it as artifact_serialization_function and "
            "artifact_deserialization_function"
        ) from error


def _unpickled(artifact: Artifact) -> Any:
    import pickle

    with open(artifact.get_local_copy(), "rb") as file:
        try:
            return pickle.load(file)
        except (AttributeError, ImportError) as error:
            made_of = artifact.metadata.get("type") or "an object"
            raise PipelinesError(
                f"{artifact.name!r} is {made_of}, which cannot be made here: {error}. "
                "Name its class in the function, or its package in packages"
            ) from error


def _about(value: Any) -> dict[str, Any]:
    """Say what a person wants to know of an object."""
    made_of = type(value)
    try:
        shown = repr(value)[:_PREVIEW_CHARACTERS]
    except Exception as error:
        shown = f"its repr failed: {error}"
    shown = "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in shown)
    return {"type": f"{made_of.__module__}.{made_of.__qualname__}", "preview": shown}
