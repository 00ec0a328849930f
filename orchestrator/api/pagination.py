"""Lists in pages by cursor: nothing shifts while one leafs through."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class Pages(CursorPagination):
    """Fifty a page unless ``limit`` says otherwise; follow ``next`` until it is null."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500
    ordering: str | tuple[str, ...] = "-id"
