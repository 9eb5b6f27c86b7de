# SPDX-License-Identifier: MIT
"""storms.py - starting the storms of races/ as domains, and what they said.

For test_races.py and the soak: both want a machine with two CPUs.
"""

import os
import re

from machine import BUILD, SLOW

KERNEL = BUILD / "tests" / "system" / "storms"
MEDDLE = BUILD / "tests" / "system" / "programs" / "meddle"
OPTIONS = ["--guest", f"storms={KERNEL},memory=16,vcpus=4",
           "--add", f"{MEDDLE}:/bin/meddle"]
# Of each storm in `make check`; the soak takes its own.
SECONDS = int(os.environ.get("PARAVANE_STORM_SECONDS", "2"))
# Far more than a storm of so many seconds needs on a busy host.
LIMIT = (240 + 20 * SECONDS) * SLOW

NAMES = ["stale-types", "stale-tables", "stale-grants", "stale-frames",
         "stale-asked", "pins", "trees", "bases", "entries", "descriptors",
         "frames", "exchanges", "grants", "events", "resets", "wakes",
         "timers", "lives", "multicalls", "clocks", "registers", "masks"]
RESULT = re.compile(r"^storm (\S+): (\d+) rounds, (\d+) hits, (\d+) wrong$", re.M)
GONE = r"no dom|not exist|there is no"


def log_of(name):
    return f"/var/log/vane/guest-{name}.log"


def create(machine, name, storm, seconds, more="", options=""):
    """Creates a domain NAME that storms; four more vCPUs than it uses are
    there to be made."""
    machine.ok(f"rm -f {log_of(name)}; vane create {options} /guests/storms.cfg "
               f"name='\"{name}\"' maxvcpus=8 on_crash='\"preserve\"' "
               f"extra='\"{storm} seconds={seconds} {more}\"'", LIMIT)


def is_aimed(storm):
    """Its vCPUs have parts to play that show something only at the same time
    (races/stale.c, masks.c); on a busy host that takes longer."""
    return storm.startswith("stale") or storm == "masks"


def set_apart(machine, name, storm):
    """Changers on one CPU, their partners on the other: else they often take
    turns on the same."""
    if is_aimed(storm):
        machine.run("; ".join(f"vane vcpu-pin {name} {v} {v & 1}" for v in range(4)),
                    LIMIT)


def said(machine, name):
    return machine.ok(f"cat {log_of(name)}")


def result(text):
    """(rounds, hits, wrong) of a storm that came to its end, or None."""
    match = RESULT.search(text)
    return match and tuple(int(n) for n in match.groups()[1:])


def wait_for_end(machine, name):
    machine.run(f"vane wait {name}", LIMIT)
    machine.until(f"vane list {name} 2>&1", rf"---s-c|---sc-|----c-|---s--|{GONE}", LIMIT)
    return said(machine, name)


def destroy(machine, name):
    machine.run(f"vane destroy {name}", LIMIT)
    machine.until(f"vane list {name} 2>&1", GONE, LIMIT)
