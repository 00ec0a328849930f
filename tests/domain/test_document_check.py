"""Everything that can be wrong with a document is told, with its place and in words."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from orchestrator.domain.document import TemplateInfo, check
from orchestrator.domain.errors import Problem
from orchestrator.domain.names import Caps
from orchestrator.domain.parameters import specs_from
from tests.catalogs import NoPipelines
from tests.graphs import CHAIN, DIAMOND, document_of


class Templates(NoPipelines):
    """A catalog of two templates; ``train`` had no ``depth`` in its first version."""

    asked: list[str]

    def __init__(self) -> None:
        self.asked = []
        data = [{"name": "General/data"}]
        depth = {"name": "General/depth", "type": "integer", "default": 3, "maximum": 9}
        rows = {"name": "General/rows", "type": "integer", "required": True}
        self.known = {
            "work": TemplateInfo(),
            "load": TemplateInfo(specs_from([rows])),
            "sample/train": TemplateInfo(
                specs_from([*data, depth]), version=2, versions=(1, 2), older={1: specs_from(data)}
            ),
        }

    def template(self, name: str) -> TemplateInfo | None:
        self.asked.append(name)
        return self.known.get(name)

    def names(self) -> Collection[str]:
        return self.known


def problems(document: Any) -> list[Problem]:
    return check(document, catalog=Templates())


def found(document: Any) -> list[tuple[str, str]]:
    return [(problem.where, problem.code) for problem in problems(document)]


NO_MEMBERS = ("groups[0].for_each", "missing", 'no step is in the group "g"')

CODE = "def hook(event, more=1):\n    return None\n"


def python(code: str) -> dict[str, Any]:
    return {"hooks": {"pre": [{"kind": "python", "code": code}]}}


def webhook(url: str) -> dict[str, Any]:
    return {"hooks": {"pre": [{"kind": "webhook", "url": url}]}}


GOOD: dict[str, Any] = {
    "schema": 1,
    "parameters": [{"name": "rows", "type": "integer", "default": 2000, "minimum": 10}],
    "steps": [
        {"name": "load", "template": "load", "parameters": {"General/rows": "${pipeline.rows}"}},
        {
            "name": "train a",
            "kind": "task",
            "template": "sample/train",
            "version": "latest",
            "parents": ["load"],
            "parameters": {"data": "${load.artifacts.data}", "General/depth": 4},
            "queue": "gpu-${pipeline.rows}",
            "priority": -3,
            "retries": {"number": 1, "delay": 0.5, "on": ["failed"], "limit": None},
            "timeout": 60,
            "grace": 0,
            "trigger": "none_failed",
            "may_fail": True,
            "group": "training",
            "tags": ["slow"],
            "comment": "deep",
            "x-colour": "red",
            "cache": False,
            "when": None,
        },
        {"name": "b", "template": "sample/train", "parameters": {"data": "$${${`train a`.path}"}},
    ],
    "outputs": {"score": "${`train a`.metrics.loss.test}", "run": "${pipeline.run.id}", "n": 3},
    "groups": [{"name": "training"}],
    "defaults": {"queue": "default", "retries": {"number": 2}, "timeout": 10.5},
    "layout": {"load": [0, 1.5]},
    "notes": [{"text": "Look", "at": [1, 2]}],
    "tags": ["sample"],
    "run": {},
    "x-made-by": "hand",
}


def test_a_good_document_has_no_problems() -> None:
    assert problems(GOOD) == []
    assert problems(document_of(CHAIN)) == problems(document_of(DIAMOND)) == []
    assert problems({"schema": 1, "steps": []}) == []


@pytest.mark.parametrize("document", [None, [], "x", 3, True])
def test_a_document_is_an_object(document: object) -> None:
    assert found(document) == [("", "wrong_type")]


@pytest.mark.parametrize(
    ("part", "where", "code", "says"),
    [
        ({"schema": 2}, "schema", "bad_value", '"schema" is 1, not 2'),
        ({"schema": True}, "schema", "bad_value", "is 1, not True"),
        ({"stpes": []}, "stpes", "unknown_key", 'did you mean "steps"?'),
        ({"steps": {}}, "steps", "wrong_type", '"steps" is a list, not an object'),
        ({"steps": [3]}, "steps[0]", "wrong_type", "an object, not a whole number"),
        ({"parameters": {}}, "parameters", "wrong_type", "is a list"),
        (
            {"parameters": [{"name": "a", "type": "int"}]},
            "parameters[0].type",
            "bad_value",
            "one of",
        ),
        (
            {"parameters": [{"name": "a"}, {"name": "a"}]},
            "parameters[1].name",
            "duplicate_name",
            "a",
        ),
        (
            {"parameters": [{"name": "a", "type": "integer", "default": "5"}]},
            "parameters[0].default",
            "bad_value",
            "whole number",
        ),
        ({"outputs": []}, "outputs", "wrong_type", "an object, not a list"),
        ({"outputs": {"a": "${b.x}"}}, "outputs.a", "unknown_step", 'no step "b"'),
        ({"outputs": {"a": ["${x"]}}, "outputs.a[0]", "bad_reference", "closing brace"),
        ({"defaults": {"timeout": 0}}, "defaults.timeout", "bad_value", "more than 0, not 0"),
        ({"defaults": {"retires": {}}}, "defaults.retires", "unknown_key", '"retries"?'),
        ({"layout": {"load": [1]}}, "layout.load", "bad_value", "2 elements, not 1"),
        ({"layout": {"load": [1, "2"]}}, "layout.load[1]", "wrong_type", "a number, not a text"),
        ({"notes": [{}]}, "notes[0].text", "missing", 'needs "text"'),
        ({"groups": [{"name": ""}]}, "groups[0].name", "bad_value", "is empty"),
        ({"tags": [1]}, "tags[0]", "wrong_type", "a text"),
        ({"run": {"timeout": 0}}, "run.timeout", "bad_value", "is more than 0"),
        ({"hooks": {"ended": [{"kind": "python"}]}}, "hooks.ended[0].code", "missing", "code"),
        ({"groups": [{"name": "g", "for_each": {"list": [1]}}]}, *NO_MEMBERS),
        ({"x": "\0"}, "", "bad_value", "NUL"),
        ({"x-y": float("nan")}, "", "bad_value", "not JSON"),
        ({"x-y": {1, 2}}, "", "bad_value", "not JSON"),
        ({"x-y": "\ud800"}, "", "bad_value", "not JSON"),
    ],
)
def test_a_wrong_part_is_told_of(part: dict[str, Any], where: str, code: str, says: str) -> None:
    (problem,) = problems({"schema": 1, "steps": [], **part})
    assert (problem.where, problem.code) == (where, code)
    assert says in problem.message


@pytest.mark.parametrize(
    ("part", "where", "code", "says"),
    [
        ({"name": "pipeline"}, "name", "bad_name", "reserved"),
        ({"name": "a/b"}, "name", "bad_name", "is made of"),
        ({"name": "load"}, "name", "duplicate_name", "steps[0] and steps[1]"),
        ({"kind": "job"}, "kind", "bad_value", "one of task, pipeline, approval"),
        ({"template": None}, "template", "missing", 'needs "template"'),
        ({"template": "lod"}, "template", "unknown_template", 'no template "lod"'),
        ({"template": "a/b/c"}, "template", "bad_name", "project/slug"),
        ({"template": ""}, "template", "bad_value", "is empty"),
        ({"version": 3}, "version", "unknown_version", "has no version 3"),
        ({"version": 0}, "version", "bad_value", 'a version number from 1, or "latest"'),
        ({"version": "newest"}, "version", "bad_value", '"latest", not a text'),
        ({"version": True}, "version", "bad_value", "not true or false"),
        ({"parents": "load"}, "parents", "wrong_type", "a list, not a text"),
        ({"parents": [1]}, "parents[0]", "wrong_type", "a text, not a whole number"),
        ({"parents": ["laod"]}, "parents[0]", "unknown_step", 'did you mean "load"?'),
        ({"parents": ["step"]}, "parents", "cycle", '"step" depends on itself'),
        ({"parameters": []}, "parameters", "wrong_type", "an object"),
        ({"parameters": {"dept": 1}}, "parameters.dept", "unknown_parameter", '"General/depth"?'),
        ({"parameters": {"depth": "x"}}, "parameters.depth", "bad_value", "whole number"),
        ({"parameters": {"depth": 99}}, "parameters.depth", "bad_value", "at most 9"),
        ({"parameters": {"depth": "$${a}"}}, "parameters.depth", "bad_value", "${a}"),
        (
            {"parameters": {"depth": 1, "General/depth": 2}},
            "parameters.General/depth",
            "duplicate_name",
            "given twice",
        ),
        ({"parameters": {"data": "${"}}, "parameters.data", "bad_reference", "closing brace"),
        ({"parameters": {"data": "${lod.x}"}}, "parameters.data", "unknown_step", '"load"?'),
        (
            {"parameters": {"data": ["${load.id}", {"k": "${no.id}"}]}},
            "parameters.data[1].k",
            "unknown_step",
            'no step "no"',
        ),
        ({"parameters": {"data": "${step.x}"}}, "parents", "cycle", "depends on itself"),
        (
            {"parameters": {"data": "${pipeline.row}"}},
            "parameters.data",
            "unknown_parameter",
            'did you mean "rows"?',
        ),
        (
            {"parameters": {"data": "${load.parameters.depth}"}},
            "parameters.data",
            "unknown_parameter",
            "there are General/rows",
        ),
        (
            {"parameters": {"data": "${item}"}},
            "parameters.data",
            "item_outside_fan_out",
            '"for_each"',
        ),
        (
            {"parameters": {"data": "${load[*].x}"}},
            "parameters.data",
            "not_a_fan_out",
            '"load" has not',
        ),
        (
            {"parameters": {"data": "${load.models.output.-1.url}"}},
            "parameters.data",
            "not_supported",
            ".models",
        ),
        ({"queue": ""}, "queue", "bad_value", "is empty"),
        ({"queue": "${no.x}"}, "queue", "unknown_step", 'no step "no"'),
        ({"priority": 1.5}, "priority", "wrong_type", "whole number, not a number"),
        ({"priority": 9999}, "priority", "bad_value", "at most 1000"),
        ({"retries": 3}, "retries", "wrong_type", "an object"),
        ({"retries": {"number": -1}}, "retries.number", "bad_value", "at least 0"),
        ({"retries": {"factor": 0.5}}, "retries.factor", "bad_value", "at least 1"),
        ({"retries": {"jitter": 2}}, "retries.jitter", "bad_value", "at most 1"),
        ({"retries": {"on": ["aborted"]}}, "retries.on[0]", "bad_value", "one of failed, crashed"),
        ({"timeout": -1}, "timeout", "bad_value", "more than 0"),
        ({"grace": "1"}, "grace", "wrong_type", "a number, not a text"),
        ({"trigger": "always"}, "trigger", "bad_value", "one of all_succeeded"),
        ({"may_fail": 1}, "may_fail", "wrong_type", "true or false, not a whole number"),
        ({"tags": "a"}, "tags", "wrong_type", "a list"),
        ({"approval": {}}, "approval", "not_for_kind", 'a step of kind "task"'),
        ({"parent": ["load"]}, "parent", "unknown_key", 'did you mean "parents"?'),
        ({"queue_timeout": 0}, "queue_timeout", "bad_value", "more than 0"),
        ({"cache": 1}, "cache", "wrong_type", "true or false, not a whole number"),
        ({"for_each": {"list": "a, b"}}, "for_each.list", "bad_value", "one reference"),
        ({"for_each": {"list": "${load.a} ${load.b}"}}, "for_each.list", "bad_value", "one ref"),
        ({"for_each": {"list": "${item.x}"}}, "for_each.list", "item_outside_fan_out", "group"),
        ({"for_each": {"list": [0] * 10_001}}, "for_each.list", "cap_exceeded", "10,001"),
        ({"for_each": {"max_parallel": 1}}, "for_each.list", "missing", '"list"'),
        ({"loop": {"max": 3}}, "loop", "not_supported", "not supported yet"),
        ({"hooks": {"pre": [{"kind": "python"}]}}, "hooks.pre[0].code", "missing", 'needs "code"'),
        ({"hooks": {"ended": []}}, "hooks.ended", "unknown_key", "ended"),
        ({"hooks": {"pre": [{"code": CODE}]}}, "hooks.pre[0].kind", "missing", "kind"),
        (
            {"hooks": {"post": [{"kind": "python", "code": CODE, "url": "http://x"}]}},
            "hooks.post[0].url",
            "not_for_kind",
            'not for a hook of kind "python"',
        ),
        ({"hooks": {"pre": [{"kind": "webhook"}]}}, "hooks.pre[0].url", "missing", 'needs "url"'),
        (webhook("ftp://x"), "hooks.pre[0].url", "bad_value", "begins with http:// or https://"),
        (webhook("http://"), "hooks.pre[0].url", "bad_value", "begins with http:// or https://"),
        (webhook("http://a b"), "hooks.pre[0].url", "bad_value", "begins with"),
        (webhook("http://[x"), "hooks.pre[0].url", "bad_value", "begins with"),
        (webhook("https://me:pw@x"), "hooks.pre[0].url", "bad_value", "a password"),
        (python("def hook(:"), "hooks.pre[0].code", "bad_value", "line 1: invalid syntax"),
        (python("print(1)"), "hooks.pre[0].code", "bad_value", 'a function "hook(event)"'),
        (python("def hook(a):\n  pass"), "hooks.pre[0].code", "bad_value", "with one argument"),
        (python("def hook(event, /): 1"), "hooks.pre[0].code", "bad_value", "by name"),
        (python("def hook(*, b): 1"), "hooks.pre[0].code", "bad_value", "by name"),
        ({"monitor": [{"series": "a"}]}, "monitor[0].title", "missing", 'needs "title"'),
        (
            {"monitor": [{"title": "a", "as_series": "b"}]},
            "monitor[0].series",
            "missing",
            'say which one in "series"',
        ),
        (
            {"monitor_artifacts": [{"as": "a"}]},
            "monitor_artifacts[0].artifact",
            "missing",
            'needs "artifact"',
        ),
        (
            {"monitor_artifacts": [{"artifact": "a", "as": "b/c"}]},
            "monitor_artifacts[0].as",
            "bad_name",
            "letters, digits",
        ),
        (
            {"monitor_models": [{"model": "*", "as": ".b"}]},
            "monitor_models[0].as",
            "bad_name",
            "begins with no dot",
        ),
    ],
)
def test_a_wrong_step_is_told_of(part: dict[str, Any], where: str, code: str, says: str) -> None:
    step = {"name": "step", "template": "sample/train", **part}
    document = {**GOOD, "steps": [GOOD["steps"][0], step], "outputs": {}}
    (problem,) = problems(document)
    assert (problem.where, problem.code) == (f"steps[1].{where}", code)
    assert problem.step == step["name"]
    assert says in problem.message


def test_a_required_parameter_must_be_given() -> None:
    document = {"schema": 1, "steps": [{"name": "load", "template": "load"}]}
    assert found(document) == [("steps[0].parameters.General/rows", "missing")]


def test_parameters_are_those_of_the_version_that_is_asked_for() -> None:
    step = {"name": "a", "template": "sample/train", "parameters": {"depth": 1}}
    assert found({"schema": 1, "steps": [step | {"version": 2}]}) == []
    assert found({"schema": 1, "steps": [step | {"version": 1}]}) == [
        ("steps[0].parameters.depth", "unknown_parameter"),
        ("steps[0].version", "newer_version"),
    ]


FORM = [{"name": "limit", "type": "integer"}]
ASKS = {"name": "ask", "kind": "approval", "approval": {"form": FORM}}


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ({}, []),
        ({"approval": None}, []),
        ({"approval": {"roles": ["boss"]}}, [("steps[0].approval.roles[0]", "bad_value")]),
        (
            {"approval": {"form": [{"name": "by"}]}},
            [("steps[0].approval.form[0].name", "bad_name")],
        ),
        (
            {"approval": {"form": [*FORM, *FORM]}},
            [("steps[0].approval.form[1].name", "duplicate_name")],
        ),
        ({"timeout": 3}, [("steps[0].timeout", "not_for_kind")]),
        ({"template": "load"}, [("steps[0].template", "not_for_kind")]),
    ],
)
def test_a_question_is_checked(said: dict[str, Any], places: list[tuple[str, str]]) -> None:
    assert found({"schema": 1, "steps": [ASKS | said]}) == places


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("ask.limit", ""),
        ("ask.approved", ""),
        ("ask.outputs.limits", "unknown_output"),
        ("ask.artifacts.table", "not_for_kind"),
        ("ask.status", ""),
    ],
)
def test_what_an_answer_gives_is_known(reference: str, code: str) -> None:
    document = {"schema": 1, "steps": [ASKS], "outputs": {"x": f"${{{reference}}}"}}
    assert [each.code for each in problems(document)] == ([code] if code else [])


def test_a_run_pauses_only_before_steps_that_there_are() -> None:
    document = {**GOOD, "run": {"pause_at": [GOOD["steps"][0]["name"], "nothing"]}}
    assert found(document) == [("run.pause_at[1]", "unknown_step")]


def test_a_step_says_only_what_its_kind_can_have() -> None:
    step = {"name": "a", "kind": "pipeline", "pipeline": "nightly", "template": "no such"}
    assert found({"schema": 1, "steps": [step]}) == [
        ("steps[0].template", "not_for_kind"),
        ("steps[0].pipeline", "unknown_pipeline"),
    ]
    assert ("steps[0].pipeline", "missing") in found(
        {"schema": 1, "steps": [{"name": "a", "kind": "pipeline"}]}
    )


def test_what_is_not_supported_is_checked_all_the_same() -> None:
    step = {
        "name": "a",
        "template": "work",
        "when": "2 ** 3",
        "for_each": {"list": "${no.x}", "max_parallel": 0},
        "loop": {"max": 2},
    }
    assert found({"schema": 1, "steps": [step]}) == [
        ("steps[0].for_each.max_parallel", "bad_value"),
        ("steps[0].loop", "not_supported"),
        ("steps[0].when", "bad_expression"),
        ("steps[0].for_each.list", "unknown_step"),
    ]


def test_a_circle_is_told_along_its_way_also_through_references() -> None:
    document = document_of({"a": "c", "b": "", "c": "b"})
    document["steps"][1]["queue"] = "${a.outputs.x}"
    (problem,) = problems(document)
    assert (problem.where, problem.step, problem.code) == ("steps[0].parents", "a", "cycle")
    assert problem.message.endswith('in a circle: "a" → "b" → "c" → "a"')


def test_every_circle_is_told_of() -> None:
    document = document_of({"a": "b", "b": "a", "c": "d", "d": "c", "e": "e", "f": "a"})
    assert found(document) == [(f"steps[{place}].parents", "cycle") for place in (0, 2, 4)]


def test_all_problems_come_at_once_in_the_order_of_the_document() -> None:
    document = {
        "schema": 2,
        "steps": [
            {"name": "a", "template": "no", "parents": ["zz"]},
            {"name": "a", "template": "work", "timeout": "x", "parameters": {"q": 1}},
        ],
        "outputs": {"o": "${"},
        "foo": 1,
    }
    assert [(problem.where, problem.step) for problem in problems(document)] == [
        ("foo", None),
        ("schema", None),
        ("steps[0].template", "a"),
        ("steps[0].parents[0]", "a"),
        ("steps[1].timeout", "a"),
        ("steps[1].name", "a"),
        ("outputs.o", None),
    ]


def test_each_template_is_asked_for_once() -> None:
    catalog = Templates()
    check(document_of(DIAMOND), catalog=catalog)
    assert catalog.asked == ["work"]


@pytest.mark.parametrize(
    ("caps", "says"),
    [
        (Caps(steps=3), "steps of a pipeline: 4 is more than the cap of 3"),
        (Caps(document_bytes=100), "bytes is more than the cap of 100 bytes"),
    ],
)
def test_beyond_a_cap_only_the_cap_is_told_of(caps: Caps, says: str) -> None:
    document = document_of(DIAMOND, foo=1)
    (problem,) = check(document, catalog=Templates(), caps=caps)
    assert problem.code == "cap_exceeded"
    assert says in problem.message


def test_a_document_nested_without_end_is_refused() -> None:
    deep: Any = "${a.x}"
    for _ in range(100):
        deep = [deep]
    step = {"name": "a", "template": "sample/train", "parameters": {"data": deep}}
    assert found({"schema": 1, "steps": [step]}) == [("steps[0].parameters", "cap_exceeded")]
    for _ in range(100_000):
        deep = [deep]
    assert found({"schema": 1, "steps": [], "x-deep": deep}) == [("", "cap_exceeded")]


def test_a_document_that_is_wrong_everywhere_gets_a_bounded_answer() -> None:
    steps = [{"name": f"s{n}", "nmae": 1, "parents": [f"t{n}"]} for n in range(2_000)]
    assert len(problems({"schema": 1, "steps": steps})) == 1_000


def chain(**of_group: Any) -> dict[str, Any]:
    """A group that is done for each item, with a step before and one after."""
    return {
        "schema": 1,
        "groups": [{"name": "fold", "for_each": {"list": "${load.parts}"}, **of_group}],
        "steps": [
            {"name": "load", "template": "work"},
            {"name": "clean", "template": "work", "group": "fold", "queue": "${item.queue}"},
            {"name": "train", "template": "work", "group": "fold", "queue": "${clean.queue}"},
            {"name": "report", "template": "work", "queue": "${train[*].queue}"},
        ],
    }


def test_a_group_that_is_done_for_each_item_has_nothing_wrong() -> None:
    assert found(chain()) == []


@pytest.mark.parametrize(
    ("place", "queue", "where", "code", "says"),
    [
        (3, "${train.queue}", "steps[3].queue", "is_a_fan_out", "[*] gives the list"),
        (2, "${clean[*].queue}", "steps[2].queue", "not_a_fan_out", "without [*]"),
        (3, "${item}", "steps[3].queue", "item_outside_fan_out", "in a group"),
    ],
)
def test_whether_one_or_all_are_meant_depends_on_who_asks(
    place: int, queue: str, where: str, code: str, says: str
) -> None:
    document = chain()
    document["steps"][place]["queue"] = queue
    (problem,) = problems(document)
    assert (problem.where, problem.code) == (where, code)
    assert says in problem.message
    if problem.fix:
        ((_, value),) = problem.fix.set
        document["steps"][place]["queue"] = value
        assert found(document) == []


@pytest.mark.parametrize(
    ("of_group", "where", "code"),
    [
        ({"name": "load"}, "groups[0].name", "duplicate_name"),
        ({"name": "a/b"}, "groups[0].name", "bad_name"),
        ({"for_each": {"list": "${no.x}"}}, "groups[0].for_each.list", "unknown_step"),
        ({"for_each": {"list": "${pipeline.no}"}}, "groups[0].for_each.list", "unknown_parameter"),
        ({"for_each": {"list": "${item}"}}, "groups[0].for_each.list", "item_outside_fan_out"),
    ],
)
def test_a_wrong_list_or_name_of_a_group_is_told_of(
    of_group: dict[str, Any], where: str, code: str
) -> None:
    assert (where, code) in found(chain(**of_group))


def test_a_circle_through_a_group_is_told_of() -> None:
    document = chain()
    document["steps"][2]["parents"] = ["between"]
    document["steps"].append({"name": "between", "template": "work", "queue": "${clean[*].queue}"})
    assert ("steps[1].parents", "cycle") in found(document)


def test_a_list_is_a_parameter_of_type_json() -> None:
    step = {"name": "a", "template": "work", "for_each": {"list": "${pipeline.names}"}}
    document = {"schema": 1, "parameters": [{"name": "names"}], "steps": [step]}
    assert found(document) == [("steps[0].for_each.list", "bad_value")]
    document["parameters"] = [{"name": "names", "type": "json"}]
    assert found(document) == []
