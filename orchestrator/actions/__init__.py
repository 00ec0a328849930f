"""What one may ask for: one function a thing, keyword-only, naming the actor.

They check what is possible; the edges check what is allowed. Nothing of a request comes in here.
"""
