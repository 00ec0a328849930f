"""A pipeline as a step of another: run from_functions.py before, so that there is one.

The step takes the inner pipeline's parameters, ends as its run does, and is drawn inside.
The text is chosen by a condition; the step whose condition does not hold is passed over.
"""

from pipelines import PipelineController

pipe = PipelineController(name="Words of two texts", project="examples", version="1.0.0")
pipe.add_parameter("both", default=True, description="Whether the long text is read, too")

pipe.add_step(
    name="short",
    pipeline="examples/words",
    parameter_override={"text": "to be or not to be", "number": 1},
)
pipe.add_step(
    name="long",
    pipeline="examples/words",
    parents=["short"],
    parameter_override={"text": "a rose is a rose is a rose is a rose", "number": 3},
    when="${pipeline.both}",
)

pipe.start()
