"""Pipelines that are there: found by names and versions, copied, enqueued, made of a script."""

import os

from pipelines import PipelineController


def refused(**given):
    try:
        PipelineController.get(**given)
    except ValueError as error:
        return str(error)
    raise AssertionError("it was found")


names = {"pipeline_project": "shell", "pipeline_name": "Drafted"}
found = PipelineController.get(**names)
print("found", found.version, found.tags, found.task.status)
print(refused(**names, pipeline_version="7"))
print(refused(pipeline_project="shell", pipeline_name="Nowhere"))
print(refused(**names, pipeline_tags=["weekly"]))
assert PipelineController.get(pipeline_id=found.id).id == found.id

clone = PipelineController.clone(found)
print("clone", clone.id != found.id, clone.task.status)
PipelineController.enqueue(clone)

made = PipelineController.create(
    "shell", "Made of a script", script=os.environ["SCRIPT"], version="3.0"
)
PipelineController.enqueue(made)
print("made", made.id, made.version)
print("clone is", clone.id)
