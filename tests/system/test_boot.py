# SPDX-License-Identifier: MIT
"""test_boot.py - from the loader to the first domain, and to power off.

Both ways in (GRUB's multiboot 2, QEMU's multiboot 1), the sizes of memory and
the kinds of processor it is meant for, and the limits of a boot.
"""

import os
import re

import pytest

from conftest import GUESTS
from machine import BUILD, OTHER, SLOW

END = ["--first", f"{GUESTS}/rogue", "--first-args", "end"]
# Only the tables for it are touched: 64 GiB cost the host half a GiB. A host
# that has not that much sets PARAVANE_MEMORY (MiB) to the most it may try.
MOST = int(os.environ.get("PARAVANE_MEMORY", "65536"))
SIZES = [size for size in (256, 512, 1024, 2048, 3584, 4096, 16384, 65536)
         if size <= MOST]


@pytest.mark.parametrize("memory", SIZES)
def test_memory_sizes(boot, ours, memory):
    result = boot(*END, "--memory", memory, limit=300 * SLOW)
    assert result.status == 0, result
    assert "rogue: end, 32768 pages" in result.out


@pytest.mark.parametrize("cpu", ["qemu64", "max", "Nehalem", "EPYC"])
def test_processor_kinds(boot, cpu):
    result = boot(*END, "--cpu", cpu)
    assert result.status == 0, result


@pytest.mark.parametrize("memory", [256, 1024, 6144])
def test_multiboot_1_by_qemu(boot, ours, memory):
    result = boot(*END, "--direct", "--memory", memory)
    assert result.status == 0, result
    assert "rogue: end, 32768 pages" in result.out


def test_several_processors_are_no_obstacle(boot):
    result = boot(*END, "--cpus", "4")
    assert result.status == 0, result


def test_direct_with_ramdisk_and_command_line(boot, ours):
    """The whole control domain by multiboot 1, ramdisk and all."""
    result = boot("--direct", command="echo direct; cat /guests/hello.cfg")
    assert result.status == 0, result
    assert result.out.startswith("direct\n")


def test_compressed_ramdisk(own_machine):
    """The initramfs as it is built, gzip-compressed, unpacked by the guest."""
    machine = own_machine("--first", BUILD / "pvguest-kernel" / "pvguest",
                          "--ramdisk", BUILD / "control.cpio.gz")
    assert "initramfs: " in machine.log()


def test_commands_keep_their_status(boot):
    result = boot(command="echo out; echo err >&2; exit 42")
    assert (result.status, result.out) == (42, "out\nerr\n")


def test_output_is_kept_byte_for_byte(boot):
    result = boot(command="printf 'a\\n\\n|b\\n(pv) c\\n\\nd'", text=False)
    assert result.out == b"a\n\n|b\n(pv) c\n\nd"


def test_the_machine_powers_off_by_acpi(boot, ours):
    result = boot(*END)
    assert result.status == 0, result
    assert "exit device" not in result.err


def test_a_command_that_powers_off_has_no_status(boot, ours):
    result = boot(command="poweroff -f")
    assert result.status == 125
    assert "the machine ended" in result.err


def test_leaving_the_shell_powers_off(own_machine, ours):
    assert own_machine().power_off() == 0


def test_added_files_and_guests_are_there(boot, tmp_path):
    (tmp_path / "data").write_text("some data\n")
    (tmp_path / "prog").write_text("#!/bin/sh\necho it runs\n")
    (tmp_path / "prog").chmod(0o755)
    result = boot("--add", f"{tmp_path}/data", "--add",
                  f"{tmp_path}/prog:/usr/bin/prog", "--guest",
                  f"mine={GUESTS}/rogue,memory=20,vcpus=2,extra=stay",
                  command="cat data; prog; vane create /guests/mine.cfg && "
                  "vane list mine | tail -n 1; cat /guests/mine.cfg; "
                  "vane audit; true")
    assert result.status == 0, result
    assert result.out.startswith("some data\nit runs\nmine")
    # The second vCPU is there, but this guest does not start it.
    assert re.search(r"mine +1 +20 +1 ", result.out), result.out
    assert "vcpus = 2" in result.out
    assert OTHER or "errors 0," in result.out


def test_unknown_options_are_named(boot, ours):
    result = boot(*END, "--hv-args", "colour=blue noreboot")
    assert result.status == 0, result
    assert re.search(r'\(pv\) .*unknown option.*colour', result.log)
    assert not re.search(r"unknown option.*noreboot", result.log)


@pytest.mark.parametrize("size, pages", [
    ("64M", 16384), ("200M", 51200), ("65536K", 16384)])
def test_dom0_mem(boot, size, pages):
    result = boot(*END, "--hv-args", f"dom0_mem={size}")
    assert result.status == 0, result
    assert f"rogue: end, {pages} pages" in result.out


def test_the_first_domains_own_crash(boot, ours):
    """Its registers and a reason, and an end."""
    result = boot("--first", f"{GUESTS}/rogue", "--first-args", "crash")
    assert result.status == 125, result
    assert re.search(r"\(pv\) .*crash", result.log)
    assert re.search(r"\(pv\) .*rip", result.log, re.I)


@pytest.mark.parametrize("kernel, words", [
    ("/bin/busybox", "Xen"), ("/etc/passwd", "ELF")])
def test_a_first_kernel_that_is_none(boot, ours, kernel, words):
    result = boot("--first", kernel)
    assert result.status == 125, result
    assert re.search(rf"\(pv\) panic.*{words}", result.log), result


def test_instructions_to_the_first_domain(boot, ours):
    # each further processor is waited for, which takes its time
    result = boot(*END, "--icount", "--cpu", "qemu64", "--memory", "1024",
                  "--cpus", "1")
    ticks = re.search(r"boot: (\d+) ticks", result.log)
    assert ticks and int(ticks.group(1)) < 20_000_000, result


def test_pages_the_hypervisor_keeps(boot, ours):
    result = boot(*END, "--memory", "1024")
    pages = re.search(r"memory: (\d+) pages kept", result.log)
    assert pages and int(pages.group(1)) <= 2330, result


def test_all_modes_of_misbehaviour_as_first_domain(boot, ours):
    """Privilege does not help it to harm the hypervisor."""
    for mode in ("foreign", "pages"):
        result = boot("--first", f"{GUESTS}/rogue", "--first-args", mode)
        assert "came back" in result.out, result
        assert "direct map readable: 1" not in result.out
