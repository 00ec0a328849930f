"""The address of the websocket."""

from django.urls import path

from pipelines_ui.consumers import LiveConsumer

websocket_urlpatterns = [path("ws/", LiveConsumer.as_asgi())]
