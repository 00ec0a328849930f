"""Training on a table with scikit-learn: two models side by side, the better one is kept.

The steps say which packages they need; an agent makes an environment with them once and keeps it.
This script itself needs nothing but the client.
"""

from pipelines import PipelineController

PACKAGES = ["scikit-learn==1.7.2"]


def load(test_share):
    """178 wines, 13 measurements of each, from three growers."""
    from sklearn.datasets import load_wine
    from sklearn.model_selection import train_test_split

    wine = load_wine()
    parts = train_test_split(
        wine.data, wine.target, test_size=test_share, random_state=1, stratify=wine.target
    )
    return tuple(part.tolist() for part in parts)


def train(data, kind):
    """Fit a model of one kind; its accuracy on rows that it has not seen is reported."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from pipelines import Task

    rows, unseen, labels, truth = data
    models = {
        "forest": RandomForestClassifier(n_estimators=50, random_state=1),
        "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    }
    model = models[kind].fit(rows, labels)
    accuracy = float(model.score(unseen, truth))
    Task.current_task().get_logger().report_scalar("accuracy", kind, value=accuracy, iteration=0)
    print(f"{kind}: {accuracy:.3f}")
    return {"kind": kind, "accuracy": accuracy}


def choose(first, second):
    """Keep the better of two."""
    best = max(first, second, key=lambda one: one["accuracy"])
    print(f"the best is {best['kind']}")
    return best


if __name__ == "__main__":
    pipe = PipelineController(name="Wine", project="examples", version="1.0.0")
    pipe.set_default_execution_queue("default")
    pipe.add_parameter("test_share", default=0.3, description="Share of rows that judge")

    pipe.add_function_step(
        name="load",
        function=load,
        function_kwargs={"test_share": "${pipeline.test_share}"},
        function_return=["data"],
        packages=PACKAGES,
        cache_executed_step=True,
    )
    for kind in ("forest", "logistic"):
        pipe.add_function_step(
            name=f"train {kind}",
            function=train,
            function_kwargs={"data": "${load.data}", "kind": kind},
            function_return=["result"],
            packages=PACKAGES,
            stage="training",
        )
    pipe.add_function_step(
        name="choose",
        function=choose,
        function_kwargs={"first": "${train forest.result}", "second": "${train logistic.result}"},
        function_return=["best"],
    )

    pipe.start()
