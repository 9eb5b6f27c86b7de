# SPDX-License-Identifier: MIT
"""life.py - what it costs to make a domain and to end it, and to write to the
store.

One boot under --icount, so that the time stamp counts instructions, all of
them: hypervisor, control domain and its daemons. `started` takes the first
stamp when the shell has started a program; vane takes one after each step
(VANE_STEPS); the guest takes the last, with its first instruction.
"""

import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUESTS = 100
# At most so many instructions to the guest's first, and so much more with
# GUESTS others alive.
LIMIT, GROWTH = 10_000_000, 0.05
# A write may cost so much more with the largest store than with the smallest.
SLOPE = 0.10
PHASES = ("parse", "build", "load", "store", "start")
POINTS = (1, 10, 50, GUESTS)
WRITES, KEYS = 10000, 100

# `create NAME`: with stamps, and until the guest has said when it began.
SCRIPT = r"""
hear() { until vane console --show $1 | grep "lodger: $2"; do :; done; }
create() {
    echo MAKE $1
    VANE_STEPS=1 started vane create /guests/lodger.cfg name=\"$1\" 2>&1
    hear $1 began
}
destroy() { echo END $1; VANE_STEPS=1 started vane destroy $1 2>&1; }
fill() {
    while [ $n -lt $1 ]; do
        n=$((n+1))
        vane create /guests/lodger.cfg name=\"g$n\" memory=4 || exit
    done
    hear g$n began > /dev/null
}
curve() {
    echo CURVE $n
    printf 'write WRITES KEYS\n\035' | vane console g$n > /dev/null
    hear g$n wrote
    vane console --show g$n | grep ticks
}
n=0; create warm; destroy warm; create few; destroy few
for p in POINTS; do fill $p; curve; done
create many; destroy many
for d in $(vane list | tail -n +3 | awk '{print $2}'); do vane destroy $d; done
vane audit
echo DONE
"""


def script(points):
    text = SCRIPT.replace("POINTS", " ".join(map(str, points)))
    return text.replace("WRITES", str(WRITES)).replace("KEYS", str(KEYS))


def stamps(text):
    """[(name, stamp)] of one create or destroy, the guest's among them."""
    found = [("started", int(n)) for n in re.findall(r"^started (\d+)$", text, re.M)]
    found += [(name, int(n)) for n, name in
              re.findall(r"^step \d+ (\d+) (.*)$", text, re.M)]
    found += [("start: guest's first instruction", int(n)) for n in
              re.findall(r"^lodger: began at (\d+)$", text, re.M)]
    return sorted(found, key=lambda s: s[1])


def phases(found):
    """{phase: instructions}, up to the guest's first one."""
    costs = dict.fromkeys(PHASES, 0)
    for (_, before), (name, now) in zip(found, found[1:]):
        costs[name.split(":")[0]] += now - before
        if "first instruction" in name:
            break
    costs["all"] = sum(costs.values())
    return costs


def boot(args, problem, points=POINTS):
    log = args.build / "check" / "bench-life.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    system = args.build / "tests" / "system"
    command = ["scripts/pvboot", "--icount", "--cpu", "qemu64", "--timeout", "1500",
               "--log", str(log), "--guest", f"lodger={system}/lodger,memory=16",
               "--add", f"{system}/programs/started:/bin/started"]
    done = subprocess.run([*command, "--", script(points)], cwd=ROOT, check=False,
                          env={**os.environ, "PARAVANE_BUILD": str(args.build)},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True, errors="replace")
    text = done.stdout.replace("\r", "")
    if "\nDONE" not in text or not re.search(r"errors 0,", text):
        raise problem(f"life: the machine did not come to its end; see {log}")
    return text


def measure(args, problem, points=POINTS):
    """({few or many: {phase: n}}, {few or many: destroy}, {guests: per write})"""
    text = boot(args, problem, points)
    made, ended, curve = {}, {}, {}
    for name in ("few", "many"):
        part = re.search(rf"^MAKE {name}\n(.*?)^END {name}\n(.*?)(?=^[A-Z]|\Z)", text,
                         re.M | re.S)
        made[name] = phases(stamps(part.group(1)))
        steps = stamps(part.group(2))
        ended[name] = steps[-1][1] - steps[0][1]
    for guests, part in re.findall(r"^CURVE (\d+)\n(.*?)(?=^CURVE|^MAKE)", text,
                                   re.M | re.S):
        blocks = [int(n) for n in re.findall(r"(\d+) ticks a write", part)]
        if not re.search(r"wrote \d+, bad 0$", part, re.M) or not blocks:
            raise problem(f"life: the writes of guest {guests} went wrong")
        curve[int(guests)] = sum(blocks) // len(blocks)
    return made, ended, curve


def check(args, problem):
    """Sentences about what costs too much, and how many were looked at."""
    made, ended, curve = measure(args, problem, (1, GUESTS))
    few, many = made["few"]["all"], made["many"]["all"]
    bad = []
    if few > LIMIT:
        bad.append(f"create to the guest's first instruction: {few:,}, over {LIMIT:,}")
    if many > few * (1 + GROWTH):
        bad.append(f"create with {GUESTS} guests alive: {many:,} after {few:,}")
    if ended["few"] > LIMIT:
        bad.append(f"destroy: {ended['few']:,}, over {LIMIT:,}")
    least, most = min(curve.values()), max(curve.values())
    if most > least * (1 + SLOPE):
        bad.append(f"a store write: {curve}, growing with the store")
    return bad, 4


PAGE = """\
From the first instruction of `vane create`, which the shell has just started, to
the guest's first: 16 MiB, a kernel of 1 MiB, by phase, in instructions of all that
runs (CPU model qemu64, one processor, 1 GiB). At most {limit:,} are wanted, and at
most {growth:.0%} more with {guests} other guests alive. Of build's share 2.1 million are
the clearing of memory, eight bytes an instruction.

{phases}

`vane destroy`, until the domain is gone: {few:,}; with {guests} guests alive {many:,}
({more:.0%} more, {each:,} for each guest): each daemon asks for the list of all
domains when one ends.

A guest's write to the store through its ring, with the daemon's work and both
ways, the mean of {writes:,} in a row to {keys} nodes of its own:

{curve}
"""


def page(args, problem, table):
    """What docs/costs.md says of it; `table` makes rows a table."""
    made, ended, curve = measure(args, problem)
    rows = [("phase", "no other guest", f"{GUESTS} guests alive", "more")]
    for phase in (*PHASES, "all"):
        few, many = made["few"][phase], made["many"][phase]
        rows.append((phase, f"{few:,}", f"{many:,}", f"{many / few - 1:.1%}"))
    writes = [("guests alive", "instructions a write")]
    writes += [(f"{guests}", f"{cost:,}") for guests, cost in curve.items()]
    return PAGE.format(limit=LIMIT, growth=GROWTH, guests=GUESTS,
                       phases=table(rows), few=ended["few"], many=ended["many"],
                       more=ended["many"] / ended["few"] - 1,
                       each=round((ended["many"] - ended["few"]) / GUESTS),
                       writes=WRITES, keys=KEYS, curve=table(writes))
