# SPDX-License-Identifier: MIT
"""boots.py - boots suites in one of two roles on one of two hypervisors.

Role first: the suite is the first domain, one boot a suite. Role plain: it is
a plain domain that a control domain makes, all suites in one boot: by vane in
our control domain on Paravane, by xl in Debian's on upstream Xen. Each on a
machine of so many CPUs, which a suite learns from its command line.

Guards: a suite's text counts as whole only with its last line in it, and on
Paravane only with a clean audit after it.
Not here: what the verdicts are compared with (verdicts.py).
"""

import dataclasses
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PVBOOT = ROOT / "scripts" / "pvboot"
XL = ROOT / "tests" / "oracle" / "xl"
XEN = "oracle/boot/xen-4.17-amd64.gz"

# One machine for both hypervisors, another for each role: the first domain has
# all that QEMU can do. Under that model Debian's kernel on upstream Xen has its
# programs' registers mixed up now and then, so plain domains get a modest one,
# with RDRAND, without which that kernel waits long for its random pool.
CPU = {"first": "max", "plain": "qemu64,+rdrand"}
MEMORY = 32
# Seconds. Beside a load of 20 on two processors the longest plain machine took
# 321, 118 of them one suite, to which plain.sh and tests/oracle/init give 600.
FIRST_LIMIT, BOOT_LIMIT, PLAIN_LIMIT = 600, 900, 60

# A host may stop a processor for longer than Paravane's watchdog waits by itself,
# whose report would come in the middle of a suite's line.
WATCHDOG = "watchdog_timeout=300"

# How many vCPUs a suite has: two, one of many vCPUs four, or what is said here.
VCPUS = {"fifo": 34, "segments": 5, "smp-vcpus": 64, "smp-time": 6}

# Suites that need more ports than two levels have: on Paravane that switches FIFO
# delivery on, which upstream always has.
EVENT_CHANNELS = {"fifo": 131071}

RULE = re.compile(r"RULE (.*): (pass|fail|skip|broken)$")
AUDIT = re.compile(r"errors (\d+), free frames (\d+)")


# Upstream Xen finds the CPUs' speeds one by one and anew each second. Where the
# host gives each of QEMU's CPUs a thread, its clocks differ by some ms, on a
# busy host by some ten. Ours may not differ at all.
SLACK = 200 * 1000 * 1000


# Its usual scheduler, credit2, now and then leaves a vCPU waiting for ever while
# all CPUs are idle, where there are many vCPUs and their clocks differ.
SCHEDULER = "sched=credit"


def words(hypervisor, cpus):
    """A suite's command line."""
    slack = SLACK if hypervisor == "xen" and cpus > 1 else 0
    return f"cpus={cpus} slack={slack}"


def vcpus(suite):
    return VCPUS.get(suite, 4 if suite.startswith("smp-") else 2)


@dataclasses.dataclass
class Outcome:
    """What one suite said in one boot."""

    verdicts: dict = dataclasses.field(default_factory=dict)
    details: dict = dataclasses.field(default_factory=dict)
    problems: list = dataclasses.field(default_factory=list)

    def oddities(self):
        """What a suite should not say: its problems, and rules not kept."""
        return self.problems + [f"{rule}: {verdict}"
                                for rule, verdict in self.verdicts.items()
                                if verdict not in ("pass", "skip")]


def read(lines, log, complaint):
    """The verdicts in a suite's lines, and what they lack; the complaint is
    pvboot's own about the machine, if it has one."""
    outcome, pending, ended = Outcome(), [], False
    for line in lines:
        match = RULE.match(line)
        if match:
            rule, verdict = match.groups()
            if rule in outcome.verdicts:
                outcome.problems.append(f"says twice: {rule}")
            outcome.verdicts[rule] = verdict
            outcome.details[rule] = pending
            pending = []
        elif line.startswith("  "):
            pending.append(line.strip())
        elif line.startswith("SUITE "):
            ended = True
    if not ended:
        said = [line.strip() for line in lines if line.strip()][-3:]
        outcome.problems += [f"does not reach its end; see {log}",
                             *(f"    {line}" for line in said + complaint)]
    return outcome


class Boots:
    """Starts machines; close() ends those that still run."""

    def __init__(self, build, logs):
        self.build = build
        self.logs = logs
        self.running = set()

    def _boot(self, log, command):
        """The lines on the serial line, and pvboot's last complaint. The
        machine's end is pvboot's care."""
        log.unlink(missing_ok=True)
        complaints = log.with_suffix(".err")
        with open(complaints, "wb") as errors:
            process = subprocess.Popen(
                [str(word) for word in command], cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=errors)
        self.running.add(process)
        process.wait()
        self.running.discard(process)
        text = log.read_text(errors="replace") if log.exists() else ""
        return (text.replace("\r", "").splitlines(),
                complaints.read_text(errors="replace").splitlines()[-1:])

    def close(self):
        for process in list(self.running):
            process.terminate()

    def kernel(self, suite):
        return (self.build / "conformance" / suite / "kernel").resolve()

    def first(self, hypervisor, suite, cpus):
        """{suite: Outcome} of one suite as first domain."""
        log = self.logs / f"{suite}-first-{hypervisor}-{cpus}.log"
        args = [f"dom0_max_vcpus={vcpus(suite)}"]
        if hypervisor == "paravane":
            args.append(WATCHDOG)
            if suite in EVENT_CHANNELS:
                args.append(f"dom0_max_event_channels={EVENT_CHANNELS[suite]}")
        elif suite.startswith("smp-"):
            args.append(SCHEDULER)
        command = [PVBOOT, "--first", self.kernel(suite), "--cpu",
                   CPU["first"], "--cpus", cpus,
                   "--first-args", words(hypervisor, cpus),
                   "--hv-args", " ".join(args),
                   "--timeout", FIRST_LIMIT, "--log", log.resolve()]
        if hypervisor == "xen":
            command += ["--hypervisor", (self.build / XEN).resolve()]
        lines, complaint = self._boot(log, command)
        outcome = read(lines, log, complaint)
        if hypervisor == "paravane":
            audits = [AUDIT.search(line) for line in lines
                      if line.startswith("AUDIT ")]
            self._judge_audit(outcome, audits[-1] if audits else None)
        return {suite: outcome}

    @staticmethod
    def _judge_audit(outcome, found, free=None):
        if not found:
            outcome.problems.append("no audit after it")
        elif found.group(1) != "0":
            outcome.problems.append(f"the audit after it: {found.group()}")
        elif free not in (None, found.group(2)):
            outcome.problems.append(f"{free} frames were free before it, "
                                    f"{found.group(2)} after")

    def plain(self, hypervisor, suites, cpus):
        """{suite: Outcome} of all suites as plain domains of one machine."""
        log = self.logs / f"plain-{hypervisor}-{cpus}.log"
        limit = BOOT_LIMIT + PLAIN_LIMIT * len(suites)
        if hypervisor == "xen":
            command = [XL, "--cpu", CPU["plain"], "--cpus", cpus,
                       "--memory", MEMORY,
                       "--extra", words(hypervisor, cpus)]
            command += [f"{suite}={self.kernel(suite)},{vcpus(suite)}"
                        for suite in suites]
        else:
            command = [PVBOOT, "--cpu", CPU["plain"], "--cpus", cpus,
                       "--hv-args", WATCHDOG]
            for suite in suites:
                command += ["--guest", f"{suite}={self.kernel(suite)},"
                            f"extra={words(hypervisor, cpus)},"
                            f"memory={MEMORY},vcpus={vcpus(suite)}"]
            command += ["--add", f"{ROOT}/tests/conformance/plain.sh:/plain.sh"]
        command += ["--timeout", limit, "--log", log.resolve()]
        if hypervisor == "paravane":
            command += ["--", "sh", "/plain.sh", *(
                f"{suite}={EVENT_CHANNELS.get(suite, '')}" for suite in suites)]
        lines, complaint = self._boot(log, command)
        return self._split(lines, complaint, hypervisor, suites, log)

    def _split(self, lines, complaint, hypervisor, suites, log):
        """Each suite's own lines, as the marks part them."""
        texts, audits = {}, {}
        suite = last = free = None
        for line in lines:
            line = line.removeprefix("|")
            if line.startswith("@suite "):
                suite = last = line.split()[1]
                texts[suite] = []
            elif line.startswith("@over "):
                suite = None
            elif line.startswith("@audit "):
                found = AUDIT.search(line)
                audits[last] = (found, free)
                free = found.group(2) if found else None
            elif suite:
                texts[suite].append(line)
        outcomes = {}
        for suite in suites:
            if suite not in texts:
                outcomes[suite] = Outcome(problems=[
                    f"not started; see {log}",
                    *(f"    {line}" for line in complaint)])
                continue
            outcomes[suite] = read(texts[suite], log, complaint)
            if hypervisor == "paravane":
                self._judge_audit(outcomes[suite],
                                  *audits.get(suite, (None, None)))
        return outcomes
