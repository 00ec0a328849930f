"""What the OpenAPI document promises, held against a live server by programs that know only it."""
