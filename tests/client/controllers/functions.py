"""Three functions, each with the result of the one before; equal ones are not run again."""

from pipelines import PipelineController


def step_one(count):
    print("making", count)
    return list(range(count))


def step_two(numbers):
    return {"numbers": numbers, "total": sum(numbers)}


def step_three(data):
    print("the total is", data["total"])
    return data["total"]


if __name__ == "__main__":
    pipe = PipelineController(
        project="shell", name="From functions", version="1.1", add_pipeline_tags=False
    )
    pipe.set_default_execution_queue("default")
    pipe.add_parameter(name="count", description="how many", default=5)
    pipe.add_function_step(
        name="step_one",
        function=step_one,
        function_kwargs={"count": "${pipeline.count}"},
        function_return=["numbers"],
        monitor_artifacts=["numbers"],
        cache_executed_step=True,
    )
    pipe.add_function_step(
        name="step_two",
        function=step_two,
        function_kwargs={"numbers": "${step_one.numbers}"},
        function_return=["processed"],
        monitor_artifacts=[("processed", "result")],
        cache_executed_step=True,
    )
    pipe.add_function_step(
        name="step_three",
        function=step_three,
        function_kwargs={"data": "${step_two.processed}"},
        function_return=["total"],
        cache_executed_step=True,
    )
    pipe.start()
    print("pipeline completed", pipe.is_successful())
