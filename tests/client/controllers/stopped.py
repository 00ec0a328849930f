"""A controller that a callback stops; what has run stays, what runs and waits is ended."""

from pipelines import PipelineController


def post(pipeline, node):
    print("stopping")
    pipeline.stop()
    print("asked")


pipe = PipelineController(name="Stopped", project="shell", version="1")
pipe.add_step(name="quick", template="shell/quick", post_execute_callback=post)
pipe.add_step(name="slow", template="shell/slow")
pipe.add_step(name="later", template="shell/quick", parents=["slow"])
pipe.start()
print("nodes", {name: node.status for name, node in pipe.get_pipeline_dag().items()})
print("successful", pipe.is_successful())
