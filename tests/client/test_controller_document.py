"""What a controller's declarations become: a document, in our words."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import pytest

from pipelines import PipelineController
from pipelines.automation import document, unsupported
from pipelines.automation.node import Node
from pipelines.automation.versions import check_version, highest


@pytest.mark.parametrize(
    "version",
    ["1", "1.0.0", "0.0.1", "1.0-beta", "1.0b1", "2!1.0", "1.0.post2", "1.0.dev3", "v1.2"],
)
def test_what_packages_may_be_called_is_a_version(version: str) -> None:
    assert check_version(version) == version


@pytest.mark.parametrize("version", ["", "one", "1.0.", "1..0", "1.0 2", "latest", "1.0-gamma"])
def test_anything_else_is_refused_by_name(version: str) -> None:
    with pytest.raises(ValueError, match=f"Setting non-semantic pipeline version {version!r}"):
        check_version(version)


def test_versions_are_compared_as_numbers() -> None:
    assert highest(["1.9", "1.10", "1.10rc1", "odd"]) == "1.10"
    assert highest(["1.0.dev1", "1.0a1", "1.0a2"]) == "1.0a2"
    assert highest(["1.0", "1.0.post1", "0!1.0"]) == "1.0.post1"
    assert highest(["1.0", "1!0.1"]) == "1!0.1"
    assert highest(["odd"]) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"default": 5}, {"default": 5, "type": "integer"}),
        ({"default": True}, {"default": True, "type": "boolean"}),
        ({"default": 0.5, "description": "Why"}, {"default": 0.5, "type": "number", "help": "Why"}),
        ({"default": "a"}, {"default": "a"}),
        ({"default": [1]}, {"default": [1], "type": "json"}),
        ({}, {}),
        ({"default": 1, "param_type": "float"}, {"default": 1, "type": "number"}),
        ({"param_type": int}, {"type": "integer"}),
        ({"default": "a", "choices": ["a"]}, {"default": "a", "choices": ["a"], "type": "choice"}),
        ({"section": "Data", "minimum": 0}, {"section": "Data", "minimum": 0}),
    ],
)  # fmt: skip
def test_a_parameter_has_the_type_of_its_default(given: dict[str, Any], said: Any) -> None:
    assert document.parameter("rows", **given) == {"name": "rows", **said}


def step_after(behaviour: Any = None, *, continue_on_fail: bool = False) -> tuple[Any, Any]:
    flags = document.continue_flags(continue_on_fail, behaviour)
    nodes = {"a": Node("a", **flags), "b": Node("b"), "c": Node("c")}
    steps: list[Any] = [{"name": "a"}, {"name": "b"}, {"name": "c", "parents": ["a", "b"]}]
    document.tolerate(steps, nodes)
    return steps[0], steps[2]


B_IS_GOOD = '${b.status} in ["completed", "cached"]'


@pytest.mark.parametrize(
    ("behaviour", "continue_on_fail", "may_fail", "when"),
    [
        (None, False, None, None),
        (None, True, True, '${a.status} in ["completed", "cached"]'),
        ({}, False, True, '${a.status} in ["completed", "cached"]'),
        ({"skip_children_on_fail": False}, False, True,
         '${a.status} in ["completed", "cached", "failed", "crashed"]'),
        ({"continue_on_fail": False, "skip_children_on_fail": False}, False, None,
         '${a.status} in ["completed", "cached", "failed", "crashed"]'),
        ({"skip_children_on_abort": False, "continue_on_fail": False}, False, None,
         '${a.status} in ["completed", "cached", "aborted"]'),
    ],
)  # fmt: skip
def test_the_continue_flags_say_who_runs_and_what_counts(
    behaviour: Any, continue_on_fail: bool, may_fail: Any, when: Any
) -> None:
    parent, child = step_after(behaviour, continue_on_fail=continue_on_fail)
    assert parent.get("may_fail") is may_fail
    assert child.get("when") == (f"{when} and {B_IS_GOOD}" if when else None)
    assert child.get("trigger") == ("all_done" if when else None)


def test_an_unknown_flag_is_named() -> None:
    with pytest.raises(ValueError, match="continue_behaviour has no 'skip_all'"):
        document.continue_flags(False, {"skip_all": True})


def test_parents_are_also_those_that_are_referred_to() -> None:
    step = {
        "name": "c",
        "parents": ["z"],
        "parameters": {
            "x": ["${a.id} and ${`b c`.artifacts.d}"],
            "y": "$${not.this} ${pipeline.z}",
        },
        "queue": "${q.name}",
    }
    assert document.parents_of(step) == ["z", "a", "b c", "q"]


def test_references_to_names_with_spaces_are_quoted() -> None:
    value = {"a": ["${train 1.id}, ${plain.id}"], "b": "${`train 1`.id}"}
    assert document.quoted(value, ["train 1", "plain"]) == {
        "a": ["${`train 1`.id}, ${plain.id}"],
        "b": "${`train 1`.id}",
    }


def test_what_is_watched() -> None:
    metrics = [("loss", "test"), "accuracy", (("a", "b"), ("c", "d")), [("a", None), ("c", None)]]
    said = document.monitors(metrics, ["data", ("rest", "remainder")], ["model_*"])
    assert said["monitor"] == [
        {"title": "loss", "series": "test"},
        {"title": "accuracy"},
        {"title": "a", "series": "b", "as_title": "c", "as_series": "d"},
        {"title": "a", "as_title": "c"},
    ]
    assert said["monitor_artifacts"] == [
        {"artifact": "data"},
        {"artifact": "rest", "as": "remainder"},
    ]
    assert said["monitor_models"] == [{"model": "model_*"}]
    assert set(document.monitors(None, (), []).values()) == {None}
    with pytest.raises(ValueError, match="a pair of names"):
        document.monitors(None, [("a", "b", "c")], None)


def ask(*_: Any) -> bool:
    return False


@pytest.mark.parametrize(
    ("default", "own", "retries", "is_asked"),
    [
        (2, None, None, False),
        (2, 1, {"number": 1}, False),
        (2, ask, {"number": 0}, True),
        (None, ask, None, True),
        (ask, None, None, True),
        (ask, 1, {"number": 1}, False),
    ],
)
def test_the_step_s_word_on_retries_counts_before_the_pipeline_s(
    default: Any, own: Any, retries: Any, is_asked: bool
) -> None:
    pipe = PipelineController("a", "b", retry_on_failure=default)
    pipe.add_step("load", template="b/load", retry_on_failure=own)
    (step,) = pipe._declaring.document({})["steps"]
    assert step.get("retries") == retries
    assert ("retry" in step.get("hooks", {})) is is_asked


def test_a_name_is_taken_once_and_some_never() -> None:
    pipe = PipelineController("a", "b", version="1.0")
    assert pipe.add_step("load", template="b/load") is True
    with pytest.raises(ValueError, match="Node named 'load' already exists in the pipeline dag"):
        pipe.add_step("load", template="b/load")
    with pytest.raises(ValueError, match="Node name 'pipeline' is reserved"):
        pipe.add_step("pipeline", template="b/load")


def test_an_argument_that_is_not_heeded_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsupported, "_told", set())
    with pytest.warns(UserWarning, match="docker is not heeded: steps run in Python environments"):
        unsupported.tell_given({"docker": "ubuntu", "repo": None})
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        unsupported.tell_given({"docker": "ubuntu"})
    assert told == []


@pytest.mark.parametrize(
    ("status", "flags", "word", "executed"),
    [
        ("completed", {}, "completed", "t1"),
        ("cached", {}, "cached", "t1"),
        ("failed", {}, "failed", False),
        ("crashed", {}, "failed", False),
        ("failed", {"skip_children_on_fail": False}, "failed", "t1"),
        ("aborted", {}, "aborted", False),
        ("aborted", {"skip_children_on_abort": False}, "aborted", "t1"),
        ("skipped", {}, "skipped", None),
        ("aborting", {}, "running", None),
        ("queued", {}, "queued", None),
    ],
)
def test_a_node_says_whether_its_children_may_run(
    status: str, flags: Any, word: str, executed: Any
) -> None:
    node = Node("a", **flags)
    node.has_task("t1")
    node.stands(status)
    assert (node.status, node.executed) == (word, executed)
    assert node.job is not None
    assert node.job.task_id() == "t1"


def test_a_place_for_artifacts_is_warned_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines import PipelineDecorator

    monkeypatch.setattr(unsupported, "_told", set())
    with pytest.warns(UserWarning, match="output_uri is not heeded") as told:
        PipelineDecorator.pipeline(name="x", project="p", output_uri="s3://bucket")
    assert [one.filename for one in told] == [__file__]
    with warnings.catch_warnings(record=True) as more:
        warnings.simplefilter("always")
        PipelineDecorator.component(output_uri="s3://bucket")
    assert more == []


@pytest.mark.filterwarnings("error")
def test_the_server_as_the_place_for_artifacts_is_as_always(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pipelines import PipelineDecorator

    monkeypatch.setattr(unsupported, "_told", set())
    PipelineDecorator.component(output_uri=True)


def test_a_step_s_arguments_come_in_the_order_of_existing_scripts() -> None:
    """Such a script may give them without their names."""
    parameters = list(inspect.signature(PipelineController.add_step).parameters)
    assert " ".join(parameters[1 : parameters.index("stage") + 1]) == (
        "name base_task_id parents parameter_override configuration_overrides task_overrides "
        "execution_queue monitor_metrics monitor_artifacts monitor_models time_limit "
        "base_task_project base_task_name clone_base_task continue_on_fail pre_execute_callback "
        "post_execute_callback cache_executed_step base_task_factory retry_on_failure "
        "status_change_callback recursively_parse_parameters output_uri continue_behaviour stage"
    )
