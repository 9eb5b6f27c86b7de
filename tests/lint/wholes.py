# SPDX-License-Identifier: MIT
"""wholes.py - rules about files together: the tour, tests, generated text."""

import subprocess
import sys

import rules

sys.path.insert(0, str(rules.ROOT / "scripts"))

from lib import tour  # noqa: E402

# Rooms whose .c files are mechanisms: each has a unit test or a reason.
MECHANISM_ROOMS = ("base", "sync", "mm", "guest", "domain", "time", "sched",
                   "evtchn", "grant", "emul")
NO_TEST = "tests/lint/no-unit-test.txt"
# Documents that a script makes: lint compares them.
MADE = {"docs/abi.md": "scripts/abi-doc", "docs/locks.md": "scripts/locks-doc"}


def tour_numbers(stops):
    """(path, line, message) for each gap and duplicate."""
    seen = {}
    expected = 1
    for stop in stops:
        if stop.number in seen:
            yield (stop.path, stop.line, f"tour {stop.number:02} is also at "
                   f"{seen[stop.number]}")
            continue
        seen[stop.number] = f"{stop.path}:{stop.line}"
        if stop.number != expected:
            yield (stop.path, stop.line, f"tour {stop.number:02} follows "
                   f"{expected - 1:02}: {expected:02} is missing")
        expected = stop.number + 1


def check_tour(report):
    for failure in tour_numbers(tour.stops()):
        report.fail(*failure)


def read_reasons(text):
    """`FILE: reason` lines; a line without a reason gives an empty one."""
    reasons = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            path, _, reason = line.partition(":")
            reasons[path.strip()] = reason.strip()
    return reasons


def partners(files, reasons):
    """(path, message) for each mechanism file without test or reason."""
    present = set(files)
    for path in files:
        parts = path.split("/")
        if len(parts) != 3 or parts[0] != "hypervisor" or \
                parts[1] not in MECHANISM_ROOMS or not path.endswith(".c") or \
                parts[2] == "ops.c" or parts[2].startswith("ops_"):
            continue
        test = f"tests/unit/test_{parts[1]}_{parts[2]}"
        if test not in present and not reasons.get(path):
            yield path, f"no {test}, and no reason in {NO_TEST}"
    for path in reasons:
        parts = path.split("/")
        test = f"tests/unit/test_{parts[1]}_{parts[2]}" \
            if len(parts) == 3 else None
        if path not in present:
            yield NO_TEST, f"names {path}, which is not there"
        elif test in present:
            yield NO_TEST, f"names {path}, which has a test"


def check_partners(report):
    path = rules.ROOT / NO_TEST
    reasons = read_reasons(path.read_text() if path.exists() else "")
    for name, message in partners(rules.files(), reasons):
        report.fail(name, 0, message)


def check_made_docs(report):
    """Documents are what their scripts make of the tables in the source."""
    for document, name in MADE.items():
        script = rules.ROOT / name
        if not script.exists():
            report.fail(name, 0, "missing")
            continue
        made = subprocess.run([str(script)], cwd=rules.ROOT, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if made.returncode:
            report.fail(name, 0, made.stderr.decode().strip())
        elif rules.text(document) != made.stdout.decode():
            report.fail(document, 0, f"not what {name} prints: run "
                        f"{name} >{document}")


def check_syntax(report):
    """Every Python and shell script parses."""
    for path in rules.files():
        first = rules.text(path).split("\n", 1)[0]
        if path.endswith(".py") or "python3" in first and \
                first.startswith("#!"):
            try:
                compile(rules.text(path), path, "exec")
            except SyntaxError as error:
                report.fail(path, error.lineno, error.msg)
        elif first in ("#!/bin/sh", "#!/bin/bash"):
            done = subprocess.run([first[2:], "-n", path], cwd=rules.ROOT,
                                  check=False, stderr=subprocess.PIPE)
            if done.returncode:
                report.fail(path, 0, done.stderr.decode().strip())


def check_executable(report):
    """A file that opens with #! can be run, and only such a file."""
    for path in rules.files():
        runs = bool((rules.ROOT / path).stat().st_mode & 0o100)
        starts = rules.text(path).startswith("#!")
        if runs != starts:
            report.fail(path, 1, "executable without #!" if runs else
                        "starts with #! but is not executable")
