"""What a browser sees: pages, sockets, settings, and the one-command supervisor."""
