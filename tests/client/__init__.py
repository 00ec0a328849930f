"""The client that steps import, tried in processes of its own as an agent would start them."""
