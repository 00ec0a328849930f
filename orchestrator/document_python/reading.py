"""A script read for what it says of a pipeline: by its syntax, nothing of it is executed."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple

from orchestrator.document_python.forms import WrongForm, only_number, parameter_of, step_of
from orchestrator.document_python.values import Unreadable, lines_in, value_of
from orchestrator.document_python.words import (
    ABOUT,
    CONTROLLER,
    INSTEAD,
    MODULES,
    MORE,
    PARAMETER,
    RUN,
    SAME,
    STEP,
    WHOLE,
)
from orchestrator.domain.document import VERSION, in_reading_order
from orchestrator.domain.errors import Invalid, Problem, shortened
from orchestrator.domain.names import slugify
from orchestrator.domain.parameters import close_match

# What is parsed takes up to a kilobyte for each of its parts, and hostile text is all parts.
MOST_PARTS: Final = 250_000
MOST_PROBLEMS: Final = 50
_PART: Final = re.compile(r"[,(\[{:;\n=.+*/%@&|^<>~-]")
_LIKELY: Final = re.compile(
    r"^(from\s+\S+\s+import|import)\s|\bPipelineController\s*\(", re.MULTILINE
)
_SUBSET: Final = "a script that can be drawn knows PipelineController of pipelines, and no more"
_NOT_IMPORTED: Final = f"{CONTROLLER} is not imported: from pipelines import {CONTROLLER}"
_ONLY_CALLS: Final = (
    "this cannot be drawn: a script has one PipelineController, and calls its add_parameter, "
    "add_step, set_default_execution_queue, set_document and start"
)
_CONTROLLER_WORDS: Final = (*ABOUT, *RUN, "retry_on_failure", "defaults", *WHOLE)
_PARAMETER_WORDS: Final = (*PARAMETER, MORE)
_STEP_WORDS: Final = (*STEP, *SAME, MORE)
_STARTING: Final = ("queue", "wait", "run_pipeline_steps_locally")
_MERGED: Final = frozenset({"run", "defaults"})


class StepLines(NamedTuple):
    """Which lines of a script, from 1, belong to a step."""

    step: str
    first: int
    last: int


class PipelineFile(NamedTuple):
    """What a file says: a document and of which pipeline it is; and, of a script, where."""

    said: dict[str, Any]
    lines: Mapping[str, int] = MappingProxyType({})
    steps: Sequence[StepLines] = ()
    made_at: int = 1
    """The line in which the pipeline is made."""
    starting: Sequence[int] = ()
    """The lines that say how the script is started, beyond that it is."""

    def with_lines(self, problems: Iterable[Problem]) -> list[Problem]:
        """Give the document's problems the lines in which the file says what is wrong."""
        if not self.lines:
            return list(problems)
        return [replace(one, line=self._line(one.where)) for one in problems]

    def _line(self, where: str) -> int:
        while where not in self.lines and where:
            where = where[: max(where.rfind("."), where.rfind("["), 0)]
        return self.lines.get(where, 1)


def is_python(text: str) -> bool:
    """Tell whether a text is meant as a script: no document in JSON or YAML looks like one."""
    return not text.lstrip().startswith("{") and _LIKELY.search(text) is not None


def read_script(text: str) -> PipelineFile:
    """Read a script; Invalid has a problem with its line for everything that is not to be read."""
    return _Reader().read(_parsed(text))


def _parsed(text: str) -> ast.Module:
    if len(_PART.findall(text)) > MOST_PARTS:
        message = "this script is too large to be read; bring it as YAML or JSON"
        raise Invalid.at("document", "cap_exceeded", message)
    try:
        with warnings.catch_warnings():
            # An odd escape in somebody's text is not this program's concern.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise _invalid([_problem(error.lineno or 1, f"this is not Python: {error.msg}")]) from None
    except (RecursionError, MemoryError):
        raise _invalid([_problem(1, "this is nested too deeply")]) from None
    except ValueError as error:
        raise _invalid([_problem(1, f"this is not Python: {shortened(str(error))}")]) from None


class _Reader:
    """Goes through the statements once; goes on after a problem, to tell of all of them."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._lines: dict[str, int] = {}
        self._steps: list[StepLines] = []
        self._file: dict[str, Any] = {}
        self._document: dict[str, Any] = {"schema": VERSION}
        self._classes: set[str] = set()
        self._name: str | None = None
        self._made_at = 1
        self._starting: list[int] = []
        self._is_started = False

    def read(self, tree: ast.Module) -> PipelineFile:
        if (description := ast.get_docstring(tree)) is not None:
            self._file["description"] = description
            self._lines["(description)"] = tree.body[0].lineno
        for statement in _statements(tree.body[description is not None :]):
            self._read_statement(statement)
        if self._name is None:
            self._tell(1, f'no pipeline is made here: pipe = {CONTROLLER}(name="…", project="…")')
        if self._problems:
            raise _invalid(self._problems)
        self._document.setdefault("steps", [])
        said = {**self._file, "document": in_reading_order(self._document)}
        return PipelineFile(said, self._lines, self._steps, self._made_at, self._starting)

    def _read_statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.ImportFrom():
                self._read_import(statement)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name()) as call):
                self._read_controller(name, call)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name))) as call):
                self._read_call(name, call)
            case _:
                self._tell(statement.lineno, _ONLY_CALLS)

    def _read_import(self, statement: ast.ImportFrom) -> None:
        if statement.module == "__future__":
            return
        if statement.module not in MODULES or statement.level:
            module = shortened(statement.module or ".", 60)
            self._tell(statement.lineno, f"{module} cannot be imported here: {_SUBSET}")
            return
        for alias in statement.names:
            if alias.name == CONTROLLER:
                self._classes.add(alias.asname or alias.name)
            else:
                self._tell(statement.lineno, f"{alias.name} cannot be imported here: {_SUBSET}")

    def _read_controller(self, name: str, call: ast.Call) -> None:
        function = call.func.id if isinstance(call.func, ast.Name) else ""
        if function not in self._classes:
            is_missing = function == CONTROLLER
            self._tell(call.lineno, _NOT_IMPORTED if is_missing else _ONLY_CALLS)
            if not is_missing:
                return
        if self._name is not None:
            self._tell(call.lineno, "a script makes one pipeline, and this is a second one")
            return
        self._name = name
        self._made_at = call.lineno
        said = self._arguments(call, _CONTROLLER_WORDS, ABOUT, _way_of_controller)
        for word in ABOUT:
            if word in said and not isinstance(said[word], str):
                self._tell(self._lines.get(word, call.lineno), f"{word} is a text")
            elif word in said:
                self._file["label" if word == "version" else word] = said[word]
        self._take_name()
        self._take_run(said, call.lineno)

    def _take_run(self, said: Mapping[str, Any], line: int) -> None:
        for word, key in RUN.items():
            if word in said:
                self._put(("run", key), said[word], line)
        if "defaults" in said:
            self._merge("defaults", said["defaults"], line)
        if "retry_on_failure" in said:
            retries = {"number": said["retry_on_failure"]}
            if only_number(retries) is None:
                self._tell(line, "retry_on_failure is a whole number; else say defaults=")
            self._put(("defaults", "retries"), retries, line)
        for word in WHOLE:
            if word in said:
                self._put((word,), said[word], line)

    def _take_name(self) -> None:
        """Find the slug by the name, as whoever runs the script; a slug is no name of its own."""
        name = self._file.get("name")
        if name:
            self._file["slug"] = slugify(name)
            if name == self._file["slug"]:
                del self._file["name"]

    def _read_call(self, name: str, call: ast.Call) -> None:
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name != self._name or method not in self._calls:
            match_ = close_match(method, [*self._calls]) if name == self._name else None
            hint = f'; did you mean "{match_}"?' if match_ else ""
            self._tell(call.lineno, f"{_ONLY_CALLS}{hint}")
            return
        if self._is_started:
            self._tell(call.lineno, "nothing is said of a pipeline after it was started")
        self._calls[method](self, call)

    def _add_parameter(self, call: ast.Call) -> None:
        at = f"parameters[{len(self._document.get('parameters', ()))}]"
        positional = ("name", "default", "description", "param_type")
        said = self._arguments(call, _PARAMETER_WORDS, positional, lambda w: _way(at, PARAMETER, w))
        self._add("parameters", at, call, said, parameter_of)

    def _add_step(self, call: ast.Call) -> None:
        at = f"steps[{len(self._document.get('steps', ()))}]"
        said = self._arguments(call, _STEP_WORDS, ("name",), lambda word: _way(at, STEP, word))
        for word, other in SAME.items():
            if word in said and other in said:
                self._tell(call.lineno, f"{word} and {other} say the same")
            if word in said:
                said[other] = said.pop(word)
        if isinstance(name := said.get("name"), str):
            self._steps.append(StepLines(name, call.lineno, call.end_lineno or call.lineno))
        self._add("steps", at, call, said, step_of)

    def _add(
        self,
        key: str,
        at: str,
        call: ast.Call,
        said: Mapping[str, Any],
        made: Callable[[Mapping[str, Any]], dict[str, Any]],
    ) -> None:
        self._lines[at] = call.lineno
        try:
            self._document.setdefault(key, []).append(made(said))
        except WrongForm as error:
            where = at if error.argument == MORE else f"{at}.{error.key}"
            self._tell(self._lines.get(where, call.lineno), error.message)

    def _add_tags(self, call: ast.Call) -> None:
        self._file["tags"] = self._only_value(call, "tags")

    def _set_queue(self, call: ast.Call) -> None:
        value = self._only_value(call, "default_execution_queue")
        self._put(("defaults", "queue"), value, call.lineno)

    def _set_time_limit(self, call: ast.Call) -> None:
        minutes = self._only_value(call, "max_execution_minutes")
        if type(minutes) not in (int, float):
            self._tell(call.lineno, "a time limit is a number of minutes")
            return
        self._put(("run", "timeout"), minutes * 60, call.lineno)

    def _set_document(self, call: ast.Call) -> None:
        said = self._only_value(call, "document", lambda _: "")
        if not isinstance(said, dict):
            self._tell(call.lineno, "set_document takes an object: the document's other keys")
            return
        for key, value in said.items():
            line = self._lines.get(key, call.lineno)
            if key in _MERGED:
                self._merge(key, value, line)
            else:
                self._put((key,), value, line)

    def _start(self, call: ast.Call) -> None:
        said = self._arguments(call, _STARTING, ("queue",), lambda word: f"({word})")
        if said or (isinstance(call.func, ast.Attribute) and call.func.attr != "start"):
            self._starting.append(call.lineno)
        self._is_started = True

    def _only_value(
        self, call: ast.Call, word: str, way: Callable[[str], str] = lambda word: f"({word})"
    ) -> Any:
        """Read the one argument of a call."""
        said = self._arguments(call, (word,), (word,), way)
        if word not in said and not self._problems:
            self._tell(call.lineno, f"{word} is missing")
        return said.get(word)

    def _arguments(
        self,
        call: ast.Call,
        words: Iterable[str],
        positional: tuple[str, ...],
        way: Callable[[str], str],
    ) -> dict[str, Any]:
        """Read what a call is given; ``way`` leads from an argument to what it says."""
        said: dict[str, Any] = {}
        for word, node, line in self._given(call, positional):
            if word in said:
                self._tell(line, f"{word} is given twice")
            elif word not in words:
                self._tell(line, _unknown(word, words))
            else:
                self._lines.update({way(word): line, **dict(lines_in(node, way(word)))})
                try:
                    said[word] = value_of(node)
                except Unreadable as error:
                    self._tell(error.line, error.message)
        self._lines.pop("", None)
        return said

    def _given(
        self, call: ast.Call, positional: tuple[str, ...]
    ) -> Iterator[tuple[str, ast.expr, int]]:
        for place, node in enumerate(call.args):
            if isinstance(node, ast.Starred) or place >= len(positional):
                self._tell(node.lineno, "arguments are given by name here")
                return
            yield positional[place], node, node.lineno
        for keyword in call.keywords:
            if keyword.arg is None:
                self._tell(keyword.value.lineno, "arguments are given by name here")
            else:
                yield keyword.arg, keyword.value, keyword.lineno

    def _merge(self, key: str, value: Any, line: int) -> None:
        """Take an object key by key, so that others may say other keys of it."""
        if not isinstance(value, dict) or not value:
            self._put((key,), value, line)
            return
        for inner, one in value.items():
            self._put((key, inner), one, line)

    def _put(self, way: tuple[str, ...], value: Any, line: int) -> None:
        *outer, last = way
        into = self._document
        for key in outer:
            into = into.setdefault(key, {})
            if not isinstance(into, dict):
                self._tell(line, f"{key} is said twice")
                return
        if last in into:
            self._tell(line, f"{'.'.join(way)} is said twice")
            return
        into[last] = value
        self._lines.setdefault(".".join(way), line)

    def _tell(self, line: int, message: str) -> None:
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(_problem(line, message))

    _calls: ClassVar[dict[str, Callable[[_Reader, ast.Call], None]]] = {
        "add_parameter": _add_parameter,
        "add_step": _add_step,
        "add_tags": _add_tags,
        "set_default_execution_queue": _set_queue,
        "set_pipeline_execution_time_limit": _set_time_limit,
        "set_document": _set_document,
        "start": _start,
        "start_locally": _start,
    }


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Go through the statements, also those that stand behind ``if __name__ == "__main__"``."""
    for statement in body:
        match statement:
            case ast.If(
                test=ast.Compare(
                    left=ast.Name(id="__name__"),
                    ops=[ast.Eq()],
                    comparators=[ast.Constant(value="__main__")],
                ),
                orelse=[],
            ):
                yield from statement.body
            case _:
                yield statement


def _way_of_controller(word: str) -> str:
    if word in RUN:
        return f"run.{RUN[word]}"
    return "defaults.retries" if word == "retry_on_failure" else word


def _way(at: str, words: Mapping[str, str], word: str) -> str:
    return at if word == MORE else f"{at}.{words.get(SAME.get(word, word), word)}"


def _unknown(word: str, words: Iterable[str]) -> str:
    if word in INSTEAD:
        return f"{word} cannot stand here: {INSTEAD[word]}"
    match_ = close_match(word, list(words))
    return f"{shortened(word, 60)} is not known here{f'; did you mean {match_}?' if match_ else ''}"


def _problem(line: int, message: str) -> Problem:
    return Problem("document", None, "bad_value", message, line=line)


def _invalid(problems: list[Problem]) -> Invalid:
    told = "; ".join(f"line {one.line}: {one.message}" for one in problems[:3])
    return Invalid(problems, told)
