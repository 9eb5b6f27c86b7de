# SPDX-License-Identifier: MIT
"""machine.py - one boot, from the image to the machine's end.

Guards: a boot that hangs ends at its time limit and says what it waited for;
a boot that crashes says how; either way QEMU is gone afterwards.
Not here: which files are booted (pvboot).
"""

import os
import select
import sys
import time

from . import console, tree

TIMED_OUT, FAILED = 124, 125
# How long the rest may take: a panic's message, or the power-off once the
# command has ended.
LAST_WORDS, POWER_OFF = 3, 30
# More than this is not read ahead for a guest that takes no input.
TYPED_AHEAD = 65536


class Run:
    """Carries bytes between QEMU, the terminal and the log until the end."""

    def __init__(self, qemu, con, terminal=None, log=None, timeout=None):
        self.qemu = qemu
        self.console = con
        self.terminal = terminal
        self.log = log
        self.deadline = time.monotonic() + timeout if timeout else None
        self.timeout = timeout
        self.timed_out = False
        self._typed = b""

    def loop(self):
        """Returns pvboot's exit status."""
        sources = [self.qemu.serial_out(), self.qemu.events()]
        if self.terminal and not self.terminal.ended:
            sources.append(self.terminal.fd)
        os.set_blocking(self.qemu.serial_in(), False)
        while self._step(sources):
            pass
        return self._verdict()

    def _step(self, sources):
        limit = self._remaining()
        if limit is not None and limit <= 0:
            self.timed_out = not self.console.over
            return False
        if self.console.silent:
            return False
        full = len(self._typed) >= TYPED_AHEAD
        ready, writable, _ = select.select(
            [s for s in sources if not (full and s == self.terminal.fd)],
            [self.qemu.serial_in()] if self._typed else [], [], limit)
        if writable:
            self._pass_on()
        if self.qemu.events() in ready and not self.qemu.read_events():
            sources.remove(self.qemu.events())
        if self.terminal and self.terminal.fd in ready:
            self._type(sources)
            if self.terminal.left:
                return False
        if self.qemu.serial_out() in ready:
            data = os.read(self.qemu.serial_out(), 65536)
            if not data:
                return False
            self._heard(data)
        return True

    def _remaining(self):
        if self.deadline is None:
            return None
        return self.deadline - time.monotonic()

    def _type(self, sources):
        self._typed += self.terminal.read()
        if self.terminal.ended:
            sources.remove(self.terminal.fd)

    def _pass_on(self):
        """Types what QEMU takes now; a guest that does not read its serial
        line must not keep this loop from its time limit and its output."""
        try:
            done = os.write(self.qemu.serial_in(), self._typed)
            self._typed = self._typed[done:]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._typed = b""

    def _heard(self, data):
        if self.log:
            self.log.write(data)
            self.log.flush()
        ended, said = self.console.over, self.console.status
        text = self.console.feed(data)
        if text:
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
        if self.console.over and not ended:
            self._hurry(LAST_WORDS)
        elif self.console.status is not None and said is None:
            self._hurry(POWER_OFF)

    def _hurry(self, seconds):
        limit = time.monotonic() + seconds
        if self.deadline is None or limit < self.deadline:
            self.deadline, self.timeout = limit, seconds

    def _verdict(self):
        con = self.console
        if self.terminal and self.terminal.left:
            return 0
        if con.status is not None and not self.timed_out:
            return con.status
        if self.timed_out:
            self._explain(f"timed out after {self.timeout:g} s, waiting for "
                          f"{con.waiting_for}")
            return TIMED_OUT
        if con.bad_end:
            self._explain(con.bad_end)
            return FAILED
        if con.over:
            return 0
        status, errors = self.qemu.wait()
        # Warnings are no failure; 1 with a message is QEMU's own, without one
        # the exit device's value 0.
        if status < 0 or (status == 1 and errors):
            self._explain(f"QEMU ended with status {status}: {errors}")
            return FAILED
        if self.qemu.reason == "guest-reset":
            self._explain("the machine was reset, as by a triple fault, while "
                          f"waiting for {con.waiting_for}")
            return FAILED
        if con.mode == console.COMMAND:
            self._explain("the machine ended while waiting for "
                          f"{con.waiting_for}")
            return FAILED
        if status & 1:
            print("pvboot: note: the machine ended by QEMU's exit device, not "
                  "by ACPI", file=sys.stderr)
        # The exit device gives (value << 1) | 1; value 0 means all is well.
        return status >> 1

    def _explain(self, message):
        if self.console.mode == console.COMMAND and self.console.tail:
            print("pvboot: the latest lines of the console:", file=sys.stderr)
            for line in self.console.tail:
                print("    " + line, file=sys.stderr)
        print(f"pvboot: {message}", file=sys.stderr)


def open_log(path):
    """The log file, or a message about it."""
    try:
        return open(path, "wb")
    except OSError as error:
        raise tree.Problem(f"{path}: {error.strerror}") from error
