# SPDX-License-Identifier: MIT
"""test_grub.py - a guest that nobody here wrote: GRUB's own Xen image.

Debian's grub-x86_64-xen.bin looks for a disk in the store, finds none and
prompts. Another, made by grub-mkimage from the same package's modules, has its
grub.cfg and a kernel in a memory disk, and starts that kernel: it moves itself
aside, builds page tables of its own and switches to them.
"""

import io
import re
import shutil
import subprocess
import tarfile
import time

import pytest

from conftest import audited
from machine import BUILD, COMMAND_LIMIT, Machine

DEBIAN = BUILD / "oracle" / "usr" / "lib" / "grub-xen" / "grub-x86_64-xen.bin"
MODULES = BUILD / "oracle" / "usr" / "lib" / "grub" / "x86_64-xen"
NEEDED = ("normal", "memdisk", "tar", "echo", "ls", "test", "linux", "halt",
          "reboot")
HELLO = BUILD / "examples" / "hello-pv"
CONFIG = """\
set color_normal=white/black
echo "this grub.cfg was read from the memory disk"
menuentry "hello" { linux (memdisk)/hello }
"""
EARLY = "normal (memdisk)/boot/grub/grub.cfg\n"
# Colours, cursor movements: GRUB echoes each letter with a few of them.
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LEAVE = "\x1d"
LIMIT = 4 * COMMAND_LIMIT


def memory_disk(path):
    """A tar archive, which is what GRUB takes for one."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in (("boot/grub/grub.cfg", CONFIG.encode()),
                           ("hello", HELLO.read_bytes())):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


def own_grub(folder):
    assert shutil.which("grub-mkimage"), "no grub-mkimage: run scripts/setup"
    memory_disk(folder / "disk.tar")
    (folder / "early.cfg").write_text(EARLY)
    subprocess.run(
        ["grub-mkimage", "-O", "x86_64-xen", "-d", str(MODULES),
         "-c", str(folder / "early.cfg"), "-m", str(folder / "disk.tar"),
         "-p", "(memdisk)/boot/grub", "-o", str(folder / "grub"), *NEEDED],
        check=True)
    return folder / "grub"


@pytest.fixture(scope="module")
def grubs(request, tmp_path_factory):
    """A machine with both, audited at the end."""
    assert DEBIAN.exists(), f"no {DEBIAN}: run scripts/setup with a network"
    own = own_grub(tmp_path_factory.mktemp("grub"))
    started = Machine("grub", "--guest", f"debian={DEBIAN},memory=32",
                      "--guest", f"own={own},memory=32")
    with audited(request, started) as machine:
        yield machine


class Attached:
    """`vane console NAME`, typed at."""

    def __init__(self, machine, name):
        self.machine = machine
        self.start = len(machine.seen)
        machine.type_line(f"vane console {name}; echo le'f't")
        machine.wait_for(r"leaves the console", self.start, LIMIT)

    def said(self):
        return ESCAPE.sub("", self.machine.seen[self.start:])

    def wait(self, pattern):
        """Until what was said since the last wait holds this."""
        deadline = time.monotonic() + LIMIT
        while True:
            match = re.search(pattern, self.said())
            if match:
                self.start = len(self.machine.seen)
                return match
            self.machine.read_some(deadline)

    def command(self, line, answer):
        """GRUB's answer to a line, up to its next prompt."""
        self.machine.send(line + "\r")
        return self.wait(rf"(?s){answer}.*?grub> $")

    def leave(self):
        self.machine.send(LEAVE)
        self.wait(r"\nleft\n")


def test_debians_image_answers_at_its_prompt(grubs):
    grubs.ok("vane create /guests/debian.cfg 2>/dev/null")
    console = Attached(grubs, "debian")
    console.wait(r"(?s)GNU GRUB +version 2\..*\ngrub> $")
    console.command("ls", r"\n\(memdisk\)")
    # over the ring of the store, and only what is the domain's own
    console.command("xen_cat name", "\ndebian\n")
    console.command("xen_cat domid", r"\n\d+\n")
    console.command("xen_ls control", "\nshutdown\n")
    # the memory map that the builder gave it
    console.command("lsmmap", "base_addr = 0x0, length = 0x1[0-9a-f]{6}, "
                              "available RAM")
    # its clock is the TSC, scaled as the shared page says
    begin = time.monotonic()
    console.command("sleep 2; echo slept", "\nslept\n")
    assert time.monotonic() - begin > 1.9
    console.leave()
    refused = grubs.ok("vane why debian")
    assert "nothing" in refused, refused


def test_it_halts(grubs):
    """halt is a shutdown with reason poweroff: the domain goes."""
    console = Attached(grubs, "debian")
    grubs.send("halt\r")
    console.wait(r"\nleft\n")
    grubs.until("vane list | wc -l", r"^2\n", LIMIT)


def test_a_config_in_a_memory_disk_starts_a_kernel(grubs):
    grubs.ok("vane create /guests/own.cfg 2>/dev/null")
    console = Attached(grubs, "own")
    console.wait("this grub.cfg was read from the memory disk")
    console.wait("Press enter to boot")
    grubs.send("c")
    console.wait("grub> $")
    console.command("ls (memdisk)/", "\nboot/ hello")
    grubs.send("\x1b")
    console.wait("Press enter to boot")
    grubs.send("\r")
    # hello-pv, with the same shared page, console and event channels
    console.wait(r"Hello from ring 3, with 32 MiB\.")
    console.wait(r"tick 5\n")
    console.wait(r"\nleft\n")
    grubs.until("vane list | wc -l", r"^2\n", LIMIT)


def test_a_reboot_starts_it_anew(grubs):
    grubs.ok("vane create /guests/own.cfg 2>/dev/null")
    first = grubs.ok("vane domid own")
    console = Attached(grubs, "own")
    console.wait("Press enter to boot")
    grubs.send("c")
    console.wait("grub> $")
    grubs.send("reboot\r")
    console.wait(r"\nleft\n")
    grubs.until("vane domid own 2>&1", rf"^(?!{first.strip()}\n)\d+\n", LIMIT)
    grubs.until("vane console --show own", "Press enter to boot", LIMIT)
    grubs.ok("vane destroy own")
    grubs.until("vane list | wc -l", r"^2\n", LIMIT)
