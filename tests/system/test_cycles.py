# SPDX-License-Identifier: MIT
"""test_cycles.py - creating and destroying leaves nothing behind.

25 rounds here; PARAVANE_CYCLES=1000 for the long run.
"""

import os

from conftest import audit
from machine import SLOW

CYCLES = int(os.environ.get("PARAVANE_CYCLES", "25"))


def test_cycles_leave_nothing_behind(host, ours):
    create = "vane create /guests/rogue.cfg extra='\"stay\"'"
    host.ok(f"{create} && vane destroy rogue")
    before = audit(host)
    host.ok(f"i=0; while [ $i -lt {CYCLES} ]; do {create} && vane destroy "
            "rogue || break; i=$((i+1)); done; "
            f"[ $i = {CYCLES} ]", (60 + 10 * CYCLES) * SLOW)
    after = audit(host)
    assert (after[0], after[1]) == (0, before[1])
