"""A controller in a shell whose one step takes as long as it is let."""

import os

from pipelines import PipelineController


def status(pipeline, node, previous):
    if node.status == "running" and os.environ.get("ENDS") == "failed":
        pipeline.stop(mark_failed=True)


pipe = PipelineController(name=f"Slowly {os.environ.get('ENDS', '')}", project="shell")
pipe.add_step(name="slow", template="shell/slow", status_change_callback=status)
pipe.start_locally()
print("nodes", {name: node.status for name, node in pipe.get_pipeline_dag().items()})
