"""Addresses of the REST interface, version 1.

A thing is named by its id or, where it has one, by the path that people see. Both lead to the
same view; the schema shows the first.
"""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path, re_path

from orchestrator.api import schema, streams
from orchestrator.api.base import ApiView
from orchestrator.api.views import (
    bulk,
    calls,
    editing,
    files,
    lines,
    pipelines,
    projects,
    results,
    runs,
    scripts,
    started_here,
    steering,
    steps,
    stories,
    tasks,
    tokens,
)

ATTEMPT = "steps/<str:step>/attempts/<int:number>/"


def _both(plural: str, slugs: str, tails: dict[str, type[ApiView]]) -> list[URLPattern]:
    by_id = [path(f"{plural}/<uuid:id>/{tail}", view.as_view()) for tail, view in tails.items()]
    hidden: dict[str, Any] = {"schema": None}
    by_slug = [
        path(f"{plural}/{slugs}/{tail}", view.as_view(**hidden)) for tail, view in tails.items()
    ]
    return by_id + by_slug


urlpatterns = [
    path("projects/", projects.Projects.as_view()),
    path("projects/<str:project>/", projects.ProjectView.as_view()),
    path("projects/<str:project>/webhook-secret/", projects.WebhookSecretView.as_view()),
    path("projects/<str:project>/members/", projects.Members.as_view()),
    path("projects/<str:project>/members/<str:user>/", projects.Member.as_view()),
    path("tasks/", tasks.Tasks.as_view()),
    *_both(
        "tasks",
        "<slug:project>/<slug:slug>",
        {
            "": tasks.TaskView,
            "clone/": tasks.TaskClone,
            "enqueue/": tasks.TaskEnqueue,
            "dequeue/": tasks.TaskDequeue,
            "abort/": tasks.TaskAbort,
            "reset/": tasks.TaskReset,
            "keep/": tasks.TaskKeep,
            "start/": started_here.TaskStart,
            "renew/": started_here.TaskRenew,
            "output/": started_here.TaskOutput,
            "finish/": started_here.TaskFinish,
            "run/": scripts.TaskRun,
            "versions/": tasks.TemplateVersions,
            "logs/": results.TaskLogs,
            "logs/lines/": results.TaskLogLines,
            "logs/search/": results.TaskLogSearch,
            "samples/": results.TaskSamples,
            "reports/": results.TaskReports,
            "artifacts/": results.TaskArtifacts,
            "artifacts/<str:name>/": results.TaskArtifact,
        },
    ),
    path("pipelines/", pipelines.Pipelines.as_view()),
    path("pipelines/register/", pipelines.RegisterView.as_view()),
    path("pipelines/import/", files.ImportView.as_view()),
    path("pipelines/apply/", files.ApplyView.as_view()),
    *_both(
        "pipelines",
        "<slug:project>/<slug:slug>",
        {
            "": pipelines.PipelineView,
            "draft/": pipelines.DraftView,
            "validate/": pipelines.Validate,
            "publish/": pipelines.Publish,
            "places/": pipelines.Places,
            "versions/": pipelines.Versions,
            "versions/<int:number>/": pipelines.VersionView,
            "versions/<int:number>/restore/": editing.Restore,
            "palette/": editing.PaletteView,
            "compare/": editing.Compare,
            "references/": editing.References,
            "read/": editing.ReadText,
            "write/": editing.WriteText,
            "export/": files.Export,
            "runs/": runs.PipelineRuns,
        },
    ),
    path("runs/", runs.Runs.as_view()),
    path("runs/bulk/", bulk.BulkRuns.as_view()),
    *_both(
        "runs",
        "<slug:project>/<slug:pipeline>/<int:run>",
        {
            "": runs.RunView,
            "graph/": runs.GraphView,
            "snapshot/": runs.SnapshotView,
            "changes/": streams.Changes,
            "cause/": stories.CauseView,
            "actions/": stories.ActionsView,
            "unconfirmed/": stories.UnconfirmedView,
            "calls/": calls.Calls,
            "calls/<int:number>/answer/": calls.CallAnswer,
            "abort/": runs.AbortRun,
            "rerun/": runs.RerunRun,
            "clone/": runs.CloneRun,
            "as-step/": runs.RunAsStep,
            "enqueue/": runs.EnqueueRun,
            "pause/": steering.PauseRun,
            "resume/": steering.ResumeRun,
            "pause_at/": steering.PauseAtView,
            "steps/": scripts.RunSteps,
            "register/": scripts.RegisterRun,
            "steps/<str:step>/": steps.StepView,
            "steps/<str:step>/abort/": steps.AbortStep,
            "steps/<str:step>/rerun/": steps.RerunStepView,
            "steps/<str:step>/skip/": steps.SkipStepView,
            "steps/<str:step>/complete/": steps.CompleteStep,
            "steps/<str:step>/fail/": steps.FailStep,
            "steps/<str:step>/approve/": steps.ApproveStep,
            "steps/<str:step>/reject/": steps.RejectStep,
            f"{ATTEMPT}logs/": results.AttemptLogs,
            f"{ATTEMPT}logs/lines/": results.AttemptLogLines,
            f"{ATTEMPT}logs/search/": results.AttemptLogSearch,
            f"{ATTEMPT}samples/": results.AttemptSamples,
            f"{ATTEMPT}artifacts/": results.AttemptArtifacts,
            f"{ATTEMPT}artifacts/<str:name>/": results.AttemptArtifact,
        },
    ),
    path("queues/", lines.Queues.as_view()),
    path("queues/<str:name>/", lines.QueueView.as_view()),
    path("queues/<str:name>/pause/", lines.PauseQueue.as_view()),
    path("queues/<str:name>/resume/", lines.ResumeQueue.as_view()),
    path("queues/<str:name>/tasks/", lines.QueueTasks.as_view()),
    path("queues/<str:name>/tasks/<uuid:task>/", lines.QueueTask.as_view()),
    path("queues/<str:name>/tasks/<uuid:task>/front/", lines.TaskToFront.as_view()),
    path("agents/", lines.Agents.as_view()),
    path("agents/<uuid:id>/", lines.AgentView.as_view()),
    path("agents/<uuid:id>/drain/", lines.DrainAgent.as_view()),
    path("agents/<uuid:id>/undrain/", lines.UndrainAgent.as_view()),
    path("tokens/", tokens.Tokens.as_view()),
    path("tokens/<uuid:id>/", tokens.TokenView.as_view()),
    re_path("", schema.Unknown.as_view(schema=None)),
]
