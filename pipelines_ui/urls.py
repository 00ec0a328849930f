"""Addresses of the pages, the REST interface and the websocket."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import include, path
from django.views.generic import RedirectView

from pipelines_ui.views import pipelines, sign_in

handler403 = "pipelines_ui.views.errors.not_allowed"
handler404 = "pipelines_ui.views.errors.not_found"
handler500 = "pipelines_ui.views.errors.broken"

urlpatterns: list[Any] = [
    path("", RedirectView.as_view(pattern_name="pipelines"), name="home"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign_in"),
    path("sign-in/link/<str:secret>/", sign_in.sign_in_by_link, name="sign_in_link"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("pipelines/", pipelines.pipeline_list, name="pipelines"),
]
if find_spec("pipelines_ui.run_views"):
    run_views = import_module("pipelines_ui.run_views")
    urlpatterns.append(
        path("runs/<slug:project>/<slug:pipeline>/<int:number>/", run_views.run_page, name="run")
    )
if find_spec("orchestrator.api") and find_spec("orchestrator.api.urls"):
    urlpatterns.append(path("api/v1/", include("orchestrator.api.urls")))

websocket_urlpatterns: list[Any] = []
if find_spec("pipelines_ui.consumers_urls"):
    websocket_urlpatterns = import_module("pipelines_ui.consumers_urls").websocket_urlpatterns
