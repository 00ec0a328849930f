"""The sample project is seeded once, kept up to date, and never over people's work."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from orchestrator.actions.pipelines import save_draft
from orchestrator.actions.templates import save_template
from orchestrator.management.commands import seed_sample
from orchestrator.models import Membership, Pipeline, PipelineVersion, Project, Run, Task, User

OTHERS = "flaky-download v1, digits-data v1, digits-training v1"

pytestmark = pytest.mark.django_db


def seed(*arguments: str) -> str:
    output = io.StringIO()
    call_command("seed_sample", *arguments, stdout=output)
    return output.getvalue()


def numbers() -> dict[str, int]:
    found = PipelineVersion.objects.exclude(number=None).order_by("number")
    return {version.pipeline.slug: version.number or 0 for version in found}


def scripts() -> dict[str, int]:
    rows = Task.objects.filter(is_template=True).select_related("template_version")
    return {row.slug: row.template_version.number for row in rows if row.template_version}


def test_an_empty_installation_gets_project_templates_and_published_pipelines() -> None:
    assert seed() == f"Sample project ready: digits v1, {OTHERS}\n"
    owner = Membership.objects.get(project__slug="sample")
    assert (owner.user.username, owner.role) == ("admin", "admin")
    assert set(scripts().values()) == {1}
    assert scripts().keys() >= {"load", "train-softmax", "report", "download"}
    digits = Pipeline.objects.get(slug="digits").versions.get(number=1)
    assert digits.pins["load"]["version"] == 1
    load = Task.objects.get(slug="load")
    assert [spec["name"] for spec in load.specs] == [
        "General/source",
        "General/rows_fraction",
        "General/shuffle_labels",
        "General/seed",
    ]
    assert not Run.objects.exists()


def test_the_data_is_where_the_pipeline_looks_for_it() -> None:
    seed()
    document = Pipeline.objects.get(slug="digits").versions.get(number=1).document
    assert Path(document["parameters"][0]["default"]).is_file()


def test_seeding_twice_changes_nothing() -> None:
    seed()
    before = (numbers(), scripts(), User.objects.count())
    seed()
    assert (numbers(), scripts(), User.objects.count()) == before


def test_a_new_script_of_ours_makes_new_versions(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seed()
    changed = copy_of_sample(tmp_path)
    script = changed / "steps" / "load.py"
    script.write_text(script.read_text() + "# changed\n")
    monkeypatch.setattr(seed_sample, "FOLDER", changed)
    assert seed() == (
        "Sample project ready: digits v2, flaky-download v1, digits-data v2, digits-training v2\n"
    )
    assert scripts()["load"] == 2


def test_what_people_have_changed_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seed()
    pipeline = Pipeline.objects.get(slug="digits")
    edited: dict[str, Any] = {**pipeline.draft.document, "outputs": {}}
    revision = pipeline.draft.revision
    save_draft(actor="admin", pipeline=pipeline, document=edited, revision=revision)
    save_template(
        actor="admin",
        project=Project.objects.get(slug="sample"),
        slug="load",
        name="Load",
        kind="python",
        body={"script": "print('mine')\n"},
    )
    changed = copy_of_sample(tmp_path)
    script = changed / "steps" / "load.py"
    script.write_text(script.read_text() + "# changed\n")
    monkeypatch.setattr(seed_sample, "FOLDER", changed)
    seed()
    load = Task.objects.get(slug="load")
    assert load.definition is not None
    assert load.definition.body["script"] == "print('mine')\n"
    assert Pipeline.objects.get(slug="digits").draft.document.get("outputs", {}) == {}
    assert numbers()["digits"] == 1


def test_somebody_else_can_own_the_sample() -> None:
    seed("--user", "ada")
    assert Membership.objects.get(project__slug="sample").user.username == "ada"


def copy_of_sample(folder: Path) -> Path:
    import shutil

    return Path(shutil.copytree(seed_sample.FOLDER, folder / "sample"))
