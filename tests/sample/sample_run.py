"""Goes through a sample pipeline's document step by step, each in a process of its own."""

import json
from pathlib import Path
from typing import Any

from orchestrator.domain.references import Reference, Source, What, resolve
from tests.client.workshop import StepResult, Workshop

SAMPLE = Path(__file__).parents[2] / "examples" / "sample"
DOCUMENT: dict[str, Any] = json.loads((SAMPLE / "pipeline.json").read_text())
DATA = SAMPLE / "digits.csv.gz"


def script_of(template: str) -> Path:
    """The file that a template of the sample is made from."""
    return SAMPLE / "steps" / f"{template.removeprefix('sample/').replace('-', '_')}.py"


class SampleRun:
    """One run of the sample: what each step has left behind, and the run's outputs."""

    def __init__(self, workshop: Workshop, **parameters: Any) -> None:
        defaults = {spec["name"]: spec["default"] for spec in DOCUMENT["parameters"]}
        self.parameters = {**defaults, "source": str(DATA), **parameters}
        self.steps: dict[str, StepResult] = {}
        for step in DOCUMENT["steps"]:
            given = resolve(step["parameters"], self._look_up).value
            result = workshop.run(script_of(step["template"]), given)
            assert result.exit_code == 0, f"{step['name']}:\n{result.stderr}"
            self.steps[step["name"]] = result
        self.outputs = resolve(DOCUMENT["outputs"], self._look_up).value

    def _look_up(self, reference: Reference) -> Any:
        if reference.source is Source.PIPELINE:
            return self.parameters[reference.path[0]]
        step = self.steps[reference.step or ""]
        if reference.what is What.ARTIFACTS:
            return step.address(reference.path[0])
        assert reference.what is What.OUTPUTS, reference
        return step.outputs[reference.path[0]]
