"""A queue is paused, what waits is moved to the front, an agent drained; then all go on."""

import re

from playwright.sync_api import Page, expect

from tests.live_stack import LiveStack

ENQUEUE = """
from orchestrator.actions.tasks import clone_task, enqueue_task
from orchestrator.models import Task
template = Task.objects.filter(project__slug="sample", is_template=True).first()
for name in ("first in line", "second in line", "third in line"):
    enqueue_task(actor="admin", task=clone_task(actor="admin", task=template, name=name))
"""


def test_what_waits_is_moved_to_the_front_paused_and_drained(
    page: Page, sample: str, live_stack: LiveStack
) -> None:
    page.goto("/queues/default/")
    page.get_by_role("button", name=re.compile("Pause.*default")).click()
    expect(page.get_by_text("Paused: nothing more starts here")).to_be_visible()

    live_stack.manage("shell", "-v0", "-c", ENQUEUE)
    rows = page.get_by_role("row").filter(has_text="in line")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("first in line")
    # With the keyboard alone.
    page.get_by_role("button", name=re.compile("To front.*third in line")).focus()
    page.keyboard.press("Enter")
    expect(rows.first).to_contain_text("third in line")
    expect(rows.first).to_contain_text("1")
    priority = page.get_by_role("spinbutton", name="Priority of second in line")
    priority.fill("900")
    priority.press("Enter")
    expect(rows.first).to_contain_text("second in line")

    page.goto("/queues/")
    agent = page.get_by_role("article", name=re.compile("^Agent .*default$"))
    agent.get_by_role("button", name=re.compile("^Drain")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Drain")).click()
    expect(agent).to_contain_text("drained, idle")
    queue = page.get_by_role("article", name="Queue default")
    expect(queue.get_by_role("listitem")).to_have_count(3)
    queue.get_by_role("button", name=re.compile("Resume.*default")).click()
    expect(queue).to_contain_text("All agents that serve this queue are draining")

    page.evaluate("window.loadedOnce = true")
    agent.get_by_role("button", name=re.compile("^Take tasks again")).click()
    expect(queue).to_contain_text("Served by")
    expect(queue.get_by_role("listitem")).to_have_count(0)
    expect(queue).to_contain_text("0 waiting")
