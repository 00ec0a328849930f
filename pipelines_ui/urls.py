"""Addresses of the pages, the REST interface and the websocket."""

from typing import Any

from django.urls import include, path
from django.views.generic import RedirectView

from pipelines_ui import run_views
from pipelines_ui.consumers_urls import websocket_urlpatterns
from pipelines_ui.views import (
    bulk,
    editor,
    nesting,
    new_pipeline,
    pipeline_documents,
    pipelines,
    projects,
    queues,
    run_form,
    runs,
    sign_in,
    steps,
    tasks,
    template_form,
    templates,
    tokens,
)

__all__ = ["urlpatterns", "websocket_urlpatterns"]

handler403 = "pipelines_ui.views.errors.not_allowed"
handler404 = "pipelines_ui.views.errors.not_found"
handler500 = "pipelines_ui.views.errors.broken"

one_pipeline = "pipelines/<slug:project>/<slug:slug>/"
one_template = "templates/<slug:project>/<slug:slug>/"

urlpatterns: list[Any] = [
    path("", RedirectView.as_view(pattern_name="pipelines"), name="home"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign_in"),
    path("sign-in/link/<str:secret>/", sign_in.sign_in_by_link, name="sign_in_link"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("pipelines/", pipelines.pipeline_list, name="pipelines"),
    path("pipelines/new/", new_pipeline.new_pipeline, name="new_pipeline"),
    path(one_pipeline, pipelines.pipeline_page, name="pipeline"),
    path(f"{one_pipeline}edit/", editor.editor, name="edit_pipeline"),
    path(f"{one_pipeline}places/", nesting.pipeline_places, name="pipeline_places"),
    path(f"{one_pipeline}run/", run_form.run_form, name="run_form"),
    path(
        f"{one_pipeline}document/", pipeline_documents.pipeline_document, name="pipeline_document"
    ),
    path("runs/", runs.run_list, name="runs"),
    path("runs/bulk/", bulk.bulk_runs, name="bulk_runs"),
    path("runs/<slug:project>/<slug:pipeline>/<int:number>/", run_views.run_page, name="run"),
    path(
        "runs/<slug:project>/<slug:pipeline>/<int:number>/as-step/",
        nesting.run_as_step,
        name="run_as_step",
    ),
    path(
        "runs/<slug:project>/<slug:pipeline>/<int:number>/steps/<str:step>/answer/",
        steps.answer_step,
        name="answer_step",
    ),
    path(
        "runs/<slug:project>/<slug:pipeline>/<int:number>/steps/<str:step>/<slug:verb>/",
        steps.end_step,
        name="end_step",
    ),
    path("templates/", templates.template_list, name="templates"),
    path("templates/new/", template_form.new_template, name="new_template"),
    path(one_template, templates.template_page, name="template"),
    path(f"{one_template}edit/", template_form.edit_template, name="edit_template"),
    path(f"{one_template}compare/", templates.template_diff, name="template_diff"),
    path("tasks/", tasks.task_list, name="tasks"),
    path("tasks/<uuid:task_id>/", tasks.task_page, name="task"),
    path("tasks/<uuid:task_id>/<slug:verb>/", tasks.task_verb, name="task_verb"),
    path("queues/", queues.queues_page, name="queues"),
    path("queues/<str:name>/", queues.queue_page, name="queue"),
    path("queues/<str:name>/tasks/<uuid:task_id>/<slug:verb>/", queues.line_verb, name="line_verb"),
    path("agents/<uuid:agent_id>/<slug:verb>/", queues.agent_verb, name="agent_verb"),
    path("projects/", projects.project_list, name="projects"),
    path("projects/<slug:slug>/", projects.project_page, name="project"),
    path("tokens/", tokens.token_page, name="tokens"),
    path("tokens/<uuid:token_id>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("api/", include("orchestrator.api.site")),
]
