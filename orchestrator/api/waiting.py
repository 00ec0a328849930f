"""`?wait=30`: an answer that comes when there is something to tell, or after so many seconds.

A verb waits for the change that tells what came of it, a trigger and a look at a run for the
run's end. The view itself is like every other and answers at once; what is added afterwards
waits in the event loop, so that whoever waits costs neither a thread nor a connection.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.api.base import ApiView
from orchestrator.api.errors import MEDIA_TYPE, problem
from orchestrator.domain.changes import Kind
from orchestrator.domain.errors import Invalid, shortened
from orchestrator.domain.states import FINAL
from orchestrator.models import Change, Run, Signal

LONGEST_WAIT_SECONDS: Final = 600
LOOK_EVERY_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 0.5


class Patient(ApiView):
    """A view whose answer may be waited for; it goes before the view's other bases.

    A view sets ``run_asked`` to the run that it asked something of, as it was before; or
    ``run_shown`` to the run that it made or shows.
    """

    run_asked: Run | None = None
    run_shown: Run | None = None
    patience: float = 0

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.patience = patience_from(request)

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view = super().as_view(**initkwargs)

        @wraps(view)
        async def patient(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            answer: HttpResponseBase = await sync_to_async(view)(request, **kwargs)
            if "wait" in request.GET and isinstance(answer, Response):
                await _complete(answer)
            return answer

        return patient

    def told(self, answered: dict[str, Any]) -> dict[str, Any]:
        """What is answered when the run has done what it was asked for."""
        return answered

    def show(self, run_id: UUID) -> Any:
        """What is answered of a run whose end was waited for."""
        raise NotImplementedError


def patience_from(request: Request) -> float:
    """How many seconds the asker waits: ``30``, or with the unit ``30s``."""
    text = request.query_params.get("wait", "")
    if not text:
        return 0
    match = re.fullmatch(r"(\d{1,4}(?:\.\d{1,3})?)s?", text, re.ASCII)
    if match is None or float(match[1]) > LONGEST_WAIT_SECONDS:
        message = (
            f'"wait" is a number of seconds up to {LONGEST_WAIT_SECONDS}, '
            f'not "{shortened(text, 40)}"'
        )
        raise Invalid.at("wait", "bad_value", message)
    return float(match[1])


async def _complete(answer: Response) -> None:
    """Put into the answer what has come while it was held."""
    view = answer.renderer_context["view"] if hasattr(answer, "renderer_context") else None
    if not isinstance(view, Patient) or not view.patience:
        return
    if answer.status_code == 202 and view.run_asked is not None:
        run, signal = view.run_asked, answer.data["signal"]
        if change := await _until(lambda: _answer_to(run, signal), view.patience):
            _tell(view, answer, signal, change)
    elif answer.status_code in (200, 201) and view.run_shown is not None:
        pk = view.run_shown.pk
        await _until(lambda: _has_ended(pk), view.patience)
        answer.data = await sync_to_async(_closed)(lambda: view.show(pk))


async def _until(look: Callable[[], tuple[bool, Any]], seconds: float) -> Any:
    """Look until there is an answer; nothing when the time is over."""
    deadline = time.monotonic() + seconds
    pause = LOOK_EVERY_SECONDS
    while True:
        done, found = await sync_to_async(_closed)(look)
        left = deadline - time.monotonic()
        if done or left <= 0:
            return found
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.2, LONGEST_PAUSE_SECONDS)


def _closed(look: Callable[[], Any]) -> Any:
    """Look, and hold no connection afterwards: the next look may be long in coming."""
    try:
        return look()
    finally:
        if not connection.in_atomic_block:
            connection.close()


def _answer_to(run: Run, signal: int) -> tuple[bool, Change | None]:
    """The change that answers a signal; no more is to come once the mailbox is without it."""
    waits = Signal.objects.filter(pk=signal).exists()
    found = Change.objects.filter(
        run_id=run.pk,
        number__gt=run.last_change,
        kind__in=(Kind.ASKED, Kind.REFUSED),
        data__signal=signal,
    ).first()
    return found is not None or not waits, found


def _has_ended(run_id: UUID) -> tuple[bool, None]:
    """A run that has mail may go on: who has just asked for a rerun waits for its end."""
    has_mail = Signal.objects.filter(run_id=run_id).exists()
    ended = Run.objects.filter(pk=run_id, status__in=FINAL).exists()
    return ended and not has_mail, None


def _tell(view: Patient, answer: Response, signal: int, change: Change) -> None:
    if change.kind == Kind.REFUSED:
        answer.status_code = 409
        answer.content_type = MEDIA_TYPE
        code = change.data.get("code", "refused")
        answer.data = problem(409, code, change.data["reason"])
    else:
        answer.status_code = 200
        answer.data = view.told(
            {
                "signal": signal,
                "change": change.number,
                "verb": change.data["verb"],
                "detail": change.data.get("detail", {}),
            }
        )
