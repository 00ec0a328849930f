"""A pipeline of plain functions: each is taken along with its imports and becomes a step.

What a function returns is kept as an artifact by name; ``${step.name}`` hands it to the next.
Equal steps are not done twice: the second run of this script is over in a moment.
"""

from pipelines import PipelineController


def count_words(text):
    from collections import Counter

    counts = Counter(word.strip(".,").lower() for word in text.split())
    print(f"{len(counts)} different words")
    return dict(counts)


def most_common(counts, number):
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return ranked[:number]


def say(ranked):
    from pipelines import Task

    for word, count in ranked:
        print(f"{count:3} {word}")
    Task.current_task().get_logger().report_single_value("most", ranked[0][1])


if __name__ == "__main__":
    pipe = PipelineController(name="Words", project="examples", version="1.0.0")
    pipe.set_default_execution_queue("default")
    pipe.add_parameter("text", default="the cat and the dog and the bird")
    pipe.add_parameter("number", default=2, description="So many words are told")

    pipe.add_function_step(
        name="count",
        function=count_words,
        function_kwargs={"text": "${pipeline.text}"},
        function_return=["counts"],
        cache_executed_step=True,
    )
    pipe.add_function_step(
        name="rank",
        function=most_common,
        function_kwargs={"counts": "${count.counts}", "number": "${pipeline.number}"},
        function_return=["ranked"],
        cache_executed_step=True,
    )
    pipe.add_function_step(
        name="say",
        function=say,
        function_kwargs={"ranked": "${rank.ranked}"},
        cache_executed_step=True,
    )

    pipe.start()
