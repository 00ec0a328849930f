"""What is shown when there is no page, when it is not allowed, and when something broke."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

from pipelines_ui.pages import render_page


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    told = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    return render_page(request, "errors/404.html", {"told": told}, status=404)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render_page(request, "errors/403.html", {"told": str(exception)}, status=403)


def broken(request: HttpRequest) -> HttpResponse:
    # Nothing may be asked of the database here: it may be what broke.
    return HttpResponseServerError(render_to_string("errors/500.html"))
