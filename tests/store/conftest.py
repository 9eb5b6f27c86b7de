# SPDX-License-Identifier: MIT
"""conftest.py - a daemon of ours with played domains, for each test."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "compare"))

from play import Store      # the path must be set first


@pytest.fixture
def store():
    with Store() as running:
        yield running
        assert running.alive(), running.log()
    errors = running.errors
    assert "Sanitizer" not in errors and "runtime error" not in errors, errors
