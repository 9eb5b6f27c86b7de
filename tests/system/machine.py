# SPDX-License-Identifier: MIT
"""machine.py - a booted machine with a shell, for many tests to share.

It is scripts/pvboot with pipes for a terminal: what a person can do, a test
can do. Nothing here sleeps to wait; every wait is for a text, with a limit.
"""

import fcntl
import os
import pathlib
import re
import select
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PARAVANE_BUILD", ROOT / "build"))
PVBOOT = ROOT / "scripts" / "pvboot"
# PARAVANE_CPUS=4 gives that many to every machine whose test names no number.
CPUS = int(os.environ.get("PARAVANE_CPUS", "1"))


def log_folder():
    """build/check/system, or system.4 on 4 CPUs; a second run at the same time
    gets its own."""
    folder = BUILD / "check" / ("system" if CPUS == 1 else f"system.{CPUS}")
    folder.mkdir(parents=True, exist_ok=True)
    lock = open(folder / ".lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        folder = BUILD / "check" / f"system-{os.getpid()}"
        folder.mkdir()
    return folder, lock


LOGS, _lock = log_folder()
# PARAVANE_HYPERVISOR=path/to/xen-4.17-amd64.gz runs the same tests on upstream
# Xen: what fails there too is a test's fault, or a divergence.
OTHER = os.environ.get("PARAVANE_HYPERVISOR")
# A slow or busy host may stretch every limit: PARAVANE_SLOW=3 triples them.
SLOW = float(os.environ.get("PARAVANE_SLOW", "1"))
BOOT_LIMIT, COMMAND_LIMIT = 300 * SLOW, 120 * SLOW
# The serial line has a small buffer: long lines are typed in pieces, each
# after the echo of the one before.
PIECE = 64
PROMPT = r"\n[^\n ]* ?[#$] "
HYPERVISOR_LINE = re.compile(r"^\((?:pv|XEN)\) .*\n?", re.M)


class Gone(Exception):
    """The machine ended, or did not answer in time."""


class Result:
    """What one command, or one boot, came to."""

    def __init__(self, status, out, err="", log=""):
        self.status, self.out, self.err, self.log = status, out, err, log

    def __repr__(self):
        return (f"status {self.status}\n--- output\n{self.out}\n"
                f"--- errors\n{self.err}\n--- end of log\n{self.log[-3000:]}")


def defaults(options):
    """The hypervisor under test, and its CPUs, unless these are there."""
    more = []
    if OTHER and "--hypervisor" not in options and "--direct" not in options:
        more += ["--hypervisor", OTHER]
    if "--cpus" not in options:
        more += ["--cpus", str(CPUS)]
    return more


def boot(name, *options, command=None, limit=BOOT_LIMIT, text=True):
    """Runs pvboot to its end and gives back what it printed and logged."""
    log = LOGS / f"{name}.log"
    line = [str(PVBOOT), "--log", str(log), "--timeout", str(limit),
            *defaults(options), *map(str, options)]
    if command is not None:
        line += ["--", command]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=limit + 60)
    logged = log.read_bytes() if log.exists() else b""

    def decode(data):
        return data.decode(errors="replace") if text else data

    return Result(done.returncode, decode(done.stdout),
                  done.stderr.decode(errors="replace"),
                  logged.decode(errors="replace").replace("\r", ""))


class Machine:
    """The control domain's shell at the other end of two pipes."""

    def __init__(self, name, *options):
        self.log_path = LOGS / f"{name}.log"
        self.process = subprocess.Popen(
            [str(PVBOOT), "--log", str(self.log_path), *defaults(options),
             *map(str, options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, bufsize=0)
        self.seen = ""          # everything printed so far
        self._serial = 0
        try:
            self.wait_for(PROMPT, 0, BOOT_LIMIT)
        except BaseException:
            self.close()
            raise

    def log(self):
        return self.log_path.read_text(errors="replace").replace("\r", "")

    def alive(self):
        return self.process.poll() is None

    def send(self, text):
        os.write(self.process.stdin.fileno(), text.encode())

    def read_some(self, deadline):
        """Adds what comes to `seen`; raises when nothing more will."""
        left = deadline - time.monotonic()
        fd = self.process.stdout.fileno()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            raise Gone("no answer in time; the latest output:\n" +
                       self.seen[-3000:])
        data = os.read(fd, 65536)
        if not data:
            errors = self.process.stderr.read().decode(errors="replace")
            raise Gone(f"the machine ended: {errors}\n{self.seen[-3000:]}")
        # with one reference it grows in place; a copy each time takes minutes
        # for what a flood says
        seen, self.seen = self.seen, ""
        seen += data.decode(errors="replace").replace("\r", "")
        self.seen = seen

    def wait_for(self, pattern, start=None, limit=COMMAND_LIMIT, longest=None):
        """The first match of PATTERN in what was printed after START. If none is
        longer than LONGEST, nothing is searched twice."""
        start = len(self.seen) if start is None else start
        deadline = time.monotonic() + limit
        while True:
            match = re.compile(pattern).search(self.seen, start)
            if match:
                return match
            if longest:
                start = max(start, len(self.seen) - longest)
            self.read_some(deadline)

    def type_line(self, line, limit=COMMAND_LIMIT):
        """Types a line as a person would, watching the echo."""
        deadline = time.monotonic() + limit
        for at in range(0, len(line), PIECE):
            before = len(self.seen)
            piece = line[at:at + PIECE]
            self.send(piece)
            while len(self.seen) - before < len(piece) // 2:
                self.read_some(deadline)
        self.send("\n")

    def run(self, command, limit=COMMAND_LIMIT):
        """Runs a command at the shell: a Result with status and output.

        The marks are typed with quotes inside them, so that their echo does
        not look like the marks themselves.
        """
        self._serial += 1
        tag = f"{self._serial}"
        start = len(self.seen)
        stop = "" if command.endswith("&") else ";"
        self.type_line(f"echo @'b'{tag}; {command}{stop} r=$?; echo; "
                       f"echo @'e'{tag} $r", limit)
        begin = self.wait_for(rf"@b{tag}\n", start, limit)
        end = self.wait_for(rf"\n@e{tag} (\d+)\n", begin.end() - 1, limit,
                            longest=40)
        out = self.seen[begin.end():end.start()]
        return Result(int(end.group(1)), HYPERVISOR_LINE.sub("", out))

    def ok(self, command, limit=COMMAND_LIMIT):
        """The output of a command that must succeed."""
        result = self.run(command, limit)
        assert result.status == 0, f"{command}: {result}"
        return result.out

    def until(self, command, pattern, limit=COMMAND_LIMIT):
        """Repeats a command until its output matches; its last output."""
        deadline = time.monotonic() + limit
        while True:
            out = self.run(command, limit).out
            if re.search(pattern, out):
                return out
            if time.monotonic() > deadline:
                raise Gone(f"{command} never showed {pattern!r}, but:\n{out}")

    def settle(self):
        """A domain comes and goes: the control domain's first foreign mappings
        take frames for their records, which it keeps. Before frames are counted."""
        self.ok("vane create -p /guests/hello.cfg")
        self.ok("vane destroy hello")
        self.until("vane list | wc -l", r"^2\n")

    def power_off(self):
        """Ends it from inside: pvboot's exit status."""
        self.send("poweroff\n")
        deadline = time.monotonic() + COMMAND_LIMIT
        try:
            while True:
                self.read_some(deadline)
        except Gone:
            return self.process.wait(timeout=COMMAND_LIMIT)

    def close(self):
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=COMMAND_LIMIT)
        for end in (self.process.stdin, self.process.stdout,
                    self.process.stderr):
            end.close()
