"""Makes a run with a wide fan-out whose first step fails: `python -m …wide_run SLUG ITEMS`.

A program of its own, because the database of a live stack is not that of the test process.
Prints the address of the run's page.
"""

import os
import sys
from typing import Any

import django


def document(items: int) -> dict[str, Any]:
    """Write it: load ─ fit 0, fit 1, … ─ join."""
    fits = [{"name": f"fit {i}", "template": "fails", "parents": ["load"]} for i in range(items)]
    join = {"name": "join", "template": "fails", "parents": [fit["name"] for fit in fits]}
    steps = [{"name": "load", "template": "fails"}, *fits, join]
    return {"schema": 1, "steps": steps}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pipelines_ui.settings")
    django.setup()
    from orchestrator.models import User
    from orchestrator.queries.runs import run_url
    from tests.makers import make_pipeline, make_project, make_run, make_template

    project = make_project(sys.argv[1], owner=User.objects.get(username="admin"))
    make_template(project, "fails", script="print('no data'); raise SystemExit(3)", actor="admin")
    pipeline = make_pipeline(project, "wide", document=document(int(sys.argv[2])), actor="admin")
    sys.stdout.write(run_url(make_run(pipeline, actor="admin")))


if __name__ == "__main__":
    main()
