"""Callbacks in a script: only a version that the script drives may have them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from orchestrator.domain.document import TemplateInfo, check, normalise, up_to
from orchestrator.domain.document.reading import graph_of
from orchestrator.domain.errors import Gone, Problem
from tests.catalogs import NoPipelines

SCRIPT = {"kind": "script"}
PYTHON = {"kind": "python", "code": "def hook(event):\n    return None\n"}


class Templates(NoPipelines):
    def template(self, name: str) -> TemplateInfo | None:
        return TemplateInfo() if name == "work" else None

    def names(self) -> Collection[str]:
        return ["work"]


def document(of_run: Any = None, of_step: Any = None) -> dict[str, Any]:
    step: dict[str, Any] = {"name": "first", "template": "work"}
    return {
        "schema": 1,
        "steps": [step | ({"hooks": of_step} if of_step else {})],
        **({"hooks": of_run} if of_run else {}),
    }


def problems(document: Any, *, driven: bool) -> list[Problem]:
    return check(document, catalog=Templates(), driven=driven)


@pytest.mark.parametrize("event", ["pre", "post", "status"])
def test_a_step_may_call_the_script_that_drives_its_run(event: str) -> None:
    asked = document(of_step={event: [{**SCRIPT, "timeout": 60}, PYTHON]})
    assert problems(asked, driven=True) == []
    (problem,) = problems(asked, driven=False)
    assert (problem.where, problem.code) == (f"steps[0].hooks.{event}[0]", "needs_script")
    assert "lives in the Python script" in problem.message
    assert problem.fix
    assert problem.fix.set == ((("steps", 0, "hooks", event), [PYTHON]),)


@pytest.mark.parametrize("event", ["created", "completed", "status"])
def test_a_run_may_call_the_script_that_drives_it(event: str) -> None:
    asked = document(of_run={event: [SCRIPT]})
    assert problems(asked, driven=True) == []
    (problem,) = problems(asked, driven=False)
    assert (problem.where, problem.code) == (f"hooks.{event}[0]", "needs_script")
    assert problem.fix
    assert problem.fix.label == f"Remove the script's {event} callback"
    assert problem.fix.set == ((("hooks", event), Gone),)


@pytest.mark.parametrize(
    ("of_run", "of_step", "where", "code"),
    [
        ({"ended": [SCRIPT]}, None, "hooks.ended[0]", "not_supported"),
        (None, {"pre": [SCRIPT, SCRIPT]}, "steps[0].hooks.pre[1]", "bad_value"),
        (None, {"pre": [{**SCRIPT, "code": "x"}]}, "steps[0].hooks.pre[0].code", "not_for_kind"),
        (
            {"created": [{**SCRIPT, "url": "http://x"}]},
            None,
            "hooks.created[0].url",
            "not_for_kind",
        ),
    ],
)
def test_what_a_script_cannot_be_asked(of_run: Any, of_step: Any, where: str, code: str) -> None:
    found = problems(document(of_run, of_step), driven=True)
    assert [(one.where, one.code) for one in found] == [(where, code)]


def test_a_part_runs_without_its_script() -> None:
    asked = document({"created": [SCRIPT]}, {"pre": [SCRIPT, PYTHON]})
    part = up_to(asked, ["first"])
    assert problems(part, driven=False) == []
    assert part["steps"][0]["hooks"] == {"pre": [PYTHON]}
    assert asked["steps"][0]["hooks"] == {"pre": [SCRIPT, PYTHON]}


@pytest.mark.parametrize(
    ("of_run", "of_step", "asks"),
    [
        (None, None, False),
        ({"created": [PYTHON]}, {"pre": [PYTHON]}, False),
        ({"created": [SCRIPT]}, None, True),
        (None, {"status": [SCRIPT]}, True),
    ],
)
def test_a_graph_knows_whether_a_script_is_asked(of_run: Any, of_step: Any, asks: bool) -> None:
    assert graph_of(normalise(document(of_run, of_step))).calls_script is asks
