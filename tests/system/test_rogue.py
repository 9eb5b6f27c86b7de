# SPDX-License-Identifier: MIT
"""test_rogue.py - guests that misbehave; see guests/rogue.c for the modes.

Each ends as an error code or as that domain's crash, and the hypervisor, the
control domain and another guest go on: the `host` fixture audits afterwards.
"""

import re

import pytest

from conftest import domains
from machine import COMMAND_LIMIT

CREATE = "vane create /guests/rogue.cfg on_crash='\"preserve\"' extra="


def run_to_end(host, mode):
    """Creates it, waits for its end; what it printed."""
    host.ok(f"{CREATE}'\"{mode}\"'")
    host.run("vane wait rogue")
    host.until("vane list rogue 2>&1", r"---s-c|---sc-|----c-|---s--|no dom")
    return host.ok("cat /var/log/vane/guest-rogue.log")


def refusals(host):
    """Calls refused for want of rights since boot, as `vane info` shows it."""
    return int(re.search(r"refusals\s*: (\d+)", host.ok("vane info")).group(1))


@pytest.mark.parametrize("mode", ["crash", "handlers", "stack"])
def test_a_crash_is_that_domains_own(host, mode, request):
    host.ok("vane create /guests/rogue.cfg name='\"other\"' "
            "extra='\"stay\"'")
    out = run_to_end(host, mode)
    assert f"rogue: {mode}" in out
    assert "came back" not in out
    assert domains(host)["other"][1] == "-b----"
    assert "c" in domains(host)["rogue"][1]
    host.ok("vane destroy rogue")


@pytest.mark.parametrize("mode, vector", [("crash", 6), ("step", 1)])
def test_the_reason_of_a_crash_is_in_the_log(host, ours, mode, vector):
    run_to_end(host, mode)
    number = domains(host)["rogue"][0]
    assert re.search(rf"domain {number} crashed: .*exception {vector} ",
                     host.ok("vane dmesg | sed 's/^/:/'"))


def test_rubbish_arguments_are_refused(host):
    out = run_to_end(host, "rubbish")
    match = re.search(r"rogue: (\d+) calls, (\d+) refused", out)
    assert match and int(match.group(1)) > 20000, out
    assert "came back" in out


def test_foreign_frames_cannot_be_mapped(host):
    out = run_to_end(host, "foreign")
    match = re.search(r"(\d+) foreign frames tried, (\d+) mapped", out)
    assert match and int(match.group(1)) > 1000, out
    assert match.group(2) == "0"
    assert re.search(r"own table writable: -\d+", out)
    assert "own frame back: 0" in out


def test_hypervisor_memory_is_out_of_reach(host):
    out = run_to_end(host, "pages")
    assert "m2p readable: 1" in out
    assert "m2p writable: 0" in out
    assert "direct map readable: 0" in out
    assert "own table writable: 0" in out


def test_a_flood_of_output_hurts_nobody(host):
    """The shell answers while it runs, and all it printed was taken."""
    host.ok(f"{CREATE}'\"flood\"'")
    assert host.run("echo here").out == "here\n"
    host.run("vane wait rogue", 10 * COMMAND_LIMIT)  # it may be gone already
    host.until("tail -n 1 /var/log/vane/guest-rogue.log", "came back")


def test_a_loop_can_be_destroyed(host):
    host.ok(f"{CREATE}'\"loop\"'")
    host.until("vane console --show rogue", "rogue: loop")
    host.ok("vane destroy rogue")
    assert domains(host) == {}
