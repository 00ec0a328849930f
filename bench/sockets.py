"""Many browsers on one busy run: the web process' memory, and how late its changes arrive.

    python -m bench.sockets [SOCKETS] [SECONDS]

Starts the embedded stack in a folder of its own. A writer commits 20 batches of ten changes a
second and pokes, as turns do; the delay is from just before a commit to the frame in a client.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

from tests.live_stack import LiveStack

MAKE = """
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from orchestrator.models import Pipeline, User
from orchestrator.actions.runs import start_run
user = User.objects.get(username="admin")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
from orchestrator.models import Line
Line.objects.update(paused=True)
run = start_run(actor="admin", pipeline=Pipeline.objects.get(slug="digits"), parameters={})
print("made", session.session_key, run.pk)
"""
WRITE = """
import time
from django.db import transaction
from django.utils import timezone
from orchestrator import announce
from orchestrator.models import Change, Run
run, ends = Run.objects.get(pk="{run}"), time.monotonic() + {seconds}
n = 0
while time.monotonic() < ends:
    began = time.monotonic()
    with transaction.atomic():
        number = Run.objects.values_list("last_change", flat=True).get(pk=run.pk)
        now = timezone.now()
        Change.objects.bulk_create(
            Change(run=run, number=number + 1 + i, kind="progress", at=now,
                   data=dict(step=i, value=(n % 100) / 100))
            for i in range(10)
        )
        Run.objects.filter(pk=run.pk).update(last_change=number + 10)
        announce.poke(f"run:{{run.pk}}")
    n += 1
    time.sleep(max(0, 0.05 - (time.monotonic() - began)))
print("batches", n)
"""


def memory(pid: int) -> float:
    """Proportional memory of a process, in MiB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


async def watch(address: str, cookie: str, topic: str, delays: list[float]) -> None:
    headers = {"Cookie": f"sessionid={cookie}"}
    origin: Any = address.replace("ws:", "http:").removesuffix("/ws/")
    async with connect(address, additional_headers=headers, origin=origin) as socket:
        await socket.send(json.dumps({"subscribe": [{"topic": topic}]}))
        async for text in socket:
            message = json.loads(text)
            if message.get("topic") != topic or "changes" not in message:
                continue
            now = datetime.now(UTC)
            newest = max(datetime.fromisoformat(change["at"]) for change in message["changes"])
            delays.append((now - newest).total_seconds() * 1000)


async def measure(stack: LiveStack, sockets: int, seconds: int) -> None:
    made = stack.manage("shell", "-v0", "-c", MAKE).split()
    cookie, run = made[made.index("made") + 1 :][:2]
    pid = stack.pids["web"]
    address = f"{stack.base_url.replace('http:', 'ws:')}/ws/"
    before = memory(pid)
    delays: list[float] = []
    watching = [
        asyncio.create_task(watch(address, cookie, f"run:{run}", delays)) for _ in range(sockets)
    ]
    await asyncio.sleep(3)
    quiet = memory(pid)
    delays.clear()
    writer = await asyncio.create_subprocess_exec(
        *stack._stack.manage("shell", "-v0", "-c", WRITE.format(run=run, seconds=seconds)),
        env=stack.environment,
        stdout=subprocess.PIPE,
    )
    said, _ = await writer.communicate()
    await asyncio.sleep(1)
    busy = memory(pid)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    delays.sort()
    p95 = delays[int(len(delays) * 0.95)]
    say(f"{said.decode().strip()} of 10 changes; {len(delays)} frames received")
    say(f"web process: {before:.0f} MiB, with {sockets} sockets {quiet:.0f}, after {busy:.0f}")
    say(f"commit to client: p50 {statistics.median(delays):.0f} ms, p95 {p95:.0f} ms")


def main() -> None:
    sockets = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    with tempfile.TemporaryDirectory(prefix="pipelines-bench-") as folder:
        stack = LiveStack(Path(folder))
        try:
            stack.start_all()
            stack.sign_in_link()
            stack.manage("seed_sample")
            started = time.monotonic()
            asyncio.run(measure(stack, sockets, seconds))
            say(f"took {time.monotonic() - started:.0f} s")
        finally:
            stack.stop_all()


if __name__ == "__main__":
    main()
