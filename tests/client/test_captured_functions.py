"""A function becomes a script that does the same in a process of its own."""

import json
import pickle
import sys
import textwrap
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pipelines.automation.functions import CapturedFunction, CaptureError, capture
from pipelines.automation.values import Reference, arguments, is_plain
from tests.client.workshop import StepResult, Workshop


class Author:
    """Writes modules and hands their functions over, as a pipeline's author does."""

    def __init__(self, folder: Path, workshop: Workshop, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.workshop = workshop
        self.patch = patch

    def write(self, text: str, name: str = "authored") -> ModuleType:
        path = self.folder / f"{name}.py"
        path.write_text(textwrap.dedent(text))
        spec = spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        self.patch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return module

    def run(self, captured: CapturedFunction, **given: Any) -> StepResult:
        assert captured.notes == []
        return self.workshop.run(captured.script, self.said(given))

    def said(self, given: dict[str, Any]) -> dict[str, Any]:
        return arguments(given, self._store)

    def _store(self, name: str, value: Any) -> str:
        about = {"kind": "pickle", "metadata": {}}
        return self.workshop.server.add_artifact("author", name, pickle.dumps(value), **about)


@pytest.fixture
def author(tmp_path: Path, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Author:
    folder = tmp_path / "author"
    folder.mkdir()
    return Author(folder, workshop, monkeypatch)


def result(done: StepResult, name: str) -> Any:
    assert done.exit_code == 0, done.stderr
    content = done.content(name)
    kind = done.about(name)["kind"]
    return json.loads(content) if kind == "json" else pickle.loads(content)


def test_imports_helpers_classes_and_constants_come_along(author: Author):
    module = author.write('''
        from __future__ import annotations
        import math as m
        from json import dumps, loads
        import os.path

        FACTOR = 3
        NAMES = {"a": (1, 2)}

        class Point:
            scale = FACTOR

        def inner(x: NotThere) -> int:
            return x * Point.scale

        def helper(x):
            text = """several
        lines"""
            return inner(x) + len(loads(dumps(NAMES))) + len(text) - 13

        def unused():
            return 1 / 0

        def step(x=5):
            return m.floor(helper(x)) + len(os.path.sep)
    ''')

    captured = capture(module.step, returns=["answer"])

    assert "unused" not in captured.script
    assert result(author.run(captured), "answer") == 17
    assert author.run(captured, x=1).outputs == {"answer": 5}


def test_global_imports_are_left_out_when_that_is_wished(author: Author):
    module = author.write("import math\n\ndef step():\n    return math.pi\n")

    done = author.run(capture(module.step, returns="pi", skip_global_imports=True))

    assert "NameError" in done.stderr


def test_a_decorator_without_wraps_comes_along(author: Author):
    module = author.write("""
        def tools(): return 1
        def our_decorator(func, other=tools):
            def function_wrapper(*args, **kwargs):
                return func(*args, **kwargs) + other()
            return function_wrapper

        @our_decorator
        def step(x: int = 1):
            return x
    """)

    captured = capture(module.step, returns=["step_return"])

    assert captured.name == "step"
    assert captured.defaults == {"x": 1}
    assert result(author.run(captured), "step_return") == 2
    assert result(author.run(captured, x=5), "step_return") == 6


def test_modules_beside_the_function_are_carried_along(author: Author, monkeypatch):
    monkeypatch.syspath_prepend(str(author.folder))
    author.write("ONE = 1", "beside_base")
    author.write("from beside_base import ONE\ndef one(): return ONE", "beside_tools")
    module = author.write("""
        from beside_tools import one

        def step():
            import beside_base
            return one() + beside_base.ONE
    """)

    assert result(author.run(capture(module.step, returns="sum")), "sum") == 2


@pytest.mark.parametrize(
    "value",
    [5, 2.5, True, None, "text", "", [1, "2", None], {"a": {"b": []}}, (1, 2), {1: "one"}, {3, 4},
     1 + 2j, float("inf"), b"bytes", "a\0b", 2**80, "x" * 100_000],
)  # fmt: skip
def test_arguments_and_results_keep_their_kind(author: Author, value: Any):
    module = author.write("def step(value):\n    return value\n")

    found = result(author.run(capture(module.step, returns="value"), value=value), "value")

    assert repr(found) == repr(value)


def test_arrays_and_frames_stay_what_they_are(author: Author):
    module = author.write("""
        import numpy
        import pandas

        def make():
            plain = pandas.DataFrame({"a": [1, 2], "b": [0.1, 0.25], "c": ["x", "y"]})
            odd = pandas.DataFrame({"a": ["", "1"], "b": [[1], {}]})
            return numpy.arange(3.0), plain, odd

        def look(array, plain, odd):
            return str((array.tolist(), plain.to_dict("list"), odd.to_dict("list")))
    """)

    made = author.run(capture(module.make, returns=["array", "plain", "odd"]))
    assert made.exit_code == 0, made.stderr
    assert [made.about(name)["kind"] for name in ("array", "plain", "odd")] == [
        "array",
        "frame",
        "pickle",
    ]
    given = {f"kwargs_artifacts/{name}": made.address(name) for name in made.artifacts}
    seen = author.workshop.run(capture(module.look, returns="seen").script, given)

    assert result(seen, "seen") == str(
        (
            [0.0, 1.0, 2.0],
            {"a": [1, 2], "b": [0.1, 0.25], "c": ["x", "y"]},
            {"a": ["", "1"], "b": [[1], {}]},
        )
    )


def test_several_names_take_one_result_each_and_one_name_takes_a_tuple_whole(author: Author):
    module = author.write("def step(n):\n    return tuple(range(n))\n")
    several = capture(module.step, returns=["first", "second"])

    done = author.run(several, n=2)
    assert (result(done, "first"), result(done, "second")) == (0, 1)
    assert result(author.run(capture(module.step, returns=["all"]), n=3), "all") == (0, 1, 2)
    for wrong in (1, 3):
        refused = author.run(several, n=wrong)
        assert refused.exit_code == 1
        assert f"returned {wrong} results, not 2 results (first, second)" in refused.stderr


def test_lists_and_dictionaries_of_other_steps_results_are_fetched_at_depth(author: Author):
    module = author.write("def step(parts):\n    return [parts['all'], parts['n']]\n")
    made = author.run(capture(module.step, returns="r"), parts={"all": 1, "n": 2})
    address = Reference(made.address("r"))

    done = author.run(
        capture(module.step, returns="r"), parts={"all": (address, address), "n": (1,)}
    )

    assert result(done, "r") == [([1, 2], [1, 2]), (1,)]


def test_texts_from_a_form_are_read_as_the_type_that_is_annotated(author: Author):
    module = author.write("""
        def step(a: int, b: float, c: bool = False, d="x", e=(1,), f=None):
            return repr((a, b, c, d, e, f))
    """)
    captured = capture(module.step, returns="seen")
    given = {"a": "5", "b": 3, "c": "true", "d": "7", "e": [2], "f": "8"}

    done = author.workshop.run(captured.script, {f"kwargs/{k}": v for k, v in given.items()})

    assert result(done, "seen") == "(5, 3.0, True, '7', (2,), '8')"
    declared = {one["name"]: one for one in captured.declared()}
    assert [declared[f"kwargs/{name}"]["type"] for name in "abcdef"] == [
        "integer", "number", "boolean", "string", "json", "json"
    ]  # fmt: skip
    assert declared["kwargs/d"]["default"] == "x"
    refused = author.workshop.run(captured.script, {"kwargs/a": "five", "kwargs/b": 1})
    assert "parameter kwargs/a: 'five' is not a whole number" in refused.stderr


def test_own_serialization_is_used_for_results_and_arguments(author: Author):
    module = author.write("""
        MARK = b"!"

        def to_bytes(value):
            return MARK + repr(value).encode()

        def from_bytes(content):
            return eval(content[1:])

        def step(value):
            return value + 1
    """)
    captured = capture(
        module.step, returns="v", serialization=module.to_bytes, deserialization=module.from_bytes
    )

    first = author.run(captured, value=1)
    assert first.content("v") == b"!2"
    second = author.workshop.run(captured.script, {"kwargs_artifacts/value": first.address("v")})
    assert second.content("v") == b"!3"


def test_an_async_function_is_waited_for(author: Author):
    module = author.write("""
        async def step(n):
            import asyncio
            await asyncio.sleep(0)
            return n + 1
    """)

    assert result(author.run(capture(module.step, returns="n"), n=1), "n") == 2


def test_what_cannot_be_pickled_says_what_to_do(author: Author):
    module = author.write("def step():\n    return lambda: 1\n")

    done = author.run(capture(module.step, returns="f"))

    assert done.exit_code == 1
    assert "artifact_serialization_function" in done.stderr


def test_what_cannot_be_captured_says_why(author: Author):
    module = author.write("""
        def spread(*values): pass
        opened = open(__file__)
        handle = opened
        def uses(): return nowhere
        lonely = lambda x: x
    """)
    module.opened.close()

    with pytest.raises(CaptureError, match="a lambda cannot be a step"):
        capture(module.lonely)
    with pytest.raises(CaptureError, match="arguments without names"):
        capture(module.spread)
    with pytest.raises(CaptureError, match="no function written in Python"):
        capture(len)
    assert capture(module.uses).notes == [
        "uses uses 'nowhere', which is not known where it is written"
    ]


def test_arguments_are_checked_as_python_checks_them(author: Author):
    module = author.write("def step(a, b=1, *, c=2):\n    return a\n")
    captured = capture(module.step)

    assert captured.bind((1, 2), {"c": 3}) == {"a": 1, "b": 2, "c": 3}
    for args, kwargs, said in (
        ((), {}, "is missing: 'a'"),
        ((1, 2, 3), {}, "takes 2 positional arguments"),
        ((1,), {"a": 1}, "multiple values"),
        ((1,), {"d": 1}, "unexpected keyword argument 'd'"),
    ):
        with pytest.raises(TypeError, match=said):
            captured.bind(args, kwargs)


def test_requirements_are_what_is_imported_and_installed_unless_it_is_said(author: Author):
    module = author.write("""
        import pandas
        import yaml

        def step():
            import numpy
            return pandas
    """)

    names = [one.partition("==")[0] for one in capture(module.step).requirements]
    assert names == ["numpy", "pandas"]
    assert capture(module.step, packages=["pandas>=2"]).requirements == ["pandas>=2"]
    assert capture(module.step, packages=False).requirements == []


def test_only_what_json_gives_back_is_plain():
    assert all(is_plain(one) for one in (1, None, "é", [{"a": 1.5}]))
    assert not any(is_plain(one) for one in ((1,), {1: 2}, float("nan"), b"", True + 1j, "\ud800"))
