# SPDX-License-Identifier: MIT
"""test_linux.py - the life of Debian's kernel as a guest, on one CPU.

One machine for all tests, and one guest for those that leave it as it was.
Not here: its memory, its clocks, its vCPUs (test_linux_*.py); what a command
refuses (test_vane.py).
"""

import pytest

import linux_guest as linux
from conftest import Kept, kept


class Host(Kept):
    """A control domain with the guest's files."""

    name, options = "linux-life", linux.OPTIONS

    def prepare(self):
        self.machine.settle()


_host = kept(Host)


@pytest.fixture
def host(request, _host):
    yield from _host.lend(request)


def test_it_boots_to_a_shell(host):
    with linux.Guest(host.machine) as guest:
        assert guest.ok("uname -v").endswith("Debian 6.1.192-2 (2026-11-16)\n")
        guest.check_log()
