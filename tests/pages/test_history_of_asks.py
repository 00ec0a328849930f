"""The history of a run says who asked what, and what was refused and why."""

from __future__ import annotations

import pytest
from django.test import Client

from orchestrator.actions.runs import abort_steps
from orchestrator.controller import advance
from orchestrator.queries.asks import what_was_asked
from tests.makers import make_pipeline, make_project, make_run

pytestmark = pytest.mark.django_db

SENTENCES = [
    ("abort", {}, "asked the run to end"),
    ("abort", {"steps": ["a"]}, 'asked "a" to end'),
    ("rerun", {"way": "failed", "steps": ["a"]}, "asked for new attempts of what failed"),
    (
        "rerun",
        {"way": "from", "steps": ["a", "b", "c"], "count": 9},
        'asked for new attempts of "a", "b", "c" and 6 more and what follows',
    ),
    ("skip", {"steps": ["a"], "reason": "known"}, 'asked to skip "a": known'),
    ("complete", {"steps": ["a"]}, 'asked to complete "a" by hand'),
    ("approve", {"steps": ["a"], "comment": "fine"}, 'asked to approve "a": fine'),
    ("pause", {}, "asked the run to pause"),
    ("pause_at", {"steps": ["a"]}, 'asked to pause before "a"'),
    ("pause_at", {}, "asked to pause before no step any more"),
]


@pytest.mark.parametrize(("verb", "detail", "sentence"), SENTENCES)
def test_every_verb_has_a_sentence(verb: str, detail: dict[str, object], sentence: str) -> None:
    assert what_was_asked(verb, detail) == sentence


def test_who_asked_and_what_came_of_it_stand_on_the_page(broker: object) -> None:
    run = make_run(make_pipeline(make_project()))
    advance(run.pk)
    abort_steps(actor="ben", run=run, steps=["second"])
    abort_steps(actor="ben", run=run, steps=["first"])
    advance(run.pk)
    client = Client()
    assert client.login(username="ada", password="a long password")
    page = client.get(f"/runs/alpha/chain/{run.number}/?tab=history").content.decode()
    shown = page.partition("Who asked what")[2]
    assert "asked &quot;first&quot; to end" in shown
    assert "1 aborted, 1 skipped" in shown
    assert "refused: step &quot;second&quot; has not started" in shown
