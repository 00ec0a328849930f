"""Put the sample project into the database: its templates and its published pipelines."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from orchestrator.actions.pipelines import create_pipeline, publish, save_draft
from orchestrator.actions.projects import create_project
from orchestrator.actions.templates import save_template
from orchestrator.domain.document import content_hash
from orchestrator.domain.errors import Invalid, PipelinesError
from orchestrator.management.sign_in import person_named
from orchestrator.models import Pipeline, PipelineVersion, Project, Task
from orchestrator.queries.pipelines import latest_version
from pipelines.template_reader import TemplateFile

SLUG = "sample"
FOLDER = Path(settings.BASE_DIR) / "examples" / SLUG
# What carries this note came from here, and may be replaced from here; people's work may not.
NOTE = "The sample as shipped"


class SamplePipeline(NamedTuple):
    """A pipeline of the sample, and the file that holds its document."""

    slug: str
    name: str
    file: str
    description: str


PIPELINES = (
    SamplePipeline(
        "digits",
        "Handwritten digits",
        "pipeline.json",
        "Trains four models side by side to read handwritten digits, and reports on the best.",
    ),
    SamplePipeline(
        "flaky-download",
        "Flaky download",
        "flaky_download.json",
        "A step that fails by chance and is tried again, and one that may fail.",
    ),
    SamplePipeline(
        "digits-data",
        "Digits data",
        "data.json",
        "Loads, cleans and splits the digits: made to be a step of other pipelines.",
    ),
    SamplePipeline(
        "digits-training",
        "Digits training",
        "training.json",
        "Runs the data pipeline as its first step and trains two models on what that gives.",
    ),
)


class Command(BaseCommand):
    help = "Makes the sample project, or brings it up to date; what people have changed stays."
    # The checks would import every page; they belong to the tests.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", default="admin", help="who owns the project")
        parser.add_argument("--run", action="store_true", help="start one run of the sample")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = person_named(options["user"]).username
        try:
            project = _project(actor)
            for script in sorted((FOLDER / "steps").glob("*.py")):
                _save_step(project, script, actor)
            versions = [_save_pipeline(project, sample, actor) for sample in PIPELINES]
        except PipelinesError as error:
            raise CommandError(f"the sample cannot be put in place: {error}") from error
        published = ", ".join(f"{v.pipeline.slug} v{v.number}" for v in versions)
        self.stdout.write(f"Sample project ready: {published}")
        if options["run"]:
            self._start(versions[0].pipeline, actor)

    def _start(self, pipeline: Pipeline, actor: str) -> None:
        from orchestrator.actions.runs import start_run

        run = start_run(actor=actor, pipeline=pipeline)
        self.stdout.write(f"Run {run.number} of {pipeline.slug} started")


def _project(actor: str) -> Project:
    found = Project.objects.filter(slug=SLUG).first()
    description = "Reads handwritten digits: real data, real models, no dependencies."
    return found or create_project(actor=actor, name="Sample", slug=SLUG, description=description)


def _save_step(project: Project, script: Path, actor: str) -> None:
    """Save one step's script as a template; the same script again stays the same version."""
    read = TemplateFile(script.read_text(encoding="utf-8"), script.name)
    words = script.stem.replace("_", " ")
    slug = script.stem.replace("_", "-")
    known = Task.objects.filter(project=project, is_template=True, slug=slug).first()
    if known and known.template_version and known.template_version.note != NOTE:
        return
    save_template(
        actor=actor,
        project=project,
        slug=slug,
        name=words[0].upper() + words[1:],
        kind="python",
        body={"script": read.script},
        specs=read.specs,
        note=NOTE,
        comment=read.summary.partition(": ")[2].capitalize(),
    )


def _save_pipeline(project: Project, sample: SamplePipeline, actor: str) -> PipelineVersion:
    document = _document(sample.file)
    pipeline = Pipeline.objects.filter(project=project, slug=sample.slug).first()
    if pipeline is None:
        pipeline = create_pipeline(
            actor=actor,
            project=project,
            slug=sample.slug,
            name=sample.name,
            document=document,
            description=sample.description,
        )
        return publish(actor=actor, pipeline=pipeline, note=NOTE)
    latest = latest_version(pipeline)
    draft = pipeline.draft
    if latest and (latest.note != NOTE or latest.content_hash != content_hash(draft.document)):
        return latest
    try:
        with transaction.atomic():
            save_draft(actor=actor, pipeline=pipeline, document=document, revision=draft.revision)
            return publish(actor=actor, pipeline=pipeline, note=NOTE)
    except Invalid:
        # A template that somebody has changed does not take what ours gives: theirs stays.
        if latest is None:
            raise
        return latest


def _document(file: str) -> dict[str, Any]:
    """Read a document; its data lies in this installation, wherever that is."""
    document: dict[str, Any] = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    for spec in document["parameters"]:
        if spec["name"] == "source":
            spec["default"] = str(Path(settings.BASE_DIR) / spec["default"])
    return document
