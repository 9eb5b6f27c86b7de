# SPDX-License-Identifier: MIT
"""test_library.py - our libxenstore.so against Debian's, call by call.

Rule: with the same daemon, whatever it answers and however it ends, a program
gets the same results and the same errno, and the daemon is sent the same.
"""

import difflib
import os
import pathlib
import subprocess
import sys

from daemons import DEBIAN_LIBRARIES, OUR_LIBRARY

SCENES = pathlib.Path(__file__).resolve().parent / "scenes.py"

# Debian's line, our line: docs/store.md says why.
DIFFERENT = ()


def play(folder):
    done = subprocess.run(
        [sys.executable, "-B", SCENES], check=True, timeout=900, text=True,
        stdout=subprocess.PIPE,
        env=dict(os.environ, LIBXENSTORE=str(folder / "libxenstore.so.4"),
                 LD_LIBRARY_PATH=str(DEBIAN_LIBRARIES)))
    return done.stdout.splitlines()


def test_programs_see_the_same():
    debian, ours = play(DEBIAN_LIBRARIES), play(OUR_LIBRARY)
    assert len(debian) > 200
    expected = [our if (line, our) in DIFFERENT else line
                for line, our in zip(debian, ours)] + debian[len(ours):]
    difference = list(difflib.unified_diff(expected, ours, "Debian's", "ours",
                                           lineterm="", n=4))
    assert not difference, "\n" + "\n".join(difference)
