"""Tidy: look at what arrived, and at what did not."""

from pipelines import Task


def main() -> None:
    task = Task.current_task()
    wanted = task.connect(
        {
            "main_status": "",  # How the download ended
            "mirror_status": "",  # How the download from the mirror ended
        }
    )
    for name, status in wanted.items():
        print(f"{name.replace('_', ' ')}: {status}")
    task.set_output("arrived", [n for n, status in wanted.items() if status == "completed"])


main()
