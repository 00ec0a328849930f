"""What people call things is text on every page, never markup."""

from orchestrator.actions.pipelines import create_pipeline, publish
from orchestrator.actions.projects import create_project
from orchestrator.actions.runs import start_run
from orchestrator.actions.tasks import clone_task
from orchestrator.actions.templates import save_template
from orchestrator.models import Task
from tests.pages.world import World

EVIL = "<img src=x onerror=alert(1)>"
EVIL_JSON = "</script><script>alert(1)</script>"
SEEN = "&lt;img src=x onerror=alert(1)&gt;"


def test_a_name_of_markup_comes_out_as_text(world: World) -> None:
    project = create_project(actor="ada", slug="evil", name=EVIL, description=EVIL)
    save_template(
        actor="ada",
        project=project,
        slug="bad",
        name=EVIL,
        kind="python",
        body={"script": f"# {EVIL}\nprint('{EVIL}')\n"},
        specs=[{"name": "rows", "type": "string", "default": EVIL, "help": EVIL}],
        note=EVIL,
        tags=[EVIL],
        comment=EVIL,
    )
    document = {
        "schema": 1,
        "parameters": [{"name": "rows", "type": "string", "default": EVIL, "help": EVIL}],
        "steps": [{"name": "one", "template": "bad", "comment": EVIL + EVIL_JSON}],
    }
    pipeline = create_pipeline(
        actor="ada", project=project, slug="bad", name=EVIL, document=document, description=EVIL
    )
    publish(actor="ada", pipeline=pipeline, note=EVIL)
    start_run(actor="ada", pipeline=pipeline, parameters={}, name=EVIL)
    task = clone_task(actor="ada", task=Task.objects.get(slug="bad"), name=EVIL)
    client = world.client("ada")
    for url in (
        "/pipelines/",
        "/pipelines/evil/bad/",
        "/pipelines/evil/bad/?version=draft",
        "/pipelines/evil/bad/run/",
        "/pipelines/evil/bad/document/",
        "/runs/",
        "/templates/",
        "/templates/evil/bad/",
        "/templates/evil/bad/edit/",
        "/tasks/",
        f"/tasks/{task.pk}/",
        "/projects/",
        "/projects/evil/",
    ):
        page = client.get(url).content.decode()
        assert EVIL not in page, url
        assert "<script>alert" not in page, url
        assert SEEN in page, url
