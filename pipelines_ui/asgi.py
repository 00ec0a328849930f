"""The web process: pages and the REST interface over HTTP, live changes over one websocket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pipelines_ui.settings")
# Read by the settings: the web process pools its database connections, workers keep theirs.
os.environ.setdefault("PIPELINES_WEB", "yes")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

from pipelines_ui.static_files import StaticFiles  # noqa: E402
from pipelines_ui.urls import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": StaticFiles(
            django_application,
            prefix=settings.STATIC_URL,
            folder=settings.BASE_DIR / "static",
        ),
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
        ),
    }
)
