# SPDX-License-Identifier: MIT
"""tour.py - finds the tour's stops: comments that open with `tour NN:`.

Both comment forms are read: /* ... */ in C and assembly, and runs of # lines
in scripts and makefiles.
Not here: the rule about gaps (tests/lint).
"""

import re
import typing

from . import tree

FOLDERS = ("include", "hypervisor", "pvguest-kernel", "tools", "examples",
           "scripts", "tests")
C_FILES = {".c", ".h", ".S", ".def"}
C_STOP = re.compile(r"/\*\s*tour (\d+):\s*(.*?)\*/", re.DOTALL)
HASH_STOP = re.compile(r"^# tour (\d+): (.*(?:\n#(?! tour) .*)*)", re.M)


class Stop(typing.NamedTuple):
    number: int
    path: str
    line: int
    text: str


def _clean(text):
    lines = (re.sub(r"^\s*[*#]\s?", "", line) for line in text.splitlines())
    return " ".join(" ".join(lines).split())


def stops(root=tree.ROOT):
    """All stops, by number and then by place."""
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if not path.is_file() or path.is_symlink():
                continue
            if path.suffix in C_FILES:
                pattern = C_STOP
            elif path.suffix in {".mk", ".sh", ".py", ""}:
                pattern = HASH_STOP
            else:
                continue
            try:
                text = path.read_text()
            except UnicodeDecodeError:
                continue
            for match in pattern.finditer(text):
                found.append(Stop(int(match.group(1)),
                                  str(path.relative_to(root)),
                                  text.count("\n", 0, match.start()) + 1,
                                  _clean(match.group(2))))
    return sorted(found)
