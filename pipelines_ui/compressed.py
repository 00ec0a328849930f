"""JSON for scripts that would be too long within their page: compressed, and kept if it lasts.

Nothing between here and the browser compresses what Django answers, and a graph of ten thousand
steps shrinks to a tenth.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from orchestrator.queries.graphs import columns

WITHIN_THE_PAGE = 500
"""Up to so many steps their data are part of the page; one request is then the fastest."""

_KEPT_SECONDS = 3600
_OFTEN, _ONCE = 1, 6
"""How hard to compress: what is made anew each time, and what is kept."""


def passing(request: HttpRequest, data: Any) -> HttpResponse:
    """Answer with what is true only now."""
    response = _answer(request, _zipped(data, _OFTEN))
    response["Cache-Control"] = "private, no-cache"
    return response


def lasting(request: HttpRequest, name: str, tag: str, data: Callable[[], Any]) -> HttpResponse:
    """Answer with what a name and tag stand for, for ever; it is made once, for whoever asks.

    An address that has the tag in it (``?of=``) is not even asked about again.
    """
    etag = f'"{tag}"'
    known = get_conditional_response(request, etag)
    response = known or _answer(request, _kept(f"{name}:{tag}", data))
    response["ETag"] = etag
    for_ever = request.GET.get("of") == tag
    response["Cache-Control"] = (
        f"private, {'max-age=31536000, immutable' if for_ever else 'no-cache'}"
    )
    return response


def drawn_graph(graph: Mapping[str, Any], query: str, tag: str) -> dict[str, Any]:
    """A graph for a page's template: the data themselves, or where this page has them."""
    if len(graph["nodes"]) > WITHIN_THE_PAGE:
        return {"graph_url": f"{query}&part=graph&of={tag}"}
    return {"graph": columns(graph)}


def _kept(key: str, data: Callable[[], Any]) -> bytes:
    zipped: bytes | None = cache.get(key)
    if zipped is None:
        zipped = _zipped(data(), _ONCE)
        cache.set(key, zipped, _KEPT_SECONDS)
    return zipped


def _zipped(data: Any, level: int) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), level, mtime=0)


def _answer(request: HttpRequest, zipped: bytes) -> HttpResponse:
    takes_it = "gzip" in request.headers.get("Accept-Encoding", "")
    body = zipped if takes_it else gzip.decompress(zipped)
    response = HttpResponse(body, content_type="application/json")
    if takes_it:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ("Accept-Encoding", "Cookie"))
    return response
