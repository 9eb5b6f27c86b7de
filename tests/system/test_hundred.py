# SPDX-License-Identifier: MIT
"""test_hundred.py - a hundred guests of 4 MiB at once on a machine of 1 GiB.

Rules: each is in the list, and its console is kept; the last one is made as
the first one is; and when they are gone, nothing is left.
"""

import json
import re

from conftest import GUESTS, audit
from machine import SLOW

GUEST = f"lodger={GUESTS}/lodger,memory=4"
COUNT = 100


def make(shell, first, last):
    """Creates g FIRST to g LAST."""
    shell.ok(f"i={first}; while [ $i -le {last} ]; do vane create "
             "/guests/lodger.cfg name=\\\"g$i\\\" || break; i=$((i+1)); done; "
             f"[ $i -gt {last} ]", (60 + 10 * (last - first)) * SLOW)


def said(shell, name, pattern):
    """Waits until the guest's kept output matches."""
    return re.search(pattern, shell.until(f"vane console --show {name}", pattern))


def tell(shell, name, line):
    """Types a line at the guest."""
    shell.ok(f"printf '{line}\\n\\035' | vane console {name} > /dev/null")


def end_all(shell):
    shell.ok("for d in $(vane list | tail -n +3 | awk '{print $2}'); do "
             "vane destroy $d || break; done; vane list", 600 * SLOW)
    shell.until("vane list | wc -l", r"^2\n")


def test_a_hundred_guests(own_machine, ours):
    shell = own_machine("--guest", GUEST)
    make(shell, 1, 1)
    shell.ok("vane destroy g1")
    before = audit(shell)

    make(shell, 1, COUNT)
    listed = json.loads(shell.ok("vane list --json"))
    names = {d["name"] for d in listed}
    assert names == {"Domain-0"} | {f"g{i}" for i in range(1, COUNT + 1)}
    shell.until("i=1; while vane console --show g$i 2>&1 | "
                "grep -q 'lodger: began at [0-9]'; do i=$((i+1)); done; echo $i",
                rf"^{COUNT + 1}\n", 300 * SLOW)
    out = shell.ok("grep -l began /var/log/vane/guest-g*.log | wc -l")
    assert int(out) == COUNT

    # any of them hears and answers, and has the store
    for i in (1, COUNT // 2, COUNT):
        tell(shell, f"g{i}", f"this is {i}")
        said(shell, f"g{i}", f"lodger: this is {i}\n")
        tell(shell, f"g{i}", "write 100 10")
        assert said(shell, f"g{i}", r"wrote 100, bad (\d+)").group(1) == "0"
    assert audit(shell)[0] == 0

    end_all(shell)
    after = audit(shell)
    assert (after[0], after[1]) == (0, before[1])
