# SPDX-License-Identifier: MIT
"""linux_guest.py - Debian's kernel as a guest, and a person at its console.

    with linux.Guest(machine, "vcpus=4") as guest:      # boots, logs in
        assert guest.ok("nproc") == "4\\n"

The machine is a control domain booted with OPTIONS (or `options(...)`). Between
login() and leave() the machine's terminal is the guest's console; what is run
on the machine itself comes before or after that.
Not here: what the guest's own files are (tests/linux).
"""

import os
import re
import time

from conftest import Shared, domains, failed
from machine import BUILD, PROMPT, SLOW, Gone

# Another kernel in the place of Debian's.
KERNEL = os.environ.get("PARAVANE_LINUX", BUILD / "linux" / "vmlinux.gz")
INITRD = BUILD / "linux" / "initrd.gz"
BOOT_LIMIT, COMMAND_LIMIT = 900 * SLOW, 300 * SLOW
# Linux measures the time that passes, not how much of it a busy host let it run:
# seconds in which it stood still are no lockup, and a ramdisk that is long in
# unpacking is no hung task. What really hangs is still told of, or a test's own
# limit ends it.
PATIENCE = ("watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=300 "
            "sysctl.kernel.hung_task_timeout_secs=1200 initramfs_async=0")
EXTRA = f"console=hvc0 {PATIENCE}"
# The hypervisor's own watchdog speaks of a CPU that stood still for 5 s.
HV_PATIENCE = "watchdog_timeout=60"
DETACH = "\x1d"
# Who asks again and again leaves the CPU to the guest between two questions.
NAP = "sleep 0.5"
# The control domain's prompt, which shows where a console ended.
ENDED = r"\n/root # "
# What Linux says when something is wrong with it, or with Xen below it.
TROUBLE = re.compile(r".*(?:WARNING:|BUG:|Oops|Call Trace|INFO: rcu|"
                     r"soft lockup|blocked for more than|"
                     r"(?i:xen.*(?:error|fail|unable|invalid|bad))).*")


def options(machine=2048, control=512, kernel=KERNEL, initrd=INITRD):
    """A machine whose control domain has the files: /guests/linux.cfg."""
    return ("--memory", machine,
            "--hv-args", f"dom0_mem={control}M {HV_PATIENCE}", "--guest",
            f"linux={kernel},ramdisk={initrd},memory=256,extra={EXTRA}")


OPTIONS = options()


def trouble(dmesg):
    """The lines of Linux's log that must not be there."""
    return [line for line in dmesg.splitlines() if TROUBLE.match(line)]


class Host(Shared):
    """A control domain with the guest's files. Each test has guests of its own
    (lend), or works with those that several tests share (lend_guests)."""

    name, options = "linux", OPTIONS
    guests = ()

    def start_guests(self):
        """Those to be shared, in a list."""

    def drop(self):
        self.guests = ()
        super().drop()

    def lend(self, request):
        """For one test, when those that others shared are gone."""
        self.get()
        if self.guests:
            for guest in self.guests:
                guest.leave()
            self.guests = ()
            self.tidy()
        yield from super().lend(request)

    def lend_guests(self, request):
        """A fixture of one test; they live on after it, unless it failed."""
        self.get()
        if not self.guests:
            self.guests = self.start_guests()
        yield self.guests
        if failed(request):
            self.drop()


class Guest:
    """MORE: what `vane create` reads behind the domain file."""

    def __init__(self, machine, more="", name="linux", config="linux"):
        self.machine, self.name = machine, name
        self.create = f"vane create /guests/{config}.cfg name={name} {more}"
        self.log_path = f"/var/log/vane/guest-{name}.log"
        self.inside = False

    def start(self):
        """Creates it, without waiting for anything."""
        self.machine.ok(self.create, BOOT_LIMIT)
        return self

    def boot(self):
        """Creates it, and logs in once it asks for that."""
        self.start()
        self.login()
        return self

    __enter__ = boot

    def __exit__(self, kind, *_):
        if kind is None:
            self.destroy()

    def attach(self):
        """From here on the machine's terminal is the guest's console."""
        start = len(self.machine.seen)
        self.machine.type_line(f"vane console {self.name}")
        self.at = self.machine.wait_for(r"leaves the console\)", start).end()
        self.inside = True

    def login(self, limit=BOOT_LIMIT):
        """As root, from the first prompt for a name that is on the console."""
        found = self.console().wait_for(rf"\blogin: |{ENDED}", self.at, limit)
        self.inside = found.group() == "login: "
        assert self.inside, f"{self.name} ended"
        self.at = len(self.machine.seen)
        self.machine.type_line("root")
        self.machine.wait_for(PROMPT, self.at, limit)

    def leave(self):
        """Back to the control domain's shell."""
        if self.inside:
            start = len(self.machine.seen)
            self.machine.send(DETACH)
            # Not just any prompt: the guest's own may still be on its way.
            self.machine.wait_for(ENDED, start)
            self.inside = False

    def console(self):
        """The machine, its terminal on the guest's console."""
        if not self.inside:
            self.attach()
        return self.machine

    def run(self, command, limit=COMMAND_LIMIT):
        """A command at its shell: a Result with status and output."""
        return self.console().run(command, limit)

    def ok(self, command, limit=COMMAND_LIMIT):
        """The output of a command that must succeed."""
        return self.console().ok(command, limit)

    def until(self, command, pattern, limit=COMMAND_LIMIT):
        """Repeats a command at its shell until its output matches."""
        return self.console().until(command, pattern, limit)

    def last(self, command):
        """Types a command that ends the guest, whose console ends with its
        domain."""
        console = self.console()
        start = len(console.seen)
        console.type_line(command)
        console.wait_for(ENDED, start, BOOT_LIMIT)
        self.inside = False

    def log(self):
        """All that consoled kept of its output."""
        self.leave()
        return self.machine.ok(f"cat {self.log_path}", COMMAND_LIMIT)

    def wait_log(self, pattern, limit=BOOT_LIMIT):
        """Waits, outside, until its output has that."""
        self.leave()
        self.machine.until(f"{NAP}; grep -Em1 '{pattern}' {self.log_path}",
                           pattern, limit)

    def check_log(self):
        """Fails if Linux complains about anything in its kernel's log."""
        bad = trouble(self.ok("dmesg", 2 * COMMAND_LIMIT))
        assert not bad, "Linux complains:\n" + "\n".join(bad)

    def number(self):
        """Its domain's id; None when it is gone."""
        return self.entry()[0]

    def state(self):
        """Its letters in `vane list`."""
        return self.entry()[1]

    def entry(self):
        self.leave()
        return domains(self.machine).get(self.name, (None, None))

    def until_it(self, is_so, limit=BOOT_LIMIT):
        """Waits for the guest: until_it(lambda g: g.number() is None)"""
        deadline = time.monotonic() + limit
        while not is_so(self):
            if time.monotonic() > deadline:
                raise Gone(f"{self.name} is {self.entry()}")
            self.machine.ok(NAP)

    def gone(self):
        self.until_it(lambda guest: guest.number() is None)

    def destroy(self):
        self.leave()
        self.machine.ok(f"vane destroy {self.name}", COMMAND_LIMIT)
        self.gone()
