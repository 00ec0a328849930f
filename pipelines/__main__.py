"""The command line: `python -m pipelines …`."""

from __future__ import annotations

import sys

from pipelines.command_line import main

sys.exit(main())
