# SPDX-License-Identifier: MIT
"""report.py - counts checks, prints failures, knows the allowed differences.

A name in backquotes may differ from upstream's if it stands in the part of
docs/divergences.md that speaks of the headers.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def divergences():
    try:
        text = (ROOT / "docs" / "divergences.md").read_text()
    except FileNotFoundError:
        return set()
    part = re.search(r"^## The headers\n(.*?)(^## |\Z)", text, re.S | re.M)
    return set(re.findall(r"`([^`\s]+)`", part.group(1) if part else ""))


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
