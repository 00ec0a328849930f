"""One step as a process on this machine, from the claim of its task to its end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress

from pipelines.context import StepContext
from pipelines.errors import PipelinesError, RequestRefused
from pipelines.http import Api

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any, Callable, Optional

    Note = Callable[..., None]

_SEND_SECONDS = 0.2
_GRACE_SECONDS = 10.0
_LARGEST_BATCH = 200_000
_KEPT_ERRORS = 60_000
_LONGEST_REASON = 500
_TRACEBACK = "Traceback (most recent call last):"


class LocalStep:
    """Claims a task, runs what it says, tells what it prints and leaves, and how it ended."""

    def __init__(self, api: Api, task: dict[str, Any], packages: str, note: Note) -> None:
        self.task_id = str(task["id"])
        self._name = str(task["name"])
        self._api = api
        self._packages = packages
        self._note = note
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._unsent: list[dict[str, str]] = []
        self._batch: list[dict[str, str]] = []
        self._batch_key = ""
        self._errors = ""
        self._abort_reason = ""
        self._timed_out = ""
        self._process: Optional[subprocess.Popen[str]] = None

    def claim(self) -> bool:
        """Take the task, unless somebody else was faster."""
        try:
            begun = self._api.send("POST", f"tasks/{self.task_id}/start/", {})
        except PipelinesError:
            return False
        self._fence = int(begun["fence"])
        self._renew_every = float(begun["renew_every"])
        self._timeout = begun.get("timeout")
        # With the attempt's own token, as a step has it.
        self._own = Api(self._api.url, str(begun["token"]), patience=self._api.patience)
        return True

    def run(self) -> None:
        """Run it to its end and say how it ended."""
        folder = tempfile.mkdtemp(prefix="pipelines-step-")
        self._context = StepContext(
            directory=folder,
            task_id=self.task_id,
            api_url=self._own.url,
            token=self._own.token,
        )
        try:
            self._finish(**self._result())
        except RequestRefused as error:
            sys.stderr.write(f"pipelines: the end of step {self._name} was not taken: {error}\n")
        except PipelinesError as error:
            sys.stderr.write(f"pipelines: step {self._name}: {error}\n")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def abort(self, reason: str, grace: float = _GRACE_SECONDS) -> None:
        """Ask its processes to end, and end them after the grace."""
        with self._lock:
            is_first, self._abort_reason = not self._abort_reason, self._abort_reason or reason
        if is_first:
            threading.Thread(target=self._end_processes, args=(grace,), daemon=True).start()

    def _result(self) -> dict[str, Any]:
        try:
            about = self._own.get(f"tasks/{self.task_id}/")
            command = self._prepared(about)
            code = self._execute(command)
        except (OSError, PipelinesError, ValueError) as error:
            return {"status": "failed", "reason": f"its program cannot be started: {error}"}
        try:
            self._send_output()
        except PipelinesError as error:
            return {"status": "failed", "reason": f"its output could not be delivered: {error}"}
        try:
            self._leave_results()
        except (OSError, PipelinesError) as error:
            return {"status": "failed", "reason": f"its results could not be kept: {error}"}
        if self._abort_reason:
            return {"status": "aborted", "reason": self._abort_reason}
        if self._timed_out:
            return {"status": "failed", "reason": self._timed_out}
        return self._judged(code)

    def _prepared(self, about: dict[str, Any]) -> list[str]:
        """Write what its execution needs into its folder; give the command."""
        for part in ("artifacts", "home", "tmp"):
            os.mkdir(self._context.path(part))
        parameters = about["parameters"]
        self._write("parameters.json", json.dumps(parameters, ensure_ascii=False))
        kind, body = about["kind"], about["body"]
        if kind == "python":
            return [sys.executable, self._write("script.py", body["script"])]
        if kind == "function":
            self._write("step_function.py", body["source"])
            call = _CALL_FUNCTION.format(name=body["name"])
            return [sys.executable, self._write("call_function.py", call)]
        if kind == "command":
            return [_filled_in(word, parameters) for word in body["argv"]]
        raise PipelinesError(f"a task of kind {kind!r} cannot be executed here")

    def _write(self, name: str, text: str) -> str:
        path = self._context.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PIPELINES_")}
        beside = [path for path in (sys.path[0], os.environ.get("PYTHONPATH", "")) if path]
        return {
            **kept,
            "PIPELINES_TASK": f"{self.task_id}.{self._fence}",
            "PIPELINES_TASK_ID": self.task_id,
            "PIPELINES_DIR": self._context.directory,
            "PIPELINES_API_URL": self._own.url,
            "PIPELINES_TOKEN": self._own.token,
            "TMPDIR": self._context.path("tmp"),
            "PYTHONPATH": os.pathsep.join([self._packages, *beside]),
            "PYTHONUNBUFFERED": "1",
        }

    def _execute(self, command: list[str]) -> int:
        self._process = process = subprocess.Popen(
            command,
            cwd=self._context.directory,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._note(process.pid, runs=True)
        if self._abort_reason:
            self._signal(signal.SIGTERM)
        streams = {"stdout": process.stdout, "stderr": process.stderr}
        readers = [
            threading.Thread(target=self._read, args=(name, pipe), daemon=True)
            for name, pipe in streams.items()
        ]
        renewer = threading.Thread(target=self._keep_alive, daemon=True)
        for thread in (*readers, renewer):
            thread.start()
        code = process.wait()
        # What the step has left running has nobody who would wait for it.
        self._signal(signal.SIGKILL)
        self._note(process.pid, runs=False)
        for thread in readers:
            thread.join(2)
        self._ended.set()
        renewer.join(5)
        return code

    def _read(self, stream: str, pipe: IO[str]) -> None:
        shown = sys.stdout if stream == "stdout" else sys.stderr
        with pipe:
            for line in pipe:
                self._hear(stream, line.replace("\0", "�"))
                with suppress(OSError, ValueError):
                    shown.write(f"[{self._name}] {line}")
                    shown.flush()

    def _hear(self, stream: str, line: str) -> None:
        with self._lock:
            if self._unsent and self._unsent[-1]["stream"] == stream:
                self._unsent[-1]["text"] += line
            else:
                self._unsent.append({"stream": stream, "text": line})
            if stream == "stderr":
                self._errors = (self._errors + line)[-_KEPT_ERRORS:]

    def _keep_alive(self) -> None:
        """Renew the lease and send output while it runs; hear aborts, and end it at its time."""
        began = renewed_at = time.monotonic()
        while not self._ended.wait(_SEND_SECONDS):
            now = time.monotonic()
            with suppress(PipelinesError):
                self._send_output(patience=0)
            if now - renewed_at >= self._renew_every:
                renewed_at = now
                self._renew()
            if self._timeout and now - began > self._timeout and not self._timed_out:
                self._timed_out = f"it took longer than {self._timeout:g} seconds"
                threading.Thread(
                    target=self._end_processes, args=(_GRACE_SECONDS,), daemon=True
                ).start()

    def _renew(self) -> None:
        try:
            answer = self._own.send("POST", f"tasks/{self.task_id}/renew/", {}, patience=0)
        except RequestRefused:
            self.abort("its task was ended elsewhere")
        except PipelinesError:
            return
        else:
            if answer["abort"]:
                self.abort("aborted", float(answer.get("grace") or _GRACE_SECONDS))

    def _send_output(self, patience: Optional[float] = None) -> None:
        """Send what it has printed; a batch keeps its key until the server has it."""
        path = f"tasks/{self.task_id}/output/"
        with self._sending:
            while self._batch or self._next_batch():
                headers = {"Idempotency-Key": self._batch_key}
                body = {"pieces": self._batch}
                try:
                    self._own.send("POST", path, body, patience=patience, headers=headers)
                except RequestRefused:
                    self._batch = []
                    return
                self._batch = []

    def _next_batch(self) -> bool:
        """Take some of what waits, if anything does."""
        with self._lock:
            self._batch, self._unsent = self._unsent[:1], self._unsent[1:]
            if self._batch and len(self._batch[0]["text"]) > _LARGEST_BATCH:
                text = self._batch[0]["text"]
                self._unsent.insert(0, {**self._batch[0], "text": text[_LARGEST_BATCH:]})
                self._batch[0]["text"] = text[:_LARGEST_BATCH]
        self._batch_key = os.urandom(16).hex()
        return bool(self._batch)

    def _end_processes(self, grace: float) -> None:
        self._signal(signal.SIGTERM)
        if not self._ended.wait(grace):
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self._process is not None:
            with suppress(OSError):
                os.killpg(self._process.pid, number)

    def _leave_results(self) -> None:
        from pipelines.storing import COLLECTED, upload_artifact

        folder = self._context.path(COLLECTED)
        for name in sorted(os.listdir(folder)):
            if not name.startswith("."):
                self._describe(folder, name)
                upload_artifact(self._context, name)
        used = self._context.read_json("parameters_used.json")
        if used:
            with suppress(RequestRefused):
                self._own.send("PATCH", f"tasks/{self.task_id}/", {"parameters": used})

    def _describe(self, folder: str, name: str) -> None:
        """Say of a file that the step put there by itself what it is."""
        note = os.path.join(folder, ".meta", f"{name}.json")
        if os.path.exists(note):
            return
        is_folder = os.path.isdir(os.path.join(folder, name))
        os.makedirs(os.path.dirname(note), exist_ok=True)
        about: dict[str, Any] = {
            "kind": "folder" if is_folder else "file",
            "media_type": "application/x-tar" if is_folder else "application/octet-stream",
            "metadata": {},
        }
        with open(note, "w", encoding="utf-8") as file:
            json.dump(about, file)

    def _judged(self, code: int) -> dict[str, Any]:
        if code == 0:
            return {"status": "completed", "exit_code": 0}
        if code < 0:
            return {"status": "failed", "reason": f"it was ended by {_name_of_signal(-code)}"}
        traceback = ""
        reason = f"it ended with exit code {code}"
        if _TRACEBACK in self._errors:
            traceback = self._errors[self._errors.rindex(_TRACEBACK) :]
            last = [line for line in traceback.splitlines() if line[:1].strip()]
            reason = last[-1][:_LONGEST_REASON]
        return {"status": "failed", "reason": reason, "traceback": traceback, "exit_code": code}

    def _finish(self, **ending: Any) -> None:
        outputs: dict[str, Any] = {}
        try:
            outputs = self._context.read_json("outputs.json")
        except PipelinesError as error:
            ending = {"status": "failed", "reason": str(error)}
        self._own.send("POST", f"tasks/{self.task_id}/finish/", {**ending, "outputs": outputs})


def _name_of_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _filled_in(word: str, parameters: dict[str, Any]) -> str:
    """Put parameters into one word of a command; whatever they hold, it stays one word."""
    import re

    def value_of(match: re.Match[str]) -> str:
        value = parameters.get(match[1])
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    return re.sub(r"\{([\w\-. ]+/[\w\-. /]+)\}", value_of, word)


_CALL_FUNCTION = '''\
"""Calls the step's function with the task's parameters; its return value becomes an output."""

from pipelines import Task
from pipelines.main_call import call
from step_function import {name} as function

answer = call(function)
if answer is not None and not isinstance(answer, dict):
    Task.current_task().set_output("return", answer)
'''
