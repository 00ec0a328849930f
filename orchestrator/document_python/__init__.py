"""A pipeline as a Python script that drives it: written from a document, read back by its syntax.

The script is in a declared subset of Python: one PipelineController, calls of it, literals. It is
read with `ast` and never executed; whatever else stands in it is a problem with its line. What
one writes and the other reads is the same document.
"""

from orchestrator.document_python.not_taken import not_taken
from orchestrator.document_python.reading import PipelineFile, is_python, read_script
from orchestrator.document_python.writing import Written, written_script

__all__ = ["PipelineFile", "Written", "is_python", "not_taken", "read_script", "written_script"]
