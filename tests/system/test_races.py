# SPDX-License-Identifier: MIT
"""test_races.py - races between vCPUs on two CPUs; see races/ for each storm.

A storm looks by itself for what must not be: a stale translation, a wake-up
that is lost, a page that is two things at once. Afterwards, and after a storm
that was ended in the middle, the books are right and every frame is back.
PARAVANE_STORM_SECONDS makes them longer.
"""

import os
import re

import pytest

import storms
from conftest import Kept, domains, kept

LIMIT = storms.LIMIT
# One would be no race: PARAVANE_CPUS=4 gives more.
CPUS = max(2, int(os.environ.get("PARAVANE_CPUS", "2")))
# What a control domain does to a domain in the middle of a storm.
MEDDLING = ("vane pause {0}; vane vcpu-list {0} >/dev/null; vane unpause {0}; "
            "vane vcpu-pin {0} all 1; vane vcpu-pin {0} 2 0; vane list >/dev/null; "
            "vane vcpu-pin {0} all all; vane vcpu-list >/dev/null; "
            "vane sched -d {0} -w 1000; n=$(vane domid {0}); "
            "meddle $n 200 1 & meddle $n 200 2; wait")
# Two at once: one of them does it, or the other has done it.
DESTROYED_TWICE = "vane destroy {0} 2>/dev/null & vane destroy {0} 2>/dev/null; wait"


class Sky(Kept):
    """A machine with two CPUs for all storms."""

    name, options = "races", ("--cpus", CPUS, *storms.OPTIONS)

    def prepare(self):
        self.machine.settle()
        self.check_books()

    def clear(self):
        """No domain is left, and the books are as they were."""
        self.machine.until("vane list | wc -l", r"^2\n", LIMIT)
        self.check_books()
        assert "(pv) panic:" not in self.machine.log()


_sky = kept(Sky)


@pytest.fixture
def sky(request, _sky, ours):
    yield from _sky.lend(request)


def check(said, storm):
    found = storms.result(said)
    assert found, f"the storm did not end well: {said[-2000:]}"
    rounds, hits, wrong = found
    assert wrong == 0, said[-2000:]
    assert rounds and hits, f"{storm} raced nobody: {said[-2000:]}"


@pytest.mark.parametrize("storm", storms.NAMES)
def test_a_storm_comes_to_its_end(sky, storm):
    seconds = storms.SECONDS * (3 if storms.is_aimed(storm) else 1)
    storms.create(sky.machine, "storm", storm, seconds)
    storms.set_apart(sky.machine, "storm", storm)
    said = storms.wait_for_end(sky.machine, "storm")
    check(said, storm)
    if domains(sky.machine):
        storms.destroy(sky.machine, "storm")
    sky.clear()


def next_id(machine):
    """Domains are numbered as they come."""
    storms.create(machine, "last", "clocks", 1000)
    number = domains(machine)["last"][0]
    storms.destroy(machine, "last")
    return number + 1


def create_peers(machine, seconds):
    """Both begin at the same time, or nearly."""
    first = next_id(machine)
    storms.create(machine, "one", "peers", seconds, f"peer={first + 1}", "-p")
    storms.create(machine, "two", "peers", seconds, f"peer={first}", "-p")
    machine.ok("vane unpause one && vane unpause two", LIMIT)
    machine.until(f"cat {storms.log_of('one')}", f"domain {first}, begun", LIMIT)
    machine.until(f"cat {storms.log_of('two')}", f"domain {first + 1}, begun", LIMIT)


def test_two_domains_storm_with_each_others_grants(sky):
    create_peers(sky.machine, storms.SECONDS + 2)
    for name in ("one", "two"):
        check(storms.wait_for_end(sky.machine, name), "peers")
        sky.machine.run(f"vane destroy {name}", LIMIT)
    sky.clear()


@pytest.mark.parametrize("first", ["one", "two"])
def test_a_domain_ends_while_its_peer_uses_its_grants(sky, first):
    machine = sky.machine
    create_peers(machine, 1000)
    machine.run(DESTROYED_TWICE.format(first), LIMIT)
    storms.destroy(machine, "two" if first == "one" else "one")
    for name in ("one", "two"):
        assert not re.search("trapped|wrong", storms.said(machine, name))
    sky.clear()


@pytest.mark.parametrize("storm", storms.NAMES)
def test_a_storm_is_meddled_with_and_ended_in_the_middle(sky, storm):
    machine = sky.machine
    storms.create(machine, "storm", storm, 1000)
    machine.until(f"cat {storms.log_of('storm')}", "begun", LIMIT)
    out = machine.ok(MEDDLING.format("storm"), LIMIT)
    assert len(re.findall(r"meddle: 200 rounds, [1-9]", out)) == 2, out
    assert "c" not in domains(machine)["storm"][1], storms.said(machine, "storm")
    machine.run(DESTROYED_TWICE.format("storm"), LIMIT)
    machine.until("vane list storm 2>&1", storms.GONE, LIMIT)
    assert not re.search("trapped|wrong", storms.said(machine, "storm"))
    sky.clear()


@pytest.mark.parametrize("cpus", [1, 2, 4])
def test_tools_calls_from_all_vcpus_at_once(boot, ours, cpus):
    """The control domain's own, about the same few domains."""
    result = boot("--cpus", cpus, "--hv-args", "dom0_max_vcpus=4", "--first",
                  storms.KERNEL, "--first-args", f"tools seconds={storms.SECONDS}",
                  limit=storms.LIMIT)
    check(result.out.replace("\r", ""), "tools")
    assert "audit errors 0" in result.out, result
