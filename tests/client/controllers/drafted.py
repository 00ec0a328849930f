"""A controller that leaves a draft, to be enqueued later; there its parameters are the run's."""

from pipelines import PipelineController

pipe = PipelineController(name="Drafted", project="shell", version="0.1", tags=["nightly"])
pipe.add_parameter("rows", 1)
pipe.add_step(name="only", template="shell/quick")
pipe.start(queue=None)
print("rows", pipe.get_parameters()["rows"], pipe.version, pipe.tags)
PipelineController.upload_artifact("table", {"rows": 3}, wait_on_upload=True)
PipelineController.get_logger().report_single_value("rows", 3)
