"""A task's page: its parameters while it is a draft, and its verbs."""

from orchestrator.domain.states import Status
from orchestrator.models import Task
from tests.pages.world import World


def test_a_drafts_parameters_can_be_changed(world: World) -> None:
    client = world.client("ola")
    url = f"/tasks/{world.task.pk}/"
    answer = client.post(url, {"parameter.General/rows": "77"})
    assert answer["Location"] == url
    world.task.refresh_from_db()
    assert world.task.parameters["General/rows"] == 77
    wrong = client.post(url, {"parameter.General/rows": "many"})
    assert wrong.status_code == 422
    assert "needs a whole number" in wrong.content.decode()


def test_a_task_is_enqueued_taken_out_and_aborted(world: World) -> None:
    client = world.client("ola")
    for verb, status in (
        ("enqueue", Status.QUEUED),
        ("dequeue", Status.DRAFT),
        ("enqueue", Status.QUEUED),
        ("abort", Status.ABORTED),
        ("reset", Status.DRAFT),
    ):
        client.post(f"/tasks/{world.task.pk}/{verb}/")
        world.task.refresh_from_db()
        assert world.task.status == status, verb


def test_a_verb_that_is_not_possible_says_why(world: World) -> None:
    client = world.client("ola")
    answer = client.post(f"/tasks/{world.task.pk}/dequeue/", follow=True)
    assert "only a queued one can be dequeued" in answer.content.decode()
    assert client.post(f"/tasks/{world.task.pk}/explode/").status_code == 404


def test_a_task_is_made_from_a_template(world: World) -> None:
    answer = world.client("ola").post(f"/tasks/{world.template.pk}/clone/")
    made = Task.objects.order_by("-pk").first()
    assert made is not None
    assert answer["Location"] == f"/tasks/{made.pk}/"
    assert (made.is_template, made.status) == (False, Status.DRAFT)


def test_a_templates_task_page_is_the_templates(world: World) -> None:
    answer = world.client("vera").get(f"/tasks/{world.template.pk}/")
    assert answer["Location"] == "/templates/alpha/load/"


def test_a_viewer_sees_a_task_without_its_verbs(world: World) -> None:
    page = world.client("vera").get(f"/tasks/{world.task.pk}/").content.decode()
    assert "by itself" in page
    assert "/enqueue/" not in page
    answer = world.client("vera").post(f"/tasks/{world.task.pk}/", {"parameter.General/rows": "1"})
    assert answer.status_code == 403


def test_a_refresh_in_the_background_takes_no_messages_away(world: World) -> None:
    client = world.client("ola")
    client.post(f"/tasks/{world.task.pk}/dequeue/")
    refreshed = client.get("/tasks/", headers={"X-Fragment": "live"}).content.decode()
    assert "only a queued one" not in refreshed
    assert "only a queued one" in client.get(f"/tasks/{world.task.pk}/").content.decode()
