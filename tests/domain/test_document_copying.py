"""A document that is taken along still means the same templates."""

from typing import Any

from orchestrator.domain.document.copying import copied

DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "parameters": [{"name": "rows", "type": "integer", "default": 5}, {"name": "seed"}],
    "steps": [
        {"name": "load", "template": "load"},
        {"name": "train", "template": "shared/train", "parents": ["load"]},
        {"name": "nest", "kind": "pipeline", "pipeline": "other"},
    ],
    "layout": {"load": [10, 20]},
}


def test_in_its_own_project_nothing_is_renamed() -> None:
    assert copied(DOCUMENT, project="alpha", into="alpha") == DOCUMENT


def test_short_names_get_the_project_that_they_came_from() -> None:
    taken = copied(DOCUMENT, project="alpha", into="beta")
    assert [step.get("template") for step in taken["steps"]] == ["alpha/load", "shared/train", None]
    assert taken["steps"][2]["pipeline"] == "alpha/other"
    assert taken["layout"] == DOCUMENT["layout"]
    assert DOCUMENT["steps"][0] == {"name": "load", "template": "load"}


def test_the_values_of_a_run_become_defaults() -> None:
    taken = copied(DOCUMENT, project="alpha", into="alpha", values={"rows": 9, "gone": 1})
    assert taken["parameters"] == [
        {"name": "rows", "type": "integer", "default": 9},
        {"name": "seed"},
    ]


def test_what_is_no_document_stays_what_it_is() -> None:
    for steps in (None, "none", [3, None]):
        assert copied(
            {"steps": steps, "parameters": 3}, project="a", into="b", values={"x": 1}
        ) == {
            "steps": steps,
            "parameters": 3,
        }
