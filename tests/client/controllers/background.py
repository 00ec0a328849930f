"""A controller that goes on in the background while its script does something else."""

import threading

from pipelines import PipelineController

begun = threading.Event()
go_on = threading.Event()


def pre(pipeline, node, parameters):
    begun.set()
    go_on.wait(60)


pipe = PipelineController(name="Background", project="shell", version="1")
pipe.add_step(name="first", template="shell/quick", pre_execute_callback=pre)
pipe.add_step(name="second", template="shell/quick", parents=["first"])
pipe.start(wait=False)
print("started", pipe.is_running(), pipe.wait(timeout=0.001))
begun.wait(60)
print("while it waits", list(pipe.get_processed_nodes()), pipe.is_successful())
go_on.set()
print("the script has nothing left to do")
