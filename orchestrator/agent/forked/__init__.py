"""What runs between an agent and a user's process: the fork server and what is forked from it.

Nothing here is loaded with Django: the fork server imports this folder by itself, with the
Python of the step's environment, so only the standard library and each other are imported.
"""
