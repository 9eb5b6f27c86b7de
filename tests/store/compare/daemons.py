# SPDX-License-Identifier: MIT
"""daemons.py - Debian's xenstored and ours, each with a store of its own.

Both run on the build host, without a hypervisor: fake_xen.c plays Xen to
Debian's, and ours is built with the like. A domain N exists while a file
`ring-N` does, its ring's page, and whoever maps that file is the domain.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from wire import Ring, Socket

BUILD = pathlib.Path(os.environ["PARAVANE_BUILD"])
ORACLE = BUILD / "oracle"
DEBIAN_LIBRARIES = ORACLE / "usr/lib/x86_64-linux-gnu"
OUR_LIBRARY = BUILD / "tools/libs/store"
FAKE_XEN = BUILD / "tests/store/fake_xen.so"
PATIENCE = 60


def our_program():
    """With played domains if it was built so."""
    played = BUILD / "tests/store/xenstored"
    return played if played.exists() else BUILD / "tools/xenstored"


class Daemon:
    """One running daemon; a context manager."""

    def __init__(self, kind):
        self.kind = kind
        # Not pytest's folder: a socket's path has 107 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="store."))
        self.socket = self.folder / "socket"
        Ring.make(self.folder, 0)
        (self.folder / "port-0").write_text("1")
        self.environment = dict(
            os.environ, XENSTORED_RUNDIR=str(self.folder),
            FAKE_XEN_DIR=str(self.folder))
        if kind == "debian":
            self.words = [ORACLE / "usr/lib/xen-4.17/bin/xenstored", "-N",
                          "-F", self.folder / "pid"]
            self.environment.update(LD_LIBRARY_PATH=str(DEBIAN_LIBRARIES),
                                    LD_PRELOAD=str(FAKE_XEN))
        else:
            self.words = [our_program(), "-N", "--socket", self.socket,
                          "--state", self.folder / "state",
                          "--log", self.folder / "store.log"]
            if our_program().parent.name == "tools":
                self.words.append("--no-domains")

    def __enter__(self):
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                self.words, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.name_the_control_domain(Socket(self.socket))
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.__exit__()
                    raise RuntimeError(f"{self.kind}: no answer") from None
                time.sleep(0.01)

    @staticmethod
    def name_the_control_domain(link):
        """Ours has done so when it starts; for Debian's a program does."""
        for node, value in ("domid", "0"), ("name", "Domain-0"):
            link.send("WRITE", f"/local/domain/0/{node}\0{value}".encode())
            link.message()
        link.close()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def alive(self):
        return self.process.poll() is None
