"""A run's changes as a list or as a stream of lines that ends with the run.

The view checks who asks, rights and errors like every other; only what it answers is sent
from the event loop, so that an open stream costs no thread.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import HttpResponseBase, StreamingHttpResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.api.base import number_from, yes_or_no
from orchestrator.api.describe import describe
from orchestrator.api.shapes.runs import Frame
from orchestrator.api.views.runs import TAG, RunApiView
from orchestrator.domain.errors import Invalid, NotSupported
from orchestrator.domain.states import FINAL
from orchestrator.models import Run, Signal
from orchestrator.queries.runs import MOST_CHANGES, changes_since

NDJSON: Final = "application/x-ndjson"
AT_ONCE: Final = 1_000
LOOK_EVERY_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 1.0
ALIVE_EVERY_SECONDS: Final = 15.0


class LinesRenderer(BaseRenderer):
    """Stands for the stream when one is asked for by Accept; it renders the rare plain answer."""

    media_type = NDJSON
    format = "ndjson"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return bytes(JSONRenderer().render(data))


class Changes(RunApiView):
    renderer_classes = (JSONRenderer, LinesRenderer)

    @describe(
        TAG,
        answer=Frame,
        query={
            "since": "The last number that you have; by default 0.",
            "limit": "At most how many, up to 10,000.",
            "stream": "true: one frame of one change a line, until the run has ended. "
            f"Accept: {NDJSON} does the same.",
        },
    )
    def get(self, request: Request, **_: Any) -> HttpResponseBase:
        """Give what has happened since a number, once or as a stream."""
        run = self.run_row()
        since = number_from(request, "since")
        asked = yes_or_no(request.query_params.get("stream"), "stream")
        accepts = getattr(request.accepted_renderer, "media_type", "") == NDJSON
        if not (asked or (asked is None and accepts)):
            limit = number_from(request, "limit", MOST_CHANGES)
            if not 0 < limit <= MOST_CHANGES:
                message = f'"limit" is from 1 to {MOST_CHANGES:,}'
                raise Invalid.at("limit", "bad_value", message)
            return Response(changes_since(run, since, limit), content_type="application/json")
        if not isinstance(request._request, ASGIRequest):
            raise NotSupported("streams need the asynchronous server")
        response = StreamingHttpResponse(follow(run.pk, since), content_type=NDJSON)
        response["Cache-Control"] = "no-store"
        # A proxy that gathers the answer would hold every line back.
        response["X-Accel-Buffering"] = "no"
        return response


async def follow(run_id: UUID, since: int) -> AsyncIterator[bytes]:
    """Send each change as a line of its own, until the run has ended.

    An empty line now and then shows to both sides that the other is there.
    """
    pause, silence = LOOK_EVERY_SECONDS, 0.0
    while True:
        frames, ended = await sync_to_async(_look)(run_id, since)
        for frame in frames:
            yield json.dumps(frame, ensure_ascii=False).encode() + b"\n"
            since = frame["to"]
        if ended and not frames:
            return
        if frames:
            pause, silence = LOOK_EVERY_SECONDS, 0.0
            continue
        if silence >= ALIVE_EVERY_SECONDS:
            yield b"\n"
            silence = 0.0
        await asyncio.sleep(pause)
        silence += pause
        pause = min(pause * 1.2, LONGEST_PAUSE_SECONDS)


def _look(run_id: UUID, since: int) -> tuple[list[dict[str, Any]], bool]:
    """Give the next changes, and whether the run had ended before they were read.

    A run that has mail goes on: who has just asked for a rerun wants to see it. The mailbox is
    looked into first, since the turn that empties it also changes the run.
    """
    has_mail = Signal.objects.filter(run_id=run_id).exists()
    row = Run.objects.filter(pk=run_id).values_list("status", "last_change").first()
    ended = row is None or (row[0] in FINAL and not has_mail)
    found = changes_since(run_id, since, AT_ONCE)["changes"] if row and row[1] > since else []
    # No connection may be held while the stream waits, which may be for hours.
    if not connection.in_atomic_block:
        connection.close()
    frames = [{"from": one["n"], "to": one["n"], "changes": [one]} for one in found]
    return frames, ended
