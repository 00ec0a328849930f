"""The tests: one folder per layer, one file per behaviour."""
