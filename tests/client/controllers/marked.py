"""A controller that ends its run with a mark; what it has printed and kept stays."""

from pipelines import PipelineController, Task

pipe = PipelineController(name="Marked MARK", project="shell", version="1")
pipe.add_step(name="slow", template="shell/slow")
pipe.start(wait=False)
Task.current_task().upload_artifact("early", {"n": 1})
pipe.get_logger().report_scalar("told", "script", value=1.5, iteration=1)
pipe.stop(mark_MARK=True)
Task.current_task().upload_artifact("late", {"n": 2})
Task.current_task().set_output("word", "said")
print("last words")
