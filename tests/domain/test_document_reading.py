"""What a document says: graph, defaults, canonical form, hash, pins, renaming."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.domain.document import (
    canonical_json,
    content_hash,
    graph_of,
    implied_parents,
    normalise,
    rename_step,
)
from orchestrator.domain.errors import BadName, Conflict, Invalid, NotFound
from orchestrator.domain.graph import Kind, Retries, Trigger
from tests.graphs import CHAIN, DIAMOND, document_of


def document(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    named = [{"name": f"s{place}", "template": "work", **step} for place, step in enumerate(steps)]
    return {"schema": 1, "steps": named, **more}


def test_references_add_the_parents_they_need() -> None:
    graph = graph_of(
        document(
            {},
            {"queue": "${s0.name}"},
            {"parents": ["s0"], "parameters": {"a": ["${s1.x} ${pipeline.rows} ${s0.y}"]}},
        )
    )
    assert graph.parents == ((), (0,), (0, 1))


def test_implied_parents_come_from_every_value_that_may_refer() -> None:
    step = {
        "parameters": {"a": "${p.x}"},
        "queue": "${q.x}",
        "when": "${w.x} == 1",
        "for_each": {"list": "${f.x}"},
        "comment": "${c.x}",
    }
    assert implied_parents(step) == ("p", "q", "w", "f")


def test_a_node_carries_what_its_step_says() -> None:
    step = {
        "name": "train",
        "template": "sample/train",
        "version": 3,
        "parameters": {"depth": 3, "Args/rate": 0.1},
        "queue": "gpu",
        "priority": 5,
        "retries": {"number": 2, "delay": 1, "on": ["crashed"]},
        "timeout": 60,
        "grace": 3,
        "trigger": "all_done",
        "may_fail": True,
        "group": "g",
        "tags": ["t"],
        "comment": "c",
    }
    (node,) = graph_of(document(step)).nodes
    assert (node.kind, node.template, node.version) == (Kind.TASK, "sample/train", 3)
    assert node.parameters == {"General/depth": 3, "Args/rate": 0.1}
    assert node.retries == Retries(number=2, delay=1, on=("crashed",))
    assert (node.queue, node.priority, node.timeout, node.grace) == ("gpu", 5, 60, 3)
    assert (node.trigger, node.may_fail) == (Trigger.ALL_DONE, True)
    assert (node.group, node.tags, node.comment) == ("g", ("t",), "c")


def test_defaults_hold_where_a_step_says_nothing() -> None:
    defaults = {"queue": "slow", "timeout": 9, "retries": {"number": 1, "delay": 5}}
    graph = graph_of(
        document(
            {},
            {"queue": "fast", "timeout": 1, "retries": {"number": 3, "delay": None}},
            {"queue": None, "retries": {"number": 0}},
            defaults=defaults,
        )
    )
    assert [node.queue for node in graph.nodes] == ["slow", "fast", "slow"]
    assert [node.timeout for node in graph.nodes] == [9, 1, 9]
    assert [node.retries.number for node in graph.nodes] == [1, 3, 0]
    assert graph.nodes[0].retries.delay == graph.nodes[2].retries.delay == 5


def test_without_defaults_nothing_is_retried_but_crashes() -> None:
    (node,) = graph_of(document({})).nodes
    assert (node.retries.number, node.retries.on) == (0, ("failed", "crashed"))
    assert (node.queue, node.timeout, node.trigger) == (None, None, Trigger.ALL_SUCCEEDED)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (document_of({"a": "b", "b": "a"}), "cycle"),
        (document_of({"a": "zz"}), "unknown_step"),
        (document({"parameters": {"x": "${"}}), "bad_reference"),
    ],
)
def test_no_graph_is_made_of_a_document_that_has_none(bad: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        graph_of(bad)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_normalising_leaves_out_what_goes_without_saying() -> None:
    said = document(
        {
            "kind": "task",
            "parents": [],
            "priority": 0,
            "may_fail": False,
            "queue": None,
            "trigger": "all_succeeded",
            "parameters": {"depth": None, "Args/x": 1},
            "retries": {"number": 0, "delay": 2},
            "comment": "",
            "x-mine": None,
        },
        {"parents": ["s0", "s0"], "tags": ["a", "a"], "parameters": {}},
        parameters=[{"name": "rows", "type": "string", "default": None, "required": False}],
        outputs={"a": None},
        groups=[],
        run={},
    )
    assert normalise(said) == document(
        {
            "parameters": {"General/depth": None, "Args/x": 1},
            "retries": {"delay": 2},
            "x-mine": None,
        },
        {"parents": ["s0"], "tags": ["a"]},
        parameters=[{"name": "rows"}],
        outputs={"a": None},
    )
    assert normalise(normalise(said)) == normalise(said)


def test_canonical_json_is_the_same_for_equal_values() -> None:
    assert canonical_json({"b": 1, "a": ["ü", None]}) == '{"a":["ü",null],"b":1}'
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json(float("nan"))


SAME = [
    {"layout": {"s0": [1, 2]}},
    {"notes": [{"text": "look"}]},
    {"tags": []},
    {"defaults": {}},
]
DIFFERENT = [
    {"tags": ["a"]},
    {"x-mine": 1},
    {"outputs": {"a": 1}},
    {"defaults": {"queue": "q"}},
    {"parameters": [{"name": "rows"}]},
]


@pytest.mark.parametrize("more", SAME)
def test_the_hash_does_not_see_what_does_not_matter(more: dict[str, Any]) -> None:
    assert content_hash(document({"parameters": {"a": 1}}, **more)) == content_hash(
        document({"parameters": {"General/a": 1}, "priority": 0})
    )


@pytest.mark.parametrize("more", DIFFERENT)
def test_the_hash_sees_what_matters(more: dict[str, Any]) -> None:
    assert content_hash(document({}, **more)) != content_hash(document({}))


def test_the_hash_does_not_see_the_order_of_keys() -> None:
    said = document({"queue": "a", "timeout": 3})
    assert content_hash(json.loads(canonical_json(said))) == content_hash(said)
    assert len(content_hash(said)) == 64


def test_renaming_a_step_changes_its_name_wherever_it_stands() -> None:
    said = document(
        {},
        {
            "parents": ["s0"],
            "parameters": {"a": "${s0.x} s0", "b": ["${s1.y}"]},
            "queue": "${s0.queue}",
            "when": "${s0.x} == 's0'",
            "for_each": {"list": "${s0.list}"},
            "comment": "after ${s0.x}",
        },
        outputs={"o": "${s0[*].x}"},
        layout={"s0": [1, 2], "s1": [3, 4]},
        run={"pause_at": ["s0"], "concurrency": {"key": "${s0.x}"}},
    )
    kept = json.dumps(said)
    renamed = rename_step(said, "s0", "new one")
    assert json.dumps(said) == kept
    assert renamed["steps"][0]["name"] == "new one"
    assert renamed["steps"][1] == {
        "name": "s1",
        "template": "work",
        "parents": ["new one"],
        "parameters": {"a": "${`new one`.x} s0", "b": ["${s1.y}"]},
        "queue": "${`new one`.queue}",
        "when": "${`new one`.x} == 's0'",
        "for_each": {"list": "${`new one`.list}"},
        "comment": "after ${s0.x}",
    }
    assert renamed["outputs"] == {"o": "${`new one`[*].x}"}
    assert renamed["layout"] == {"new one": [1, 2], "s1": [3, 4]}
    assert renamed["run"] == {"pause_at": ["new one"], "concurrency": {"key": "${`new one`.x}"}}


def test_renaming_there_and_back_changes_nothing() -> None:
    said = document_of(DIAMOND, outputs={"o": "${left.x}"})
    assert rename_step(rename_step(said, "left", "l"), "l", "left") == said
    assert rename_step(said, "left", "left") == said


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [("zz", "a", NotFound), ("load", "clean", Conflict), ("load", "a/b", BadName)],
)
def test_a_step_cannot_be_renamed_so(old: str, new: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        rename_step(document_of(CHAIN), old, new)
