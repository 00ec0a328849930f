"""A controller over three base tasks, with callbacks; no guard, as it is often written."""

from pipelines.automation import PipelineController


def pre_execute_callback_example(a_pipeline, a_node, current_param_override):
    print(f"Cloning Task id={a_node.base_task_id} with parameters: {current_param_override}")
    return True


def post_execute_callback_example(a_pipeline, a_node):
    print(f"Completed Task id={a_node.executed}")


pipe = PipelineController(
    name="Pipeline demo", project="shell", version="0.0.1", add_pipeline_tags=False
)
pipe.add_parameter("url", "artifact://nowhere", "dataset_url")
pipe.set_default_execution_queue("default")
pipe.add_step(
    name="stage_data",
    base_task_project="shell",
    base_task_name="Pipeline step 1 numbers",
    parameter_override={"General/dataset_url": "${pipeline.url}"},
)
pipe.add_step(
    name="stage_process",
    parents=["stage_data"],
    base_task_project="shell",
    base_task_name="Pipeline step 2 process",
    parameter_override={
        "General/dataset_url": "${stage_data.artifacts.dataset.url}",
        "General/test_size": 0.25,
    },
    pre_execute_callback=pre_execute_callback_example,
    post_execute_callback=post_execute_callback_example,
)
pipe.add_step(
    name="stage_train",
    parents=["stage_process"],
    base_task_project="shell",
    base_task_name="Pipeline step 3 train",
    parameter_override={"General/dataset_task_id": "${stage_process.id}"},
)
pipe.start()
print("done")
