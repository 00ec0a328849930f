"""The sample on a live stack, and tokens of its people."""

from __future__ import annotations

from tests.live_stack import LiveStack

_MAKE_TOKEN = """
from orchestrator.actions.tokens import create_token
print(create_token(actor={user!r}, name="contract", scopes={scopes!r})[1])
"""


class SampleStack:
    """A live stack with the sample in it."""

    def __init__(self, live: LiveStack) -> None:
        live.manage("seed_sample")
        self.live = live
        self.url = live.base_url

    def token(self, user: str = "admin", *scopes: str) -> str:
        """A new token of a person who is there; without scopes it may do all that they may."""
        code = _MAKE_TOKEN.format(user=user, scopes=scopes or ("admin",))
        return self.live.manage("shell", "-v0", "-c", code).split()[-1]
