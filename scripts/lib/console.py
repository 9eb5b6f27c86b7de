# SPDX-License-Identifier: MIT
"""console.py - what the one serial line of a booted machine says.

Three voices share it: GRUB until its `loading` mark, the hypervisor (lines
that open with "(pv) ", upstream Xen's with "(XEN) "), and the first domain.
In command mode the control domain's /init frames what the command prints:

    @pvboot begin
    |one line of output
    @pvboot end 0

The frame keeps output that merely looks like a hypervisor's line (`vane
dmesg` prints many) apart from the hypervisor's own. An output that does not
end in a newline is told from one that does by the empty line that /init puts
before the end mark.

Not here: QEMU (qemu.py), the terminal (terminal.py).
"""

import re

from . import grub

SHELL, COMMAND, FIRST = "shell", "command", "first"

BEGIN = "@pvboot begin"
END = re.compile(r"@pvboot end (\d+)$")
HYPERVISOR = re.compile(r"\((pv|XEN)\) ")

# Upstream Xen does not power the machine off with `noreboot`: these lines are
# the last it prints for a first domain that ended well, or did not.
ENDED_WELL = re.compile(r"\(XEN\) Hardware Dom\d+ (halted|shutdown)")
LAST_LINE = re.compile(r"\(XEN\) (Hardware Dom\d+ (halted|crashed)"
                       r"|Manual reset)")
ENDED_BADLY = re.compile(r"\(XEN\) Hardware Dom\d+ crashed"
                         r"|\(XEN\) Manual reset required"
                         r"|\((pv|XEN)\) .*\bpanic\b", re.IGNORECASE)


class Console:
    """Feed it the serial line's bytes; it gives back what to print."""

    def __init__(self, mode):
        self.mode = mode
        self.waiting_for = "GRUB to load the hypervisor"
        self.status = None      # the command's exit status, once known
        self.over = False       # only last words are to come
        self.silent = False     # and it does not even end by itself
        self.bad_end = None     # the line that told of a crash
        self.tail = []          # the latest lines, for error messages
        self._line = b""
        self._loading = False
        self._held = None       # an output line that may be the frame's own

    def without_grub(self):
        """For a boot that GRUB takes no part in."""
        self._loaded()
        return self

    def _loaded(self):
        self._loading = True
        self.waiting_for = "the hypervisor's first line"

    def feed(self, data):
        out = bytearray()
        if self._loading and self.mode != COMMAND:
            out += data
        *lines, self._line = (self._line + data).split(b"\n")
        for number, raw in enumerate(lines, 1):
            text = raw.decode(errors="replace").rstrip("\r")
            self.tail = self.tail[-39:] + [text]
            if not self._loading:
                if grub.LOADING in text:
                    self._loaded()
                    if self.mode != COMMAND:
                        out += b"\n".join(lines[number:] + [self._line])
            else:
                out += self._take(text, raw)
        return bytes(out)

    def _take(self, text, raw):
        if grub.FAILED in text and \
                self.waiting_for == "the hypervisor's first line":
            self.bad_end = "GRUB could not load the hypervisor"
            self.over = True
            return b""
        if HYPERVISOR.match(text):
            if self.waiting_for == "the hypervisor's first line":
                self.waiting_for = {
                    SHELL: "the person at the shell to power off",
                    COMMAND: "the control domain to start the command",
                    FIRST: "the first domain to end",
                }[self.mode]
            self.silent = bool(LAST_LINE.match(text))
            if ENDED_WELL.match(text):
                self.over = True
            elif ENDED_BADLY.match(text):
                self.bad_end = self.bad_end or text
                self.over = True
            return b""
        return self._framed(text, raw) if self.mode == COMMAND else b""

    def _framed(self, text, raw):
        if text == BEGIN:
            self.waiting_for = "the command to end"
            return b""
        end = END.match(text)
        if end and self._held is not None:
            out, self._held = self._held, None
            self.status = int(end.group(1))
            self.waiting_for = "the machine to power off"
            return out[:-1]
        if not text.startswith("|"):
            return b""
        body = raw[1:]
        if body.endswith(b"\r"):
            body = body[:-1]
        out, self._held = self._held or b"", body + b"\n"
        return out
