"""Executing tasks: claim one, supervise it, keep its output and results, record its end.

An agent knows nothing of graphs. Users' code runs in child processes that know only their own
attempt; see ``execution`` for the whole way of one task and ``supervisor`` for how it is ended.
"""

from orchestrator.agent.execution import execute
from orchestrator.agent.worker import run_agent

__all__ = ["execute", "run_agent"]
