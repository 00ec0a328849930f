"""A result that may not be there yet: any use of it waits for it, and then is the use of the value.

Handed on to another component it waits for nothing: it is a reference between steps.
"""

from __future__ import annotations

import operator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    Get = Callable[[], Any]


class LazyEvalWrapper:
    """Stands for a value. What a type does by itself, this does with the value's."""

    __slots__ = ("_lazy_get", "_lazy_source")

    def __init__(self, get: Get, source: object = None) -> None:
        object.__setattr__(self, "_lazy_get", get)
        object.__setattr__(self, "_lazy_source", source)

    # isinstance() asks here for what is not its type.
    @property
    def __class__(self) -> Any:
        return type(value_of(self))

    @__class__.setter
    def __class__(self, other: Any) -> None:
        value_of(self).__class__ = other

    def __getattr__(self, name: str) -> Any:
        return getattr(value_of(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(value_of(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(value_of(self), name)

    def __dir__(self) -> Any:
        return dir(value_of(self))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return value_of(self)(*args, **kwargs)

    def __format__(self, spec: str) -> str:
        return format(value_of(self), spec)

    def __next__(self) -> Any:
        return next(value_of(self))

    def __enter__(self) -> Any:
        return value_of(self).__enter__()

    def __exit__(self, *about: Any) -> Any:
        return value_of(self).__exit__(*about)

    def __fspath__(self) -> Any:
        import os

        return os.fspath(value_of(self))

    def __round__(self, *digits: int) -> Any:
        return round(value_of(self), *digits)

    def __pow__(self, other: Any, *modulo: Any) -> Any:
        return pow(value_of(self), value_of(other), *modulo)

    def __rpow__(self, other: Any) -> Any:
        return pow(value_of(other), value_of(self))

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        import numpy

        return numpy.asarray(value_of(self), *args, **kwargs)

    def __copy__(self) -> Any:
        import copy

        return copy.copy(value_of(self))

    def __deepcopy__(self, memo: Any) -> Any:
        import copy

        return copy.deepcopy(value_of(self), memo)

    def __reduce_ex__(self, protocol: Any) -> Any:
        # Elsewhere there is nothing to wait for: the value itself travels.
        return value_of, (value_of(self),)


def is_lazy(thing: object) -> bool:
    """Tell whether something is a result that may not be there yet, without waiting for it."""
    return type(thing) is LazyEvalWrapper


def value_of(thing: Any) -> Any:
    """Give the value of a lazy result; of anything else itself."""
    while is_lazy(thing):
        thing = object.__getattribute__(thing, "_lazy_get")()
    return thing


def source_of(thing: Any) -> Any:
    """Tell what a lazy result comes from."""
    return object.__getattribute__(thing, "_lazy_source")


def values_in(thing: Any) -> Any:
    """Give lists, tuples and dictionaries with the values of the lazy results in them."""
    if is_lazy(thing):
        return value_of(thing)
    if type(thing) in (list, tuple):
        return type(thing)(values_in(one) for one in thing)
    if type(thing) is dict:
        return {key: values_in(one) for key, one in thing.items()}
    return thing


def _two(function: Callable[[Any, Any], Any]) -> Any:
    return lambda self, other: function(value_of(self), value_of(other))


def _two_turned(function: Callable[[Any, Any], Any]) -> Any:
    return lambda self, other: function(value_of(other), value_of(self))


def _one(function: Callable[..., Any]) -> Any:
    return lambda self, *more: function(value_of(self), *more)


def _fill_in() -> None:
    """Give the class the methods that Python looks for in types only."""
    words = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "lshift", "rshift",
             "and_", "or_", "xor")  # fmt: skip
    pairs = {word.rstrip("_"): getattr(operator, word) for word in words}
    for name, function in {**pairs, "divmod": divmod}.items():
        setattr(LazyEvalWrapper, f"__{name}__", _two(function))
        setattr(LazyEvalWrapper, f"__r{name}__", _two_turned(function))
    for word in ("lt", "le", "eq", "ne", "gt", "ge"):
        setattr(LazyEvalWrapper, f"__{word}__", _two(getattr(operator, word)))
    import math

    alone: dict[str, Callable[..., Any]] = {
        "neg": operator.neg, "pos": operator.pos, "abs": abs, "invert": operator.invert,
        "int": int, "float": float, "complex": complex, "bool": bool, "index": operator.index,
        "str": str, "bytes": bytes, "repr": repr, "hash": hash, "len": len, "iter": iter,
        "reversed": reversed, "getitem": operator.getitem, "setitem": operator.setitem,
        "delitem": operator.delitem, "contains": operator.contains, "trunc": math.trunc,
        "floor": math.floor, "ceil": math.ceil, "length_hint": operator.length_hint,
    }  # fmt: skip
    for word, function in alone.items():
        setattr(LazyEvalWrapper, f"__{word}__", _one(function))


_fill_in()
