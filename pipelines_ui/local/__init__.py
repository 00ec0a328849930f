"""Everything on one machine with one command: the supervisor and the bundled Redis.

Nothing here imports Django: the supervisor stays small, and works before anything is installed.
"""
