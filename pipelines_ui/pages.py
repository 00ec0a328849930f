"""What every page view shares: signing in first, errors as pages, and the layout to render in."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from orchestrator.domain.errors import NotAllowed, NotFound
from orchestrator.domain.states import FINAL, Status

View = Callable[..., HttpResponse]

PAGE_SIZE = 50
LIVE_PROJECTS = 40


def page(view: View) -> View:
    """A page for people who are signed in; what they may not see does not exist."""

    @login_required
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404(error.message) from error
        except NotAllowed as error:
            raise PermissionDenied(error.message) from error

    return answer


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page whole, or only its content when a script of the page asks for that."""
    fragment = request.headers.get("X-Fragment", "")
    layout = "partials/fragment.html" if fragment else "base.html"
    # A refresh in the background must not take the messages that the next page is to show.
    frame = {"layout": layout, "fragment": fragment}
    response = render(request, template, {**frame, **(context or {})}, status=status)
    # The two look alike to a cache, and a page after signing out must not come out of one.
    response["Vary"] = "X-Fragment, Cookie"
    response["Cache-Control"] = "private, no-cache"
    return response


def uncached(response: HttpResponse) -> HttpResponse:
    """A page that is always asked for anew, and belongs to whoever is signed in."""
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Cookie"
    return response


def topics_of(projects: Iterable[Any]) -> str:
    """What a list listens to. A page's socket takes fifty topics; beyond these the list is as
    fresh as its last load."""
    return " ".join(f"project:{one.pk}" for one in islice(projects, LIVE_PROJECTS))


def topics_of_runs(runs: Iterable[Any]) -> str:
    """What a table of runs listens to besides: the lines move with every step that ends."""
    return "" if all(Status(run.status) in FINAL for run in runs) else "lines"


def page_of(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], size: int = PAGE_SIZE
) -> Page:
    """The page of a list that ``?page=`` names; the nearest when there is none of that number."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def newest_first(
    request: HttpRequest, rows: QuerySet[Any], size: int = PAGE_SIZE
) -> tuple[list[Any], UUID | None]:
    """One page of rows by descending id, and the id to go on from; ``?before=`` names it.

    Ids are ordered by time, so new rows do not push others onto the next page.
    """
    before = request.GET.get("before", "")
    try:
        if before:
            rows = rows.filter(pk__lt=UUID(before))
    except ValueError:
        raise Http404(f'"{before[:60]}" is no place in this list') from None
    found: list[Model] = list(rows.order_by("-pk")[: size + 1])
    more = len(found) > size
    return found[:size], (found[size - 1].pk if more else None)
