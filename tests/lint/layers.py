# SPDX-License-Identifier: MIT
"""layers.py - who may include whom, in every part of the tree.

The hypervisor's rooms follow hypervisor/layers.txt. Outside of it: the guest
kernel includes its own headers and public ones, tools include public and the
host's, and nobody but tests that run its files on the host includes the
hypervisor's.
"""

import fnmatch
import re

import rules

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.M)
PUBLIC = {"public", "xen"}
HOST_TESTS = ("tests/unit/", "tests/fuzz/host/", "tests/cbmc/")
# Headers that the compiler itself brings along, in a freestanding build too.
COMPILER = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "limits.h",
            "stdalign.h", "cpuid.h"}


class Layers:
    """layers.txt, parsed."""

    def __init__(self, text):
        self.room_level = {}
        self.file_level = []
        self.only = []
        self.allow = []
        level = 0
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            if not line:
                continue
            if line.startswith("only "):
                pattern, _, rooms = line[5:].partition(":")
                self.only.append((pattern.strip(), set(rooms.split())))
            elif line.startswith("allow "):
                rule, _, reason = line[6:].partition(":")
                pattern, header = rule.split()
                if not reason.strip():
                    raise ValueError(f"layers.txt: no reason: {line}")
                self.allow.append((pattern, header))
            else:
                level += 1
                for word in line.split():
                    if "/" in word:
                        self.file_level.append((word, level))
                    else:
                        self.room_level[word] = level

    def level(self, path, room):
        for pattern, level in self.file_level:
            if fnmatch.fnmatch(path, pattern):
                return level
        return self.room_level.get(room)

    def problem(self, path, header):
        """Why hypervisor file PATH may not include HEADER, or None."""
        room = path.split("/")[0]
        target = header.split("/")[0] if "/" in header else room
        if target == room:
            return None
        for pattern, wanted in self.allow:
            if fnmatch.fnmatch(path, pattern) and fnmatch.fnmatch(header,
                                                                  wanted):
                return None
        for pattern, rooms in self.only:
            if fnmatch.fnmatch(path, pattern):
                return (None if target in rooms else
                        f"{pattern} may include only {' '.join(sorted(rooms))}"
                        f", not {header}")
        if target in PUBLIC or target == "abi":
            return None
        mine, theirs = self.level(path, room), self.room_level.get(target)
        if mine is None:
            return f"room {room} is not in layers.txt"
        if theirs is None:
            return f"{header} is in no room of layers.txt"
        if theirs > mine:
            return None
        kind = "a sibling" if theirs == mine else "a higher room"
        return f"{room} includes {header}: {target} is {kind}"


def includes(text):
    """(line number, header, is quoted) of every include."""
    for match in INCLUDE.finditer(text):
        yield (text.count("\n", 0, match.start()) + 1, match.group(2),
               match.group(1) == '"')


def outside_problem(part, path, header, quoted):
    """The same for a file of another part of the tree, or None."""
    top = header.split("/")[0] if "/" in header else None
    if part == "pvguest-kernel":
        allowed = PUBLIC | {"abi"} | rules.folders("pvguest-kernel")
        if top is None:
            return (None if quoted or header in COMPILER else
                    f"the guest kernel has no <{header}>")
        return None if top in allowed else (
            f"the guest kernel may not include {header}")
    if path.startswith(HOST_TESTS):
        return None
    files = rules.files()
    if quoted and f"hypervisor/{header}" in files and not any(
            f.startswith(part + "/") and f.endswith("/" + header)
            for f in files):
        return f"only host tests may include the hypervisor's {header}"
    return None


def check(report):
    listed = rules.ROOT / "hypervisor" / "layers.txt"
    if not listed.exists():
        report.fail("hypervisor/layers.txt", 0, "missing")
        return
    layers = Layers(listed.read_text())
    for path in rules.sources(".c", ".h", ".S", ".def"):
        part, _, rest = path.partition("/")
        for line, header, quoted in includes(rules.text(path)):
            if part == "hypervisor":
                if header in COMPILER or "/" not in header:
                    continue
                problem = layers.problem(rest, header)
            else:
                problem = outside_problem(part, path, header, quoted)
            if problem:
                report.fail(path, line, problem)
