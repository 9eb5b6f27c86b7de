# SPDX-License-Identifier: MIT
"""conftest.py - what the comparisons of two daemons or libraries share."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
