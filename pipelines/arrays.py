"""Arrays of numpy and frames of pandas as artifacts; neither is imported before a step has."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

KINDS = ("array", "arrays", "frame", "series")
MEDIA_TYPES = {
    "array": "application/x-npy",
    "arrays": "application/x-npz",
    "frame": "text/csv",
    "series": "text/csv",
}
_PREVIEW_CHARACTERS = 4000
_MOST_NAMED = 200


def kind_of(thing: object) -> str | None:
    """Tell whether something is stored as an array or a frame."""
    # What was never imported cannot be what somebody holds.
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if pandas is not None and isinstance(thing, pandas.DataFrame):
        return "frame"
    if pandas is not None and isinstance(thing, pandas.Series):
        return "series"
    if numpy is None:
        return None
    if isinstance(thing, (numpy.ndarray, numpy.generic)):
        return "array"
    if isinstance(thing, dict) and thing:
        names = all(isinstance(name, str) for name in thing)
        if names and all(isinstance(value, numpy.ndarray) for value in thing.values()):
            return "arrays"
    return None


def write(name: str, kind: str, thing: Any, target: str) -> dict[str, Any]:
    """Write it; give back what a person wants to know of it."""
    if kind in ("array", "arrays"):
        return _write_arrays(name, kind, thing, target)
    return _write_frame(name, kind, thing, target)


def read(kind: str, path: str, metadata: Mapping[str, Any]) -> Any:
    """Give what was stored, as it was."""
    if kind in ("array", "arrays"):
        import numpy

        # Without pickles: an artifact may come from a project of somebody else.
        loaded = numpy.load(path, allow_pickle=False)
        return {key: loaded[key] for key in loaded.files} if kind == "arrays" else loaded
    return _read_frame(kind, path, metadata)


def _write_arrays(name: str, kind: str, thing: Any, target: str) -> dict[str, Any]:
    import numpy

    arrays = thing if kind == "arrays" else {"": numpy.asarray(thing)}
    for key, array in arrays.items():
        if array.dtype.hasobject:
            raise TypeError(
                f"artifact {name!r}: an array of Python objects cannot be stored"
                f"{f' ({key!r})' if key else ''}; give it a type, or upload a list"
            )
    with open(target, "wb") as file:
        if kind == "array":
            numpy.save(file, arrays[""], allow_pickle=False)
            return {**_about(arrays[""]), "preview": _shown(arrays[""])}
        numpy.savez_compressed(file, **arrays)
    named = list(arrays.items())[:_MOST_NAMED]
    preview = "\n".join(f"{key}: {array.dtype} {array.shape}" for key, array in named)
    about = {key: _about(array) for key, array in named}
    return {"arrays": about, "preview": preview[:_PREVIEW_CHARACTERS]}


def _about(array: Any) -> dict[str, Any]:
    return {"shape": list(array.shape), "dtype": str(array.dtype)}


def _shown(array: Any) -> str:
    import numpy

    text = numpy.array2string(array, threshold=200, edgeitems=4, max_line_width=100)
    return str(text)[:_PREVIEW_CHARACTERS]


def _write_frame(name: str, kind: str, thing: Any, target: str) -> dict[str, Any]:
    import pandas

    frame = (
        thing.to_frame("value" if thing.name is None else thing.name) if kind == "series" else thing
    )
    _check_frame(name, frame)
    plain = isinstance(frame.index, pandas.RangeIndex) and frame.index.name is None
    plain = plain and frame.index.start == 0 and frame.index.step == 1
    frame.to_csv(target, index=not plain, encoding="utf-8", lineterminator="\n")
    about: dict[str, Any] = {
        "shape": list(frame.shape),
        "columns": [_column(label, kind_) for label, kind_ in frame.dtypes.items()],
    }
    if not plain:
        about["index"] = [_level(frame.index, n) for n in range(frame.index.nlevels)]
    if kind == "series":
        about["name"] = thing.name if thing.name is None else str(thing.name)
    return about


def _check_frame(name: str, frame: Any) -> None:
    if frame.columns.nlevels > 1:
        raise TypeError(f"artifact {name!r}: columns of several levels cannot be stored as CSV")
    if not frame.columns.is_unique:
        raise TypeError(f"artifact {name!r}: two columns have one name")


def _column(label: object, dtype: object) -> dict[str, Any]:
    column: dict[str, Any] = {"name": str(label), "dtype": str(dtype)}
    if isinstance(label, int) and not isinstance(label, bool):
        column["number"] = label
    return column


def _level(index: Any, n: int) -> dict[str, Any]:
    label = index.names[n]
    dtype = str(index.get_level_values(n).dtype)
    return {"name": None if label is None else str(label), "dtype": dtype}


def _read_frame(kind: str, path: str, metadata: Mapping[str, Any]) -> Any:
    import pandas

    columns = metadata.get("columns") or []
    levels = metadata.get("index") or []
    # Later ones read numbers exactly by themselves, and complain of being asked to.
    is_old = int(pandas.__version__.partition(".")[0]) < 3
    precise = {"float_precision": "round_trip"} if is_old else {}
    frame = pandas.read_csv(
        path,
        encoding="utf-8",
        **precise,
        dtype={one["name"]: "str" for one in columns if _is_text(one["dtype"])},
        index_col=list(range(len(levels))) or None,
    )
    for one in columns:
        if not _is_text(one["dtype"]):
            frame[one["name"]] = _as(pandas, frame[one["name"]], one["dtype"])
    if levels:
        frame.index = _index(pandas, frame.index, levels)
    frame.columns = [one.get("number", one["name"]) for one in columns] or frame.columns
    if kind == "series":
        return frame.iloc[:, 0].rename(metadata.get("name"))
    return frame


def _is_text(dtype: str) -> bool:
    return dtype in ("object", "str", "string")


def _as(pandas: Any, values: Any, dtype: str) -> Any:
    """Give values the type that they had; what CSV cannot say of it is told by its name."""
    if dtype.startswith("datetime64"):
        zone = dtype.partition(", ")[2].rstrip("]")
        times = pandas.to_datetime(values, utc=bool(zone), format="ISO8601")
        return (times.dt.tz_convert(zone) if zone else times).astype(dtype)
    if dtype.startswith("timedelta64"):
        return pandas.to_timedelta(values).astype(dtype)
    return values.astype(dtype)


def _index(pandas: Any, index: Any, levels: list[dict[str, Any]]) -> Any:
    made = []
    for n, level in enumerate(levels):
        values = pandas.Series(index.get_level_values(n))
        dtype = level["dtype"]
        made.append(values.astype("str") if _is_text(dtype) else _as(pandas, values, dtype))
    names = [level["name"] for level in levels]
    if len(levels) == 1:
        return pandas.Index(made[0], name=names[0])
    return pandas.MultiIndex.from_arrays(made, names=names)
