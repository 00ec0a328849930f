"""Functions as steps: a script that holds a function, all it needs, and the call of it."""

from __future__ import annotations

import inspect
import os
import re
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pipelines.automation.sources import CaptureError, Source
from pipelines.automation.surroundings import Surroundings
from pipelines.automation.values import ARGUMENTS, ARTIFACTS, is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Union

    Packages = Union[bool, str, Sequence[str], None]
    Names = Union[str, Sequence[str], None]

_WORDS = {"int": "integer", "float": "number", "bool": "boolean", "str": "string"}
_LARGEST_CARRIED = 1_000_000

__all__ = ["ARGUMENTS", "ARTIFACTS", "CaptureError", "CapturedFunction", "capture"]


class CapturedFunction:
    """A function as it was when it was captured: its name, its script, its arguments."""

    def __init__(  # noqa: PLR0913 - a function has that many parts
        self,
        *,
        name: str,
        script: str,
        requirements: Sequence[str],
        returns: Sequence[str],
        parameters: Sequence[inspect.Parameter],
        takes_any: bool,
        notes: Sequence[str],
        components: Sequence[Any] = (),
        unresolved: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.script = script
        self.requirements = list(requirements)
        self.returns = list(returns)
        self.notes = list(notes)
        self.components = list(components)
        self.unresolved = list(unresolved)
        self._parameters = {one.name: one for one in parameters}
        self._takes_any = takes_any

    @property
    def defaults(self) -> dict[str, Any]:
        """The arguments that have a default, with it."""
        return {
            name: one.default
            for name, one in self._parameters.items()
            if one.default is not one.empty
        }

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Give a call's arguments by name; raises TypeError as Python does."""
        names = [n for n, one in self._parameters.items() if one.kind != one.KEYWORD_ONLY]
        if len(args) > len(names):
            raise TypeError(
                f"{self.name}() takes {len(names)} positional arguments, {len(args)} were given"
            )
        given = dict(zip(names, args))
        for name, value in kwargs.items():
            if name in given:
                raise TypeError(f"{self.name}() got multiple values for argument {name!r}")
            given[name] = value
        self.check(given)
        return given

    def check(self, given: Mapping[str, Any]) -> None:
        """Raise TypeError for arguments that the function does not have, or lacks."""
        for name in given:
            if name not in self._parameters and not self._takes_any:
                raise TypeError(f"{self.name}() got an unexpected keyword argument {name!r}")
        missing = [
            name
            for name, one in self._parameters.items()
            if one.default is one.empty and name not in given
        ]
        if missing and not self._takes_any:
            listed = ", ".join(map(repr, missing))
            raise TypeError(f"{self.name}() is missing: {listed}")

    def declared(self, given: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Declare the step's parameters, typed by annotation, else by default.

        An argument that is *given* something else than that is declared as taking anything.
        """
        given = given or {}
        names = [*self._parameters, *(name for name in given if name not in self._parameters)]
        plain = [self._declaration(name, given) for name in names]
        return plain + [{"name": f"{ARTIFACTS}/{name}", "type": "json"} for name in names]

    def task_body(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Give what a template says of how this is executed."""
        return {
            "kind": "python",
            "script": self.script,
            "requirements": self.requirements,
            "parameters": self.declared(given),
        }

    def _declaration(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        one = self._parameters.get(name)
        said: dict[str, Any] = {"name": f"{ARGUMENTS}/{name}", "type": "json"}
        if one is None:
            return said
        has_default = one.default is not one.empty and one.default is not None
        word = _word_of(one)
        default_fits = not has_default or _fits(word, one.default)
        if word and default_fits and (name not in given or _fits(word, given[name])):
            said["type"] = word
        if has_default and is_plain(one.default):
            said["default"] = one.default
        return said


def capture(
    function: Callable[..., Any],
    *,
    returns: Names = None,
    helper_functions: Sequence[Callable[..., Any]] | None = None,
    packages: Packages = None,
    skip_global_imports: bool = False,
    serialization: Callable[[Any], bytes] | None = None,
    deserialization: Callable[[bytes], Any] | None = None,
) -> CapturedFunction:
    """Take a function along: its source, its decorators, and what both need of their module.

    Functions, classes and constants of the function's own module come with it when it names
    them; modules that lie beside it are carried along; what is imported and installed here is
    required, unless *packages* says what is. Raises CaptureError when the source cannot be read.
    """
    source = Source(function, strip=True)
    around = Surroundings(skip_imports=skip_global_imports)
    around.add(source)
    for helper in helper_functions or ():
        around.add_helper(helper)
    codecs = {"serialize": serialization, "deserialize": deserialization}
    called = {word: Source(one, strip=False).name for word, one in codecs.items() if one}
    for one in codecs.values():
        if one is not None:
            around.add_helper(one)
    parameters, takes_any = _parameters_of(source)
    names = [returns] if isinstance(returns, str) else list(returns or ())
    others = [text for name, text in around.pieces.items() if name != source.name]
    body = ["\n".join(around.imports), *others, source.text]
    carried, notes = _carried(body, around.folders)
    call = _call(source.name, names, parameters, called)
    head, carry = "\n".join(around.futures), ""
    if carried:
        carry = _CARRY.format(modules=_written(carried))
    # What depends on where the function is captured is no part of what it is.
    digest = sha256("\n".join([head, *body, call]).encode()).hexdigest()[:12]
    title = f'"""A step made of the function {source.name} ({digest})."""'
    parts = [part.strip("\n") for part in (title, head, carry, *body, call)]
    needed = ["\n".join(body), *carried.values()]
    return CapturedFunction(
        name=source.name,
        script="\n\n\n".join(part for part in parts if part) + "\n",
        requirements=_required(packages, needed, around.folders),
        returns=names,
        parameters=parameters,
        takes_any=takes_any or source.is_decorated,
        notes=[*around.notes, *notes],
        components=around.components,
        unresolved=_unresolved(packages, needed, around.folders),
    )


_CARRY = """
from pipelines.automation.running import carry

carry({modules})
"""


def _call(
    name: str,
    returns: Sequence[str],
    parameters: Sequence[inspect.Parameter],
    codecs: Mapping[str, str],
) -> str:
    types = {one.name: word for one in parameters if (word := example_word(one))}
    positional = [one.name for one in parameters if one.kind == one.POSITIONAL_ONLY]
    said = [f"{name}", f"returns={list(returns)!r}"]
    said += [f"types={types!r}"] if types else []
    said += [f"positional={positional!r}"] if positional else []
    said += [f"{word}={function}" for word, function in codecs.items()]
    return (
        'if __name__ == "__main__":\n'
        "    from pipelines.automation.running import run_function\n\n"
        f"    run_function({', '.join(said)})\n"
    )


def _parameters_of(source: Source) -> tuple[list[inspect.Parameter], bool]:
    parameters = list(inspect.signature(source.original).parameters.values())
    if any(one.kind == one.VAR_POSITIONAL for one in parameters):
        raise CaptureError(
            f"{source.name} takes *arguments without names: a step's arguments have names"
        )
    takes_any = any(one.kind == one.VAR_KEYWORD for one in parameters)
    return [one for one in parameters if one.kind != one.VAR_KEYWORD], takes_any


def annotation_of(one: inspect.Parameter) -> str:
    """Give the plain type that an annotation names, if it is one; ``Optional[int]`` is int."""
    if one.annotation is one.empty:
        return ""
    word = (
        one.annotation.__name__
        if inspect.isclass(one.annotation) and not hasattr(one.annotation, "__args__")
        else str(one.annotation)
    )
    word = re.sub(r"typing\.|\s|\|None$|^None\|", "", word.strip("'\""))
    match = re.fullmatch(r"Optional\[(.+)\]|Union\[(\w+),None(?:Type)?\]", word)
    word = next(filter(None, match.groups())) if match else word
    return word.partition("[")[0].lower()


def _word_of(one: inspect.Parameter) -> str:
    """Give the type that a form offers for an argument."""
    annotation = annotation_of(one)
    if annotation:
        return _WORDS.get(annotation, "")
    return "" if one.default is one.empty else _WORDS.get(type(one.default).__name__, "")


def example_word(one: inspect.Parameter) -> str:
    """Give the type into which a step casts an argument."""
    known = (*_WORDS, "list", "dict", "tuple")
    word = annotation_of(one) or type(one.default).__name__
    return word if word in known else ""


def _fits(word: str, value: Any) -> bool:
    """Tell whether a value may be given for a declared type, as the server sees it."""
    if isinstance(value, str) and "${" in value:
        return False
    if word == "integer":
        return type(value) is int
    if word == "number":
        return type(value) in (int, float)
    return type(value) is {"boolean": bool, "string": str}.get(word)


def _carried(body: Sequence[str], folders: set[str]) -> tuple[dict[str, str], list[str]]:
    """Give the modules beside a function that its code imports, and what cannot come along."""
    from pipelines.requirements import local_modules, read_source

    found: dict[str, str] = {}
    for folder in sorted(folders | _script_folder()):
        files = local_modules("\n".join(body), folder)
        for name, path in files.items():
            is_package = os.path.basename(path) == "__init__.py"
            place = name.replace(".", "/") + ("/__init__.py" if is_package else ".py")
            found.setdefault(place, read_source(path))
    if sum(map(len, found.values())) > _LARGEST_CARRIED:
        listed = ", ".join(sorted(found))
        return {}, [f"too much to be carried along, install it where steps run: {listed}"]
    return dict(sorted(found.items())), []


def _script_folder() -> set[str]:
    """The folder of the program, from which its functions import, too."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    return {os.path.dirname(os.path.abspath(main))} if main else set()


def _required(packages: Packages, sources: Sequence[str], folders: set[str]) -> list[str]:
    if isinstance(packages, str):
        with open(packages, encoding="utf-8") as file:
            lines = [line.partition(" #")[0].strip() for line in file]
        return [line for line in lines if line and not line.startswith("#")]
    if packages is False:
        return []
    if packages is not None and packages is not True:
        return [str(one) for one in packages]
    from pipelines.requirements import requirements_of

    return requirements_of(sources, beside=sorted(folders | _script_folder()))


def _unresolved(packages: Packages, sources: Sequence[str], folders: set[str]) -> list[str]:
    if packages not in (None, True):
        return []
    from pipelines.requirements import unresolved

    return unresolved(sources, beside=sorted(folders | _script_folder()))


def _written(carried: Mapping[str, str]) -> str:
    entries = [f"    {place!r}: {text!r},\n" for place, text in carried.items()]
    return "{\n" + "".join(entries) + "}"
