# SPDX-License-Identifier: MIT
"""tree.py - where things are in the work tree and in its build folder."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PARAVANE_BUILD", ROOT / "build"))


class Problem(Exception):
    """Something the person can act on: printed without a traceback."""


def artefact(*parts):
    """A built file, or a message that says how to build it."""
    path = BUILD.joinpath(*parts)
    if not path.exists():
        raise Problem(f"{relative(path)} is not there: run `make` first")
    return path


def relative(path):
    """The path as a person in the work tree would type it."""
    try:
        return str(pathlib.Path(path).resolve().relative_to(ROOT))
    except ValueError:
        return str(path)
