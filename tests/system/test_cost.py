# SPDX-License-Identifier: MIT
"""test_cost.py - what a call and a fault cost, in executed instructions.

Under `--icount` the guest's TSC counts instructions, so the figures are the
same on every machine; guests/cost.c measures.
"""

import re

import pytest

from conftest import GUESTS

LIMITS = {"xen_version": 120, "page fault": 350}


@pytest.mark.parametrize("cpu", ["qemu64", "max"])
def test_calls_and_faults_are_cheap(boot, ours, cpu):
    result = boot("--first", f"{GUESTS}/cost", "--icount", "--cpu", cpu)
    assert result.status == 0, result
    for name, limit in LIMITS.items():
        cost = int(re.search(rf"cost: {name} (\d+)", result.out).group(1))
        assert cost < limit, f"{name}: {cost}"
    assert "cost: faults seen 2000" in result.out


def test_the_method_agrees_with_what_is_known_of_xen(boot, xen):
    """Upstream's figures without its defences: the counting itself is right."""
    result = boot("--hypervisor", xen, "--hv-args", "spec-ctrl=no", "--cpu",
                  "qemu64", "--first", f"{GUESTS}/cost", "--icount")
    assert "cost: xen_version 28" in result.out
    assert "cost: page fault 72" in result.out
