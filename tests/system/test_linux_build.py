# SPDX-License-Identifier: MIT
"""test_linux_build.py - distributions' large files: the newest kernel that runs
on this Debian, packed with zstd, a ramdisk of 200 MB, 4 GiB of memory.

pvboot itself chooses how much memory the machine and its control domain get.
Not here: broken kernels (tests/tools/test_image.c).
"""

import hashlib
import random
import re
import sys

import pytest

import linux_guest as linux
from conftest import Kept, audit
from machine import BUILD, ROOT, SLOW

sys.path.insert(0, str(ROOT / "scripts"))

from lib import cpio  # noqa: E402

BIG = 200_000_000
KERNELS = sorted((BUILD / "oracle" / "backports" / "boot").glob("vmlinuz-*"))


@pytest.fixture(scope="module")
def ramdisk(tmp_path_factory):
    """(path, sum): the guest's own, and one file behind it."""
    data = random.Random(1).randbytes(BIG)
    archive = cpio.Archive()
    archive.file("/big", data)
    packed = linux.INITRD.read_bytes()
    path = tmp_path_factory.mktemp("build") / "ramdisk"
    path.write_bytes(packed + bytes(-len(packed) % 4) + archive.pack())
    yield path, hashlib.md5(data).hexdigest()
    path.unlink()


@pytest.fixture(scope="module")
def _host(request, ramdisk):
    assert len(KERNELS) == 1, "run scripts/setup: there is no newest kernel"

    class Host(Kept):
        name = "linux-build"
        options = ("--guest", f"linux={KERNELS[0]},ramdisk={ramdisk[0]},"
                   "memory=4096,extra=console=hvc0 quiet")

    host = Host()
    yield host
    host.drop()


@pytest.fixture
def host(request, _host):
    yield from _host.lend(request)


def test_the_newest_kernel_with_a_big_ramdisk_in_4_gib(host, ramdisk):
    with linux.Guest(host.machine) as guest:
        release = KERNELS[0].name.removeprefix("vmlinuz-")
        assert guest.ok("uname -r") == f"{release}\n"
        total = re.search(r"MemTotal: +(\d+) kB", guest.ok("cat /proc/meminfo"))
        assert int(total[1]) > 3800 << 10
        assert guest.ok("md5sum /big", 1200 * SLOW).split()[0] == ramdisk[1]
        guest.check_log()


def test_what_does_not_fit_is_said_in_kib(host):
    result = host.machine.run("vane create /guests/linux.cfg memory=64")
    assert result.status == 3
    assert re.search(r"does not fit its memory: it needs \d+ KiB at the start "
                     r"and the domain has 65536 KiB, so \d+ KiB are missing; "
                     r"raise memory=", result.out)
    errors, _, said = audit(host.machine)
    assert errors == 0, said
