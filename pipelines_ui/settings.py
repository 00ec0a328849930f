"""All settings, for every environment: the environment differs, this file does not.

Each value of ours is read from a variable of the same name that starts with PIPELINES_;
docs/configuration.md explains them. With no variables set it is ready for development.
"""

import os
import secrets
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def number(name: str, default: float, *, minimum: float = 0) -> float:
    given = text(name)
    if not given:
        return default
    try:
        value = float(given)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {given!r}") from None
    if value < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum:g}, not {given}")
    return value


def yes_no(name: str, *, default: bool) -> bool:
    given = text(name).lower()
    if not given:
        return default
    if given in {"1", "yes", "true", "on"}:
        return True
    if given in {"0", "no", "false", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {given!r}")


def secret(name: str) -> str:
    """The value of NAME, or the content of the file that NAME_FILE names."""
    file_name = text(f"{name}_FILE")
    if not file_name:
        return text(name)
    if text(name):
        raise ImproperlyConfigured(f"set either {name} or {name}_FILE, not both")
    try:
        return Path(file_name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error


def _folder(path: Path, name: str) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}: the folder {path} cannot be made: {error}") from error
    return path


# Where things are ---------------------------------------------------------------------------

PIPELINES_PRODUCTION = yes_no("PIPELINES_PRODUCTION", default=False)
PIPELINES_WEB = yes_no("PIPELINES_WEB", default=False)
PIPELINES_DATA_DIR = _folder(
    Path(text("PIPELINES_DATA_DIR", str(BASE_DIR / "data"))).absolute(), "PIPELINES_DATA_DIR"
)
PIPELINES_ARTIFACT_DIR = Path(
    text("PIPELINES_ARTIFACT_DIR", str(PIPELINES_DATA_DIR / "artifacts"))
).absolute()
# A worker writes its process number here when it is ready; the supervisor looks.
PIPELINES_READY_FILE = text("PIPELINES_READY_FILE")
PIPELINES_BASE_URL = text("PIPELINES_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
# Where steps reach the REST interface; inside a cluster often another address than people's.
PIPELINES_API_URL = text("PIPELINES_API_URL", PIPELINES_BASE_URL).rstrip("/")
PIPELINES_REDIS_URL = secret("PIPELINES_REDIS_URL") or "redis://127.0.0.1:6380/0"
PIPELINES_DATABASE_URL = (
    secret("PIPELINES_DATABASE_URL") or f"sqlite:///{quote(str(PIPELINES_DATA_DIR / 'db.sqlite3'))}"
)

# Time ---------------------------------------------------------------------------------------

PIPELINES_LEASE_SECONDS = number("PIPELINES_LEASE_SECONDS", 45, minimum=1)
PIPELINES_RENEW_SECONDS = number("PIPELINES_RENEW_SECONDS", 10, minimum=0.1)
PIPELINES_TICK_SECONDS = number("PIPELINES_TICK_SECONDS", 1, minimum=0.05)
PIPELINES_ABORT_GRACE_SECONDS = number("PIPELINES_ABORT_GRACE_SECONDS", 10)
# How long an agent that was told to stop lets its tasks go on before it gives them back.
PIPELINES_DRAIN_SECONDS = number("PIPELINES_DRAIN_SECONDS", 30)
# For the installation of what tasks require, for example the address of an index of your own.
PIPELINES_PIP_OPTIONS = text("PIPELINES_PIP_OPTIONS")
PIPELINES_WEBHOOKS_PRIVATE = yes_no("PIPELINES_WEBHOOKS_PRIVATE", default=False)
if PIPELINES_RENEW_SECONDS * 2 > PIPELINES_LEASE_SECONDS:
    raise ImproperlyConfigured(
        "PIPELINES_RENEW_SECONDS must be at most half of PIPELINES_LEASE_SECONDS"
    )

TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
LANGUAGE_CODE = "en-gb"

# Security -----------------------------------------------------------------------------------


def _development_key() -> str:
    """A key of this machine's own, kept beside its data so that sessions outlive a restart."""
    path = PIPELINES_DATA_DIR / "secret_key"
    try:
        with open(path, "x", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(f"PIPELINES_DATA_DIR cannot be written: {error}") from error
    return path.read_text(encoding="utf-8")


DEBUG = False
SECRET_KEY = secret("PIPELINES_SECRET_KEY")
ALLOWED_HOSTS = [
    host.strip() for host in text("PIPELINES_ALLOWED_HOSTS").split(",") if host.strip()
]
if PIPELINES_PRODUCTION:
    if len(SECRET_KEY) < 32:
        raise ImproperlyConfigured(
            "PIPELINES_SECRET_KEY (or PIPELINES_SECRET_KEY_FILE) must be set in production, "
            "to at least 32 random characters"
        )
    if not (text("PIPELINES_REDIS_URL") or text("PIPELINES_REDIS_URL_FILE")):
        raise ImproperlyConfigured("PIPELINES_REDIS_URL must be set in production")
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured("PIPELINES_ALLOWED_HOSTS must be set in production")
else:
    SECRET_KEY = SECRET_KEY or _development_key()
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["127.0.0.1", "localhost", "[::1]"]
PIPELINES_SECRET_KEY = SECRET_KEY
PIPELINES_ALLOWED_HOSTS = ALLOWED_HOSTS

_over_https = PIPELINES_BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _over_https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 7 * 24 * 3600
CSRF_TRUSTED_ORIGINS = [PIPELINES_BASE_URL]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PIPELINES_PRODUCTION and _over_https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _over_https else None
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# The program --------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "drf_spectacular",
    "rest_framework",
    "orchestrator",
    "pipelines_ui",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "pipelines_ui.urls"
AUTH_USER_MODEL = "orchestrator.User"
ASGI_APPLICATION = "pipelines_ui.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
PASSWORD_RESET_TIMEOUT = 24 * 3600
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# A pipeline's document may have 4 MB; forms carry it with some quoting.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
# Large artifacts wait beside the place where they will stay, not in a temporary folder in memory.
FILE_UPLOAD_TEMP_DIR = _folder(PIPELINES_DATA_DIR / "uploads", "PIPELINES_DATA_DIR")

# Static files -------------------------------------------------------------------------------


def _build_of(folder: Path) -> str:
    """A short name for exactly these files; it is part of their address, so caches never lie."""
    checksum = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            checksum = zlib.crc32(str(path.relative_to(folder)).encode(), checksum)
            checksum = zlib.crc32(path.read_bytes(), checksum)
    return f"{checksum:08x}"


PIPELINES_BUILD = text("PIPELINES_BUILD") or _build_of(BASE_DIR / "static")
STATIC_URL = f"/static/{PIPELINES_BUILD}/"
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]

# Database -----------------------------------------------------------------------------------

_SQLITE_OPTIONS = {
    "timeout": 20,
    # A transaction that reads and then writes would otherwise fail as locked under load.
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;"
        "PRAGMA cache_size=-64000;PRAGMA temp_store=MEMORY"
    ),
}

_POOL = {"min_size": 1, "max_size": 20, "timeout": 10}

# A process that is frozen, or whose machine is gone, must not keep the lock of a run: the server
# ends a transaction in which nothing is said for this long, and a connection that is not answered.
_SILENCE_MILLISECONDS = round(max(10, PIPELINES_LEASE_SECONDS) * 1000)
# So often the same statement has to come before the server keeps its plan.
_PREPARED_AFTER = 3
_POSTGRES_OPTIONS = {
    # Statements are parsed and planned once a connection, values travel beside them.
    "server_side_binding": True,
    "prepare_threshold": _PREPARED_AFTER,
    "options": f"-c idle_in_transaction_session_timeout={_SILENCE_MILLISECONDS}",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def _postgres_options(query: str) -> dict[str, Any]:
    """What an address asks for after `?`: libpq's options, and whether statements are prepared."""
    options: dict[str, Any] = dict(parse_qsl(query))
    if options.pop("prepared", "yes") == "no":
        options["prepare_threshold"] = None
    return options


def database(url: str, *, web: bool) -> dict[str, Any]:
    """Django's description of the database at `url` (sqlite:///path or postgresql://…)."""
    parts = urlsplit(url)
    kept_open = {"CONN_MAX_AGE": 0 if web else 600, "CONN_HEALTH_CHECKS": True}
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]),
            "OPTIONS": dict(_SQLITE_OPTIONS),
            **kept_open,
        }
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "PIPELINES_DATABASE_URL must start with sqlite:/// or postgresql://, "
            f"not {parts.scheme}://"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        # Requests come on many threads: they share a pool instead of connecting each time.
        "OPTIONS": {
            **_POSTGRES_OPTIONS,
            **_postgres_options(parts.query),
            **({"pool": _POOL} if web else {}),
        },
        **kept_open,
    }


DATABASES = {"default": database(PIPELINES_DATABASE_URL, web=PIPELINES_WEB)}

# Messages -----------------------------------------------------------------------------------

CELERY_BROKER_URL = PIPELINES_REDIS_URL
CELERY_BROKER_TRANSPORT = "pipelines_ui.worker:Transport"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "ctl"
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_TRACK_STARTED = False
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
# Zero, not one: with a prefetch limit a worker can stop consuming for ever after Redis restarts,
# because an acknowledgement lost with the connection keeps its place. Free slots limit instead.
CELERY_WORKER_PREFETCH_MULTIPLIER = 0
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_CONSUMER = "pipelines_ui.worker:WakefulConsumer"
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_POOL_LIMIT = 4
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
}

# REST ---------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "DATETIME_FORMAT": "iso-8601",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Pipelines",
    "DESCRIPTION": "Build, start, watch and steer pipelines of tasks.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "TaskKindEnum": "orchestrator.api.shapes.tasks.KINDS",
        "ArtifactKindEnum": "orchestrator.domain.artifacts.KINDS",
        "ReportKindEnum": "orchestrator.domain.artifacts.REPORTS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "orchestrator.api.schema.say_null_once",
    ],
}

# Logs ---------------------------------------------------------------------------------------

PIPELINES_LOG_LEVEL = text("PIPELINES_LOG_LEVEL", "INFO").upper()
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": PIPELINES_LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # Two lines for each message would bury the rest; what goes wrong is still said.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
