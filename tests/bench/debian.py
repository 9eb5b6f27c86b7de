# SPDX-License-Identifier: MIT
"""debian.py - what Debian's kernel costs as a guest, here and on upstream Xen.

The same kernel, ramdisk and command line on both, on the same machine of one CPU
under --icount; the control domain has nothing else to do. linux/count.c, a plugin
of QEMU's, counts instructions by whose they are; linux/work.c is the guest's init.
"""

import dataclasses
import functools
import gzip
import pathlib
import re
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from lib import cpio, vmlinuz  # noqa: E402

PARTS = {
    0: "boot, until init",
    1: "fork, exec and exit",
    2: "byte through pipes, there and back",
    3: "64 KiB mapped, touched, unmapped",
    4: "page touched for the first time",
}
# How often work.c does it.
TIMES = {0: 1, 1: 200, 2: 2000, 3: 2000, 4: 8192}
SHARE, BOOT_ALL, WORK_ALL = 0.45, 1.0, 0.8
CPU, MEMORY, GUEST_MEMORY = "qemu64,+rdrand", 2048, 256
EXTRA = "console=hvc0 quiet norandmaps"
XEN_ARGS = "dom0_mem=512M,max:512M dom0_max_vcpus=1 sched=credit"
NOTE_ENTRY = 1


@dataclasses.dataclass
class Cost:
    """Instructions of one part: inside the hypervisor, and of all."""

    hypervisor: int
    total: int


@functools.cache
def kernel(build, problem):
    """(the packed kernel, a plain ELF file's contents)"""
    found = sorted((build / "oracle" / "boot").glob("vmlinuz-*"))
    if not found:
        raise problem("Debian's kernel is not there: run scripts/setup")
    return found[-1], vmlinuz.payload(found[-1].read_bytes())


def first_instruction(elf, problem):
    """Where the kernel begins as a PV guest: a note of Xen's says so."""
    table, = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    for i in range(count):
        kind, _, at, _, _, length = struct.unpack_from("<IIQQQQ", elf, table + i * size)
        end = at + length
        while kind == 4 and at < end:
            names, values, note = struct.unpack_from("<III", elf, at)
            value = at + 12 + (names + 3 & ~3)
            if note == NOTE_ENTRY and elf[at + 12:at + 16] == b"Xen\0":
                return struct.unpack_from("<Q", elf, value)[0]
            at = value + (values + 3 & ~3)
    raise problem("Debian's kernel does not say where it begins")


def plugin(args, problem, out, nth, blocks):
    entry = first_instruction(kernel(args.build, problem)[1], problem)
    return (f"{args.build / 'bench' / 'linux' / 'count.so'},out={out},first={entry:#x},"
            f"nth={nth},blocks={'on' if blocks else 'off'}")


def ramdisk(args):
    archive = cpio.Archive()
    archive.file("init", (args.build / "bench" / "linux" / "init").read_bytes(), 0o755)
    path = args.build / "bench" / "linux" / "ramdisk"
    path.write_bytes(archive.pack())
    return path


def run(command, log, out, problem):
    """{part: Cost} of one boot."""
    log.parent.mkdir(parents=True, exist_ok=True)
    for old in (log, out):
        old.unlink(missing_ok=True)
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL) as child:
        try:
            child.wait()
        except SystemExit:
            child.terminate()
            raise
    text = log.read_text(errors="replace") if log.exists() else ""
    if "WORK done" not in text or "errors 0," not in text and "vane audit" in command[-1]:
        raise problem(f"Debian's kernel did not do its work; see {log}")
    costs = {}
    for number, own, other in re.findall(r"^part (\d+) guest (.*) other (.*)$",
                                         out.read_text(), re.M):
        own, other = list(map(int, own.split())), list(map(int, other.split()))
        costs[int(number)] = Cost(own[0] + other[0], sum(own) + other[0])
    return {number: costs[number] for number in PARTS}


def ours(args, problem, blocks=False, tsc_mode="native"):
    log = args.build / "check" / "bench-debian.log"
    out, folder = log.with_suffix(".counts"), args.build / "bench" / "linux"
    packed = folder / "vmlinux.gz"
    source, elf = kernel(args.build, problem)
    if not packed.exists() or packed.stat().st_mtime < source.stat().st_mtime:
        packed.write_bytes(gzip.compress(elf, 1, mtime=0))
    return run([
        "scripts/pvboot", "--icount", "--cpu", CPU, "--memory", str(MEMORY),
        "--hv-args", "dom0_mem=512M", "--timeout", "600", "--log", str(log),
        "--plugin", plugin(args, problem, out, 1, blocks), "--guest",
        f"debian={packed},ramdisk={ramdisk(args)},memory={GUEST_MEMORY},"
        f"tsc_mode={tsc_mode},extra={EXTRA}", "--",
        "vane create -c /guests/debian.cfg; vane audit"], log, out, problem)


def theirs(args, problem, name, hv_args, blocks=False):
    log = args.build / "check" / f"bench-debian-{name}.log"
    out = log.with_suffix(".counts")
    machine = f"--icount --memory {MEMORY} --plugin " + plugin(args, problem, out, 2, blocks)
    return run([
        "tests/oracle/xl", "--cpu", CPU, "--memory", str(GUEST_MEMORY),
        "--ramdisk", str(ramdisk(args)),
        "--extra", EXTRA, "--setting", "tsc_mode=native",
        "--hv-args", f"{XEN_ARGS} {hv_args}".strip(), "--machine", machine,
        "--timeout", "3000", "--log", str(log),
        f"debian={kernel(args.build, problem)[0]},1"], log, out, problem)


def rows(costs):
    """{operation: count}, as the budget has them."""
    found = {}
    for number, name in PARTS.items():
        found[f"Debian: {name}; hypervisor"] = costs[number].hypervisor // TIMES[number]
        found[f"Debian: {name}; all"] = costs[number].total // TIMES[number]
    return found


def wanted(name):
    """The largest ratio to upstream's that is wanted of that row."""
    if name.endswith("hypervisor"):
        return SHARE
    return BOOT_ALL if "boot" in name else WORK_ALL


PAGE = """\
Debian's own kernel ({version}) as a plain guest of one vCPU and {memory} MiB, on
upstream Xen by `xl` under Debian's control domain (`tsc_mode="native"`), here by
`vane`; the same QEMU, `-icount`, CPU model {cpu}, kernel, ramdisk and
command line (`{extra}`). A plugin of QEMU's counts the
instructions by their addresses (`tests/bench/linux/count.c`): those of the hypervisor,
for whomever it executes them, and all, which are these, the guest's kernel's and its
program's. What QEMU translates together counts as a whole when it is entered, even if
a fault ends it early. The control domain has nothing to do meanwhile and its own
instructions are left out. Boot begins with the guest's first instruction. The program
(`tests/bench/linux/work.c`, linked statically, the guest's init) does the others,
{least} to {most:,} times each; the figures are of one. `tests/bench/linux/hot` shows where
in the hypervisor they are spent.

"To Xen" is our count divided by that of Xen with its default command line, and should
be at most "wanted"; "ratio" is the same beside Xen with `spec-ctrl=no`. Above "wanted",
in either column:

{above}

{table}
"""


def above(found, *columns):
    """Where more is spent than wanted beside (its name, counts) of a Xen, as a
    list; and how much of that is no hypervisor's."""
    lines = []
    for name, count in found.items():
        for title, counts in columns:
            if count > wanted(name) * counts[name]:
                own = found[name.replace("; all", "; hypervisor")]
                guest = f": {count - own:,} are the guest's own" if count > own else ""
                lines.append(f"* {name.removeprefix('Debian: ')} ({title} "
                             f"{count / counts[name]:.2f}){guest}")
    return "\n".join(lines) or "* none of them"


def page(args, problem, table):
    """(what docs/costs.md says of it, our rows)"""
    found = rows(ours(args, problem))
    xen = rows(theirs(args, problem, "xen", ""))
    bare = rows(theirs(args, problem, "xen-bare", "spec-ctrl=no"))
    lines = [("operation", "part", "Xen 4.17", "`spec-ctrl=no`", "Paravane", "to Xen",
              "ratio", "wanted")]
    for name, count in found.items():
        operation, _, part = name.removeprefix("Debian: ").partition("; ")
        lines.append((operation, part, f"{xen[name]:,}", f"{bare[name]:,}", f"{count:,}",
                      f"{count / xen[name]:.2f}", f"{count / bare[name]:.2f}",
                      f"{wanted(name):.2f}"))
    version = kernel(args.build, problem)[0].name.removeprefix("vmlinuz-")
    return PAGE.format(version=version, memory=GUEST_MEMORY, cpu=CPU, extra=EXTRA,
                       least=min(list(TIMES.values())[1:]), most=max(TIMES.values()),
                       above=above(found, ("to Xen", xen), ("ratio", bare)),
                       table=table(lines, 2)), found
