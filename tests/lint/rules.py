# SPDX-License-Identifier: MIT
"""rules.py - what every lint shares: the list of files, and the report.

Guards: only files that git tracks, or would track, are looked at, so that
build products and editors' leftovers are never judged.
"""

import functools
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


@functools.lru_cache(maxsize=None)
def files():
    """Every regular file of the tree, as a path relative to its root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"], cwd=ROOT, check=True,
        stdout=subprocess.PIPE).stdout.decode().split("\0")
    return sorted(f for f in listed if f and (ROOT / f).is_file()
                  and not (ROOT / f).is_symlink())


def sources(*suffixes):
    return [f for f in files() if f.endswith(suffixes)]


@functools.lru_cache(maxsize=None)
def text(path):
    """A file's text, or an empty one if it is not text."""
    data = (ROOT / path).read_bytes()
    try:
        return data.decode() if b"\0" not in data else ""
    except UnicodeDecodeError:
        return ""


def folders(part):
    """The folders directly inside a part of the tree."""
    return {f.split("/")[1] for f in files()
            if f.startswith(part + "/") and f.count("/") > 1}


class Report:
    """The failures of one check."""

    def __init__(self):
        self.failures = []

    def fail(self, path, line, message):
        place = f"{path}:{line}" if line else path
        self.failures.append(f"{place}: {message}")
