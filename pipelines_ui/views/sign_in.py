"""Signing in, with a password or with a link that works once, and signing out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from orchestrator.actions.sign_in import check_may_try, note_failure, use_sign_in_link
from orchestrator.domain.errors import NotFound, PipelinesError


class SignInForm(AuthenticationForm):
    """Name and password; who has guessed too often is not even asked whether they are right."""

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username") or ""
        origin = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        try:
            check_may_try(username=username, origin=origin)
        except PipelinesError as error:
            raise ValidationError(error.message, code="too_many_tries") from error
        try:
            return super().clean()
        except ValidationError:
            note_failure(username=username, origin=origin)
            raise


class SignIn(LoginView):
    """The form with name and password."""

    form_class = SignInForm
    template_name = "sign_in/form.html"
    redirect_authenticated_user = True


@never_cache
@sensitive_variables("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Show a button first: programs that preview links only GET, and must not spend it."""
    if request.method != "POST":
        return render(request, "sign_in/link.html")
    try:
        user = use_sign_in_link(secret=secret)
    except NotFound as error:
        return render(request, "sign_in/link_over.html", {"error": error.message}, status=410)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign_in")
