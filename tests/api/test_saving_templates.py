"""Templates: each change is a version, and what cannot be executed is refused when saved."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.actions.templates import save_template
from orchestrator.domain.errors import Invalid
from orchestrator.models import Project, Task
from tests.makers import make_project, make_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


def test_saving_a_change_makes_the_next_version_and_leaves_the_earlier(project: Project) -> None:
    first = make_template(project, script="print(1)")
    second = make_template(project, script="print(2)")
    assert (first.number, second.number) == (1, 2)
    first.refresh_from_db()
    assert first.definition.body == {"script": "print(1)"}
    template = Task.objects.get(is_template=True)
    assert template.template_version == second
    assert template.definition == second.definition


def test_saving_the_same_again_gives_the_same_version(project: Project) -> None:
    assert make_template(project) == make_template(project)


def test_two_templates_with_the_same_code_share_it(project: Project) -> None:
    assert make_template(project, "one").definition == make_template(project, "two").definition


def test_a_bare_parameter_name_gets_its_section(project: Project) -> None:
    version = make_template(project, parameters=[{"name": "rows", "type": "integer"}])
    assert [spec["name"] for spec in version.specs] == ["General/rows"]


def test_one_parameter_under_two_spellings_is_refused(project: Project) -> None:
    with pytest.raises(Invalid, match="twice"):
        make_template(project, parameters=[{"name": "rows"}, {"name": "General/rows"}])


@pytest.mark.parametrize(
    ("kind", "body", "where", "code"),
    [
        ("python", {}, "script", "missing"),
        ("python", {"script": "def ("}, "script", "bad_value"),
        ("python", {"script": "x = 1\0"}, "script", "bad_value"),
        ("python", {"script": "1", "extra": 1}, "extra", "unknown_key"),
        ("python", {"script": "1", "requirements": ["-e ."]}, "requirements", "bad_value"),
        ("python", {"script": "1", "requirements": ["a\nb"]}, "requirements", "bad_value"),
        ("python", {"script": "1", "requirements": "numpy"}, "requirements", "bad_value"),
        ("command", {"argv": []}, "argv", "missing"),
        ("command", {"argv": "ls -l"}, "argv", "bad_value"),
        ("command", {"argv": ["ls", 1]}, "argv", "bad_value"),
        ("function", {"source": "def f(): ...", "name": "f()"}, "name", "bad_value"),
        ("magic", {}, "kind", "bad_value"),
    ],
)
def test_what_cannot_be_executed_is_refused_by_name(
    project: Project, kind: str, body: dict[str, Any], where: str, code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        save_template(
            actor="ada", project=project, slug="x", name="x", kind=kind, body=body, specs=[]
        )
    assert (caught.value.problems[0].where, caught.value.problems[0].code) == (where, code)
    assert not Task.objects.exists()


def test_an_unknown_queue_is_refused(project: Project) -> None:
    with pytest.raises(Invalid, match="nowhere"):
        save_template(
            actor="ada",
            project=project,
            slug="x",
            name="x",
            kind="command",
            body={"argv": ["true"]},
            specs=[],
            queue="nowhere",
        )
