"""What is checked of steps that run a pipeline: that it is there, what it takes and gives."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from orchestrator.domain.document import PipelineInfo, TemplateInfo, check, graph_of
from orchestrator.domain.errors import Problem
from orchestrator.domain.graph import Kind
from orchestrator.domain.parameters import specs_from

ROWS = {"name": "rows", "type": "integer", "required": True, "minimum": 1}
SEED = {"name": "seed", "type": "integer", "default": 3}


class World:
    """Two published pipelines; ``data`` took no seed and gave no score in its first version."""

    def __init__(self) -> None:
        self.known = {
            "data": PipelineInfo(
                specs_from([ROWS, SEED]),
                version=2,
                versions=(1, 2),
                older={1: specs_from([ROWS])},
                outputs=("path", "score"),
                older_outputs={1: ("path",)},
            ),
            "shared/clean": PipelineInfo(),
        }

    def template(self, name: str) -> TemplateInfo | None:
        return TemplateInfo()

    def names(self) -> Collection[str]:
        return ()

    def pipeline(self, name: str) -> PipelineInfo | None:
        return self.known.get(name)

    def pipeline_names(self) -> Collection[str]:
        return self.known

    def way_back(self, name: str, version: object) -> tuple[str, ...]:
        return ("a/own", "shared/clean", "a/own") if version == "latest" else ()


def problems(*steps: dict[str, Any]) -> list[Problem]:
    return check({"schema": 1, "steps": list(steps)}, catalog=World())


def nested(**more: Any) -> dict[str, Any]:
    step = {"name": "a", "kind": "pipeline", "pipeline": "data", "parameters": {"rows": 5}}
    return {key: value for key, value in {**step, **more}.items() if value is not None}


def user(reference: str) -> dict[str, Any]:
    return {"name": "b", "template": "work", "queue": reference}


def test_a_nested_step_that_fits_has_no_problems() -> None:
    assert problems(nested(), user("${a.path}-${a.outputs.score}-${a.id}-${a.status}")) == []
    assert problems(nested(timeout=5, retries={"number": 2}, priority=3, may_fail=True)) == []


@pytest.mark.parametrize(
    ("more", "where", "code", "says"),
    [
        ({"pipeline": None}, "pipeline", "missing", 'needs "pipeline"'),
        ({"pipeline": "date"}, "pipeline", "unknown_pipeline", 'did you mean "data"?'),
        ({"pipeline": "A B"}, "pipeline", "bad_name", 'is not "project/slug" or "slug"'),
        ({"version": 7}, "version", "unknown_version", 'pipeline "data" has no version 7'),
        ({"version": 1}, "version", "newer_version", 'pipeline "data" has a newer version: 2'),
        ({"parameters": None}, "parameters.rows", "missing", '"rows" is required'),
        ({"parameters": {"rows": 0}}, "parameters.rows", "bad_value", "rows"),
        (
            {"parameters": {"rows": 1, "sed": 1}},
            "parameters.sed",
            "unknown_parameter",
            'pipeline "data": there is no parameter "sed"; did you mean "seed"?',
        ),
        (
            {"version": "latest"},
            "pipeline",
            "cycle",
            'run each other in a circle: "a/own" → "shared/clean" → "a/own"',
        ),
        ({"template": "work"}, "template", "not_for_kind", '"template" is not for a step'),
        ({"queue": "gpu"}, "queue", "not_for_kind", '"queue" is not for a step of kind'),
        ({"grace": 3}, "grace", "not_for_kind", '"grace" is not for a step of kind'),
    ],
)
def test_what_is_wrong_with_a_nested_step_is_told(
    more: dict[str, Any], where: str, code: str, says: str
) -> None:
    (problem,) = problems(nested(**more))
    assert (problem.where, problem.code) == (f"steps[0].{where}", code)
    assert says in problem.message


def test_a_misspelt_pipeline_can_be_written_rightly_with_a_press() -> None:
    (problem,) = problems(nested(pipeline="date"))
    assert problem.fix is not None
    assert problem.fix.set == ((("steps", 0, "pipeline"), "data"),)


@pytest.mark.parametrize(
    ("version", "reference", "code", "says"),
    [
        (None, "${a.outputs.sore}", "unknown_output", 'pipeline "data" gives no "sore"'),
        (1, "${a.score}", "unknown_output", "it gives path"),
        (None, "${a.artifacts.data}", "not_for_kind", "a nested pipeline has no artifacts"),
        (None, "${a.metrics.loss.test}", "not_for_kind", "it gives outputs"),
        (None, "${a.parameters.sed}", "unknown_parameter", 'did you mean "General/seed"?'),
    ],
)
def test_only_what_a_pipeline_gives_can_be_referred_to(
    version: int | None, reference: str, code: str, says: str
) -> None:
    found = problems(nested(version=version), user(reference))
    problem = next(one for one in found if one.step == "b")
    assert (problem.where, problem.code) == ("steps[1].queue", code)
    assert says in problem.message


def test_the_graph_knows_what_a_step_runs_and_with_which_values() -> None:
    node = graph_of({"schema": 1, "steps": [nested(version=2)]}).nodes[0]
    assert (node.kind, node.template, node.version) == (Kind.PIPELINE, "data", 2)
    assert node.parameters == {"rows": 5}


@pytest.mark.parametrize(
    ("key", "code", "says"),
    [
        ("nightly", "", ""),
        ("rows-${pipeline.rows}-${pipeline.run.id}", "", ""),
        ("${pipeline.row}", "unknown_parameter", 'did you mean "rows"?'),
        ("${a.x}", "bad_reference", "before any step runs"),
        ("${", "bad_reference", ""),
        ("", "bad_value", "is empty"),
    ],
)
def test_a_concurrency_key_is_made_of_the_runs_parameters(key: str, code: str, says: str) -> None:
    document = {
        "schema": 1,
        "parameters": [ROWS],
        "steps": [],
        "run": {"concurrency": {"key": key}},
    }
    found = check(document, catalog=World())
    assert [(one.where, one.code) for one in found] == (
        [("run.concurrency.key", code)] if code else []
    )
    assert all(says in one.message for one in found)
