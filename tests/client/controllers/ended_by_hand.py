"""Steps that somebody aborts, and children that run or do not run after them, as flags say."""

from pipelines import PipelineController

FLAGS = {
    "plain": {},
    "may": {"continue_on_fail": True},
    "on": {"continue_behaviour": {"continue_on_fail": False, "skip_children_on_abort": False}},
    "stops": {"continue_behaviour": {"continue_on_fail": False, "skip_children_on_fail": False}},
}

pipe = PipelineController(name="Ended by hand", project="shell", version="1")
for name, flags in FLAGS.items():
    pipe.add_step(name=name, template="shell/slow", **flags)
    pipe.add_step(name=f"after {name}", template="shell/quick", parents=[name])
pipe.start()
for name, node in pipe.get_pipeline_dag().items():
    print("node", name, node.status, type(node.executed).__name__)
