# SPDX-License-Identifier: MIT
"""qemu.py - one QEMU process, and the certainty that it ends.

Guards: no QEMU outlives its starter. It runs in a process group of its own
(a Ctrl-C at the terminal is the starter's to handle), the kernel kills it when
the starter dies, and close() kills it in every other case.
Not here: what its serial line means (console.py).
"""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess

from . import tree

PR_SET_PDEATHSIG = 1
PROGRAM = "qemu-system-x86_64"
# The hypervisor's second way to end QEMU, if ACPI gives it no first one.
EXIT_DEVICE = "isa-debug-exit,iobase=0xf4,iosize=0x04"


def _die_with_parent(parent):
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


class Qemu:
    """A machine whose serial line is this object's stdin and stdout."""

    def __init__(self, memory, cpus, cpu, icount=False, image=None,
                 kernel=None, gdb_socket=None, extra=()):
        if not shutil.which(PROGRAM):
            raise tree.Problem(f"{PROGRAM} is missing: run scripts/setup")
        self.reason = None
        self._events, theirs = socket.socketpair()
        self._pending = b""
        if icount:
            cpu += ",-x2apic"   # QEMU ends with "Bad icount read" at its timer
        command = [
            PROGRAM, "-accel", "tcg", "-cpu", cpu,
            # Not reserved: a guest may have more memory than this host, as
            # long as it does not touch it all.
            "-object", f"memory-backend-ram,id=ram,size={memory}M,reserve=off",
            "-machine", "pc,memory-backend=ram",
            "-m", str(memory), "-smp", str(cpus), "-nodefaults",
            "-display", "none", "-vga", "std", "-no-reboot",
            "-chardev", "stdio,id=serial,signal=off",
            "-serial", "chardev:serial",
            "-chardev", f"socket,id=qmp,fd={theirs.fileno()}",
            "-mon", "chardev=qmp,mode=control",
            "-device", EXIT_DEVICE,
        ]
        if icount:
            # The machine's other clock must not follow the host's either, nor
            # its random numbers.
            command += ["-icount", "shift=0,sleep=off", "-seed", "1",
                        "-rtc", "base=2026-01-01,clock=vm"]
        if image:
            command += ["-drive", f"file={image},format=raw,if=virtio,"
                        "readonly=on"]
        if kernel:
            command += kernel
        if gdb_socket:
            command += ["-S", "-chardev",
                        f"socket,id=gdb,path={gdb_socket},server=on,wait=off",
                        "-gdb", "chardev:gdb"]
        command += list(extra)
        self.command = command
        parent = os.getpid()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, bufsize=0, start_new_session=True,
            pass_fds=[theirs.fileno()],
            preexec_fn=lambda: _die_with_parent(parent))
        theirs.close()
        self._events.sendall(b'{"execute":"qmp_capabilities"}\n')

    @property
    def pid(self):
        return self.process.pid

    def serial_out(self):
        return self.process.stdout.fileno()

    def serial_in(self):
        return self.process.stdin.fileno()

    def events(self):
        return self._events.fileno()

    def read_events(self):
        """Takes what QEMU reports of itself; False at the end of it."""
        try:
            data = self._events.recv(65536)
        except ConnectionError:
            return False
        self._pending += data
        *lines, self._pending = self._pending.split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event.get("event") == "SHUTDOWN":
                self.reason = event["data"].get("reason")
        return bool(data)

    def wait(self):
        """QEMU's exit status, its last event and its own complaints."""
        status = self.process.wait()
        while self.read_events():
            pass
        errors = self.process.stderr.read().decode(errors="replace")
        return status, errors.strip()

    def close(self):
        """Ends QEMU now, if it has not ended yet."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for end in (self.process.stdin, self.process.stdout,
                    self.process.stderr, self._events):
            try:
                end.close()
            except OSError:
                continue
