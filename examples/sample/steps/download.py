"""Download: fetch the data over a line that breaks now and then, as lines do."""

import random
import time
from pathlib import Path

from pipelines import StorageManager, Task


def main() -> None:
    task = Task.current_task()
    wanted = task.connect(
        {
            "source": "",  # Where the data is: a path on the agent's machine, or a web address
            "break_chance": 0.5,  # How likely the line breaks: 0 never, 1 always
            "seconds": 2.0,  # How long the download takes
        }
    )
    breaks = random.random() < wanted["break_chance"]
    for tenth in range(1, 11):
        time.sleep(wanted["seconds"] / 10)
        print(f"{tenth * 10} %", flush=True)
        task.set_progress(tenth * 10)
        if breaks and tenth == 6:
            raise ConnectionError("the line broke (break_chance made it so)")
    path = Path(StorageManager.get_local_copy(wanted["source"]))
    task.upload_artifact("data", path)
    task.set_output("bytes", path.stat().st_size)


main()
