"""Measures the product beside yardsticks of the same machine in the same minute: `make bench`.

Figures live here and never in a test, which must not depend on how fast a machine is.
"""
