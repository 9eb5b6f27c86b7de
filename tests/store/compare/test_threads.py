# SPDX-License-Identifier: MIT
"""test_threads.py - threads.c, under the thread sanitizer, with both daemons."""

import os
import subprocess

import pytest

from daemons import BUILD, Daemon


@pytest.mark.parametrize("kind", ["debian", "ours"])
def test_threads_share_a_handle(kind):
    with Daemon(kind) as daemon:
        done = subprocess.run(
            [BUILD / "tests/store/threads"], check=False, timeout=900,
            env=dict(os.environ, XENSTORED_PATH=str(daemon.socket)),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    assert "0 failures" in done.stdout
