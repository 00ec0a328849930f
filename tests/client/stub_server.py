"""A little server on loopback that knows the part of the API that a step speaks to."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

TOKEN = "a-token-of-one-attempt"


class StubServer:
    """Keeps what it is sent, gives what it was told to have, and can be made to misbehave."""

    def __init__(self) -> None:
        self.projects: set[str] = set()
        self.pipelines: dict[str, list[dict[str, Any]]] = {}
        self.tasks: dict[str, dict[str, Any]] = {}
        self.runs: dict[str, dict[str, Any]] = {}
        self.artifacts: dict[tuple[str, str], tuple[dict[str, Any], bytes]] = {}
        self.samples: list[dict[str, Any]] = []
        self.progress: list[float] = []
        self.changes: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.bodies: list[Any] = []
        self.keys: list[str] = []
        self.authorizations: set[str | None] = set()
        self.answer_badly: list[int] = []
        self.cut_short = 0
        self.thinks_for_seconds = 0.0
        self.hangs_up = 0
        self.applied: dict[str, Any] = {}
        self.exported = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def add_artifact(self, task_id: str, name: str, content: bytes, **about: Any) -> str:
        """Let a task have an artifact; give back its address."""
        self.artifacts[task_id, name] = ({"name": name, "size": len(content), **about}, content)
        return f"artifact://{task_id}/{name}"

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Decide what a request is answered."""
        self.requests.append((method, path))
        self.authorizations.add(headers.get("authorization"))
        if self.answer_badly:
            status = self.answer_badly.pop(0)
            return status, json.dumps({"title": "No", "code": "no", "detail": "not now"}).encode()
        parts = [unquote(part) for part in urlsplit(path).path.strip("/").split("/")]
        match (method, *parts):
            case ("GET", "api", "v1", "tasks", task_id, "artifacts"):
                rows = [row for (owner, _), (row, _) in self.artifacts.items() if owner == task_id]
                return 200, json.dumps({"next": None, "previous": None, "results": rows}).encode()
            case ("GET", "api", "v1", "tasks", task_id, "artifacts", name):
                return 200, self.artifacts[task_id, name][1]
            case ("PUT", "api", "v1", "tasks", task_id, "artifacts", name):
                about = {"kind": headers["x-pipelines-kind"], "media_type": headers["content-type"]}
                self.add_artifact(task_id, name, body, **about)
                return 201, b"{}"
            case ("POST", "api", "v1", "tasks", _, "samples"):
                self.samples += json.loads(body)
                self.keys.append(headers["idempotency-key"])
                return 201, b"{}"
            case ("PATCH", "api", "v1", "tasks", _) if "progress" in json.loads(body):
                self.progress.append(json.loads(body)["progress"])
                return 200, b"{}"
            case ("PATCH", "api", "v1", "tasks", task_id):
                self.changes.append(json.loads(body))
                return 200, json.dumps(self.tasks.get(task_id, {})).encode()
            case ("GET", "api", "v1", "tasks"):
                rows = list(self.tasks.values())
                return 200, json.dumps({"next": None, "previous": None, "results": rows}).encode()
            case ("GET", "api", "v1", "tasks", *names) if "/".join(names) in self.tasks:
                return 200, json.dumps(self.tasks["/".join(names)]).encode()
            case ("POST", "api", "v1", "tasks"):
                return self._save(json.loads(body), 201)
            case ("PUT", "api", "v1", "tasks", project, slug) if f"{project}/{slug}" in self.tasks:
                return self._save(json.loads(body), 200)
        return self._answer_about_pipelines((method, *parts), headers, body)

    def _answer_about_pipelines(
        self, asked: tuple[str, ...], headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        match asked:
            case ("GET", "api", "v1", "runs", run) if run in self.runs:
                return 200, json.dumps({"id": run, **self.runs[run]}).encode()
            case ("GET", "api", "v1", "projects", project) if project in self.projects:
                return 200, json.dumps({"slug": project}).encode()
            case ("POST", "api", "v1", "projects"):
                self.projects.add(json.loads(body)["slug"])
                return 201, body
            case ("POST", "api", "v1", "pipelines", "import"):
                made = json.loads(body)
                self.bodies.append(made)
                self.pipelines.setdefault(f"{made['project']}/{made['slug']}", []).append(made)
                return 201, body
            case ("POST", "api", "v1", "pipelines", "apply"):
                self.bodies.append(json.loads(body))
                return 200, json.dumps(self.applied).encode()
            case ("GET", "api", "v1", "pipelines", _, _, "export"):
                return 200, self.exported.encode()
            case ("GET", "api", "v1", "pipelines", project, slug, "draft"):
                revision = len(self.pipelines[f"{project}/{slug}"])
                return 200, json.dumps({"revision": revision}).encode()
            case ("POST", "api", "v1", "pipelines", project, slug, "publish"):
                number = len(self.pipelines[f"{project}/{slug}"])
                assert headers["if-match"] == f'"{number}"'
                return 201, json.dumps({"number": number}).encode()
        return 404, json.dumps({"title": "Not found", "code": "not_found"}).encode()

    def _save(self, body: dict[str, Any], status: int) -> tuple[int, bytes]:
        self.bodies.append(body)
        key = f"{body['project']}/{body['slug']}"
        executed = {name: body[name] for name in ("script", "source") if name in body}
        known = self.tasks.get(key, {"version": 0})
        version = known["version"] + (known.get("body") != executed)
        self.tasks[key] = {
            **body,
            "body": executed,
            "id": key,
            "version": version,
            "template_version": version,
        }
        return status, json.dumps(self.tasks[key]).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                time.sleep(stub.thinks_for_seconds)
                if stub.hangs_up:
                    stub.hangs_up -= 1
                    self.close_connection = True
                    return
                status, answer = stub.answer(self.command, self.path, headers, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if stub.cut_short and self.command == "GET":
                    stub.cut_short -= 1
                    answer = answer[: len(answer) // 2]
                self.wfile.write(answer)

            do_GET = do_PUT = do_POST = do_PATCH = handle_any

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing: the tests look at what was kept."""

        return Handler
