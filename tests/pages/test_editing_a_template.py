"""The template's form: code, rows of parameters, versions."""

import re
from typing import Any

from django.test import Client

from orchestrator.models import Task, TemplateVersion
from tests.pages.world import World

NEW = "/templates/new/"
CODE = (
    "from pipelines import Task\r\n\r\n"
    'settings = Task.current_task().connect({"rows": 5, "title": "x"})\r\n'
)


def fields(**changes: str) -> dict[str, str]:
    return {
        "project": "alpha",
        "name": "Clean rows",
        "slug": "",
        "kind": "python",
        "queue": "default",
        "code": CODE,
        "tags": "data, fast",
        "comment": "Takes the bad ones out",
        "note": "first",
        **changes,
    }


def row(place: int, name: str, kind: str, default: str = "", **more: str) -> dict[str, str]:
    given = {"name": name, "type": kind, "default": default, **more}
    return {f"spec-{place}-{key}": value for key, value in given.items()}


def saved(slug: str = "clean-rows") -> TemplateVersion:
    template = Task.objects.get(slug=slug, is_template=True)
    return template.versions.select_related("definition", "template").latest("number")


def test_what_is_written_is_saved_as_the_first_version(world: World) -> None:
    rows = {
        **row(0, "rows", "integer", "5", minimum="1", maximum="9", help="How many"),
        **row(1, "Model/kind", "choice", "tree", choices="tree, line"),
        **row(2, "shuffle", "boolean", "yes", required="yes"),
        **row(5, "", "string", "left out"),
    }
    answer = world.client("ada").post(NEW, fields(**rows))
    assert answer["Location"] == "/templates/alpha/clean-rows/"
    version = saved()
    assert version.number == 1
    assert version.definition.body == {"script": CODE.replace("\r\n", "\n")}
    assert [(spec["name"], spec["type"], spec.get("default")) for spec in version.specs] == [
        ("General/rows", "integer", 5),
        ("Model/kind", "choice", "tree"),
        ("General/shuffle", "boolean", True),
    ]
    assert version.specs[0]["minimum"] == 1
    assert version.specs[1]["choices"] == ["tree", "line"]
    assert version.specs[2]["required"] is True
    assert version.template.tags == ["data", "fast"]
    assert version.template.comment == "Takes the bad ones out"


def test_requirements_are_kept_shown_and_not_lost_by_the_next_change(world: World) -> None:
    client = world.client("ada")
    client.post(NEW, fields(requirements=" numpy>=1,<3\r\n\r\npolars \r\n"))
    assert saved().definition.body["requirements"] == ["numpy>=1,<3", "polars"]
    page = client.get("/templates/alpha/clean-rows/").content.decode()
    assert "<code>numpy&gt;=1,&lt;3</code>" in page
    form = client.get("/templates/alpha/clean-rows/edit/").content.decode()
    assert re.search(
        r"<textarea id=\"requirements\"[^>]*>numpy&gt;=1,&lt;3\npolars</textarea>", form
    )


def test_an_option_in_the_place_of_a_package_is_refused(world: World) -> None:
    answer = world.client("ada").post(NEW, fields(requirements="--index-url=http://x"))
    assert answer.status_code == 422
    assert "is not a package and its version" in answer.content.decode()


def test_requirements_are_read_from_the_code(world: World) -> None:
    code = '# /// script\r\n# dependencies = ["polars"]\r\n# ///\r\n' + CODE
    answer = world.client("ada").post(NEW, fields(code=code, read="yes"))
    assert ">polars</textarea>" in answer.content.decode()


def test_a_change_is_the_next_version_and_no_change_is_none(world: World) -> None:
    client = world.client("ada")
    client.post(NEW, fields())
    url = "/templates/alpha/clean-rows/edit/"
    client.post(url, fields())
    assert saved().number == 1
    client.post(url, fields(code="print(1)\n", note="simpler"))
    assert (saved().number, saved().note) == (2, "simpler")


def test_code_that_is_not_python_is_refused_and_kept(world: World) -> None:
    answer = world.client("ada").post(NEW, fields(code="def (:\n"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "not Python" in page
    assert "def (:" in page
    assert not Task.objects.filter(slug="clean-rows").exists()


def test_each_wrong_row_is_told_of(world: World) -> None:
    rows = {
        **row(0, "rows", "integer", "many"),
        **row(1, "fine", "string", "x"),
    }
    answer = world.client("ada").post(NEW, fields(**rows))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "needs a whole number" in page
    assert 'value="fine"' in page
    assert page.count("spec-error") == 1


def test_bounds_that_cross_are_refused(world: World) -> None:
    rows = row(0, "rows", "integer", "", minimum="9", maximum="1")
    page = world.client("ada").post(NEW, fields(**rows)).content.decode()
    assert "minimum is above maximum" in page


def test_a_name_that_is_taken_is_refused(world: World) -> None:
    answer = world.client("ada").post(NEW, fields(slug="load"))
    assert answer.status_code == 422
    assert "already" in answer.content.decode()
    assert saved("load").number == 1


def test_parameters_are_read_from_the_code_without_saving(world: World) -> None:
    page = world.client("ada").post(NEW, fields(read="yes")).content.decode()
    assert re.search(r'name="spec-0-name" value="(General/)?rows"', page)
    assert re.search(r'name="spec-1-name" value="(General/)?title"', page)
    assert not Task.objects.filter(slug="clean-rows").exists()


def test_a_command_is_kept_as_its_words(world: World) -> None:
    command = fields(kind="command", code="sort -n '{General/file name}'")
    world.client("ada").post(NEW, command)
    assert saved().definition.body == {"argv": ["sort", "-n", "{General/file name}"]}
    page = world.client("ada").get("/templates/alpha/clean-rows/edit/").content.decode()
    assert "sort -n &#x27;{General/file name}&#x27;" in page


def test_a_function_needs_its_name(world: World) -> None:
    code = "def clean(rows):\n    return rows\n"
    answer = world.client("ada").post(NEW, fields(kind="function", code=code))
    assert answer.status_code == 422
    assert 'id="function-error"' in answer.content.decode()
    world.client("ada").post(NEW, fields(kind="function", code=code, function="clean"))
    assert saved().definition.body["name"] == "clean"


def test_a_template_is_made_where_one_may_edit(world: World) -> None:
    for name, code in (("vera", 403), ("ola", 403), ("sam", 404)):
        assert world.client(name).post(NEW, fields()).status_code == code
    assert not Task.objects.filter(slug="clean-rows").exists()


def test_two_versions_can_be_compared(world: World) -> None:
    client = world.client("ada")
    client.post(NEW, fields(code="first = 1\nsame = 0\n"))
    client.post("/templates/alpha/clean-rows/edit/", fields(code="second = 2\nsame = 0\n"))
    page = client.get("/templates/alpha/clean-rows/compare/?from=1&to=2").content.decode()
    assert 'data-kind="removed"' in page
    assert "first = 1" in page
    assert 'data-kind="added"' in page
    assert "second = 2" in page
    assert client.get("/templates/alpha/clean-rows/compare/?from=x").status_code == 404


def test_an_earlier_version_can_be_looked_at(world: World) -> None:
    client = world.client("ada")
    client.post(NEW, fields(code="first = 1\n"))
    client.post("/templates/alpha/clean-rows/edit/", fields(code="second = 2\n"))
    page = shown(client, "?version=1")
    assert "first" in page
    assert "earlier version" in page
    assert client.get("/templates/alpha/clean-rows/?version=9").status_code == 404


def shown(client: Client, query: str) -> Any:
    return client.get(f"/templates/alpha/clean-rows/{query}").content.decode()


def test_a_template_says_where_it_is_used(world: World) -> None:
    client = world.client("ada")
    page = client.get("/templates/alpha/load/").content.decode()
    assert "/pipelines/alpha/chain/" in page
    assert "newer available" not in page
    client.post("/templates/alpha/load/edit/", fields(name="Load", code="print(2)\n"))
    assert "newer available" in client.get("/templates/alpha/load/").content.decode()
