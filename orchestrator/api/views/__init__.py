"""The views, one module a resource. None holds a ``try``: errors are answered in one place."""
