"""A controller in its own process, with its steps beside it; an object goes along by name."""

import sys
import threading
from fractions import Fraction

from pipelines import PipelineController, Task


def double(number, times=2):
    return {"x": int(number * times)}


def show(found):
    print("found", found["x"])
    if found["x"] > 100:
        raise ValueError("too much")


def main(x):
    pipe = PipelineController(name="Locally", project="shell")
    pipe.add_parameter("times", 2)
    pipe.add_function_step(
        name="double",
        function=double,
        function_kwargs={"number": Fraction(x), "times": "${pipeline.times}"},
        function_return=["found"],
        post_execute_callback=lambda pipeline, node: print("post", node.name, node.status),
    )
    pipe.add_function_step(name="show", function=show, function_kwargs={"found": "${double.found}"})
    assert (pipe.is_running(), pipe.elapsed(), pipe.id) == (False, -1.0, None)
    pipe.start_locally(run_pipeline_steps_locally=True)
    assert threading.current_thread() is threading.main_thread()
    task = Task.current_task()
    assert pipe.id == task.id == pipe.task.id
    print("nodes", {name: node.status for name, node in pipe.get_pipeline_dag().items()})
    print("successful", pipe.is_successful(), pipe.is_running(), 0 < pipe.elapsed() < 2)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 21)
