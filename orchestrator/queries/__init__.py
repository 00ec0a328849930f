"""Questions: what pages, sockets and the REST interface may know, one module a subject.

They return querysets, rows or plain values, and change nothing. Rights are in ``rights``.
"""
