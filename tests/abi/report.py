# SPDX-License-Identifier: MIT
"""report.py - counts checks, prints failures, knows the allowed differences.

A name in backquotes in docs/divergences.md may differ from upstream's.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def divergences():
    try:
        text = (ROOT / "docs" / "divergences.md").read_text()
    except FileNotFoundError:
        return set()
    return set(re.findall(r"`([^`\s]+)`", text))


class Report:
    def __init__(self, verbose):
        self.verbose = verbose
        self.passed = self.failed = 0
        self.allowed = divergences()

    def check(self, name, problems):
        """One check: passed if problems is empty."""
        if problems:
            self.failed += 1
            for problem in problems:
                print(f"FAIL {name}: {problem}")
        else:
            self.passed += 1
            if self.verbose:
                print(f"ok   {name}")
