"""Writes changes into a run at a chosen rate: `python -m bench.browser.feeder RUN RATE SECONDS`.

An engine that is measured for its speed cannot also be the steady source of 200 changes a second;
so this one commits rows and changes as a turn does, and pokes as a turn does. Nothing else in the
run moves: its first steps wait in a queue that nobody serves.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime
from uuid import UUID

COMMITS_A_SECOND = 40


def feed(run_id: UUID, rate: int, seconds: float) -> int:
    """Let random steps start and end; the answer is how many changes were committed."""
    from orchestrator.models import Run

    total = Run.objects.values_list("steps_total", flat=True).get(pk=run_id)
    chance = random.Random(1)
    each = max(1, round(rate / COMMITS_A_SECOND))
    began, told = time.monotonic(), 0
    while (now := time.monotonic() - began) < seconds:
        if told < now * rate:
            _commit(run_id, [chance.randrange(total) for _ in range(each)], chance)
            told += each
        else:
            time.sleep(0.002)
    return told


def _commit(run_id: UUID, steps: list[int], chance: random.Random) -> None:
    from django.db import transaction

    from orchestrator import announce
    from orchestrator.models import Change, Run, Step

    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).get(pk=run_id)
        changes = []
        now = datetime.now(UTC)
        for place, index in enumerate(steps, start=1):
            status = chance.choice(("running", "completed", "running", "failed"))
            Step.objects.filter(run=run, index=index).update(status=status, started_at=now)
            data = {
                "step": index,
                "status": status,
                "reason": "",
                "attempt": 1,
                "started_at": now.isoformat(),
                "ended_at": None if status == "running" else now.isoformat(),
            }
            number = run.last_change + place
            changes.append(Change(run=run, number=number, kind="step_status", data=data, at=now))
        # The moment that is measured from: just before the commit.
        committed = datetime.now(UTC)
        for change in changes:
            change.at = committed
        Change.objects.bulk_create(changes)
        Run.objects.filter(pk=run_id).update(last_change=run.last_change + len(steps))
        announce.poke(f"run:{run_id}")


def main() -> None:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pipelines_ui.settings")
    django.setup()
    run, rate, seconds = sys.argv[1:]
    sys.stdout.write(f"{feed(UUID(run), int(rate), float(seconds))}\n")


if __name__ == "__main__":
    main()
