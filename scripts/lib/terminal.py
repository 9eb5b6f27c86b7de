# SPDX-License-Identifier: MIT
"""terminal.py - the person's terminal while a guest's console is on it.

Guards: whatever happens, the terminal is left in the mode it was found in.
The one key that is not passed on is Ctrl-A: `Ctrl-A x` leaves, `Ctrl-A Ctrl-A`
(or `Ctrl-A a`) sends one Ctrl-A.
"""

import os
import sys
import termios
import tty

PREFIX = 0x01
LEAVE = b"xX"
HINT = "leave with Ctrl-A x (or power off from the shell: poweroff)"


class Terminal:
    """Standard input, raw while used in a `with` statement."""

    def __init__(self):
        self.fd = sys.stdin.fileno() if sys.stdin else -1
        self.is_tty = self.fd >= 0 and os.isatty(self.fd)
        self.left = False
        self.ended = self.fd < 0
        self._saved = None
        self._prefix = False

    def __enter__(self):
        if self.is_tty:
            self._saved = termios.tcgetattr(self.fd)
            tty.setraw(self.fd)
        return self

    def __exit__(self, *_):
        if self._saved is not None:
            termios.tcsetattr(self.fd, termios.TCSAFLUSH, self._saved)

    def read(self):
        """The keys meant for the guest; sets left or ended."""
        data = os.read(self.fd, 4096)
        if not data:
            self.ended = True
            return b""
        if not self.is_tty:
            return data
        out = bytearray()
        for key in data:
            if self._prefix:
                self._prefix = False
                if key in LEAVE:
                    self.left = True
                    break
                out.append(PREFIX if key in b"aA" else key)
            elif key == PREFIX:
                self._prefix = True
            else:
                out.append(key)
        return bytes(out)
