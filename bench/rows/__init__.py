"""The rows of the table, by subject; each measures on one stack and gives figures."""
