"""A pipeline that is an ordinary function: loops and ifs decide which steps there are.

Calling a component starts a step and goes on at once; its result is waited for where it is used.
Two guesses run side by side, and the better one is looked at more closely.
"""

from pipelines import PipelineDecorator


@PipelineDecorator.component(return_values=["points"], cache=True)
def make_points(number):
    """Points of a line, not quite."""
    import random

    dice = random.Random(number)
    return [(x, 3 * x + 2 + dice.uniform(-1, 1)) for x in range(number)]


@PipelineDecorator.component(return_values=["error"])
def try_slope(points, slope):
    """How far a line of that slope is off, in the mean."""
    offset = sum(y - slope * x for x, y in points) / len(points)
    return sum(abs(y - slope * x - offset) for x, y in points) / len(points)


@PipelineDecorator.pipeline(
    name="Slope", project="examples", version="1.0.0", default_queue="default"
)
def find_slope(number=20, rounds=4):
    points = make_points(number)
    low, high = 0.0, 10.0
    for _ in range(rounds):
        third = (high - low) / 3
        left, right = try_slope(points, low + third), try_slope(points, high - third)
        # Here both results are needed, so here the script waits for the two steps.
        if left < right:
            high -= third
        else:
            low += third
    print(f"the slope is between {low:.2f} and {high:.2f}")


if __name__ == "__main__":
    find_slope(number=20, rounds=3)
