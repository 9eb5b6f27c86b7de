# SPDX-License-Identifier: MIT
"""test_demo.py - `make run` with no terminal: the demonstration."""

import os
import subprocess

from machine import ROOT, SLOW


def test_the_demonstration_runs(ours):
    done = subprocess.run([str(ROOT / "scripts" / "run")],
                          stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=300 * SLOW)
    out = done.stdout.decode()
    assert done.returncode == 0, out
    assert "everything showed what it should" in out
    for words in ("Domain-0", "Hello from ring 3", "Goodbye", "--p---",
                  "errors 0"):
        assert words in out


def test_a_step_that_fails_is_told(tmp_path, ours):
    """A vane that cannot list: the demonstration ends with a message."""
    broken = tmp_path / "vane"
    broken.write_text("#!/bin/sh\n[ \"$1\" != list ] && exec /sbin/vane "
                      "\"$@\"\necho nothing here\n")
    os.chmod(broken, 0o755)
    done = subprocess.run([str(ROOT / "scripts" / "demo"), "--add",
                           f"{broken}:/bin/vane"], stdin=subprocess.DEVNULL,
                          check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300 * SLOW)
    assert done.returncode == 1
    assert b"demo: FAILED: the output above does not show" in done.stdout
