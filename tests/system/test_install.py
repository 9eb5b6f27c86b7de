# SPDX-License-Identifier: MIT
"""test_install.py - make install, the menu entry it makes, and its end.

Everything goes below a DESTDIR. What is installed is booted: GRUB reads the
menu entry that the installed script wrote, and loads the installed files.
"""

import gzip
import os
import select
import shutil
import subprocess
import sys
import time

import pytest

from machine import BOOT_LIMIT, BUILD, ROOT

sys.path.insert(0, str(ROOT / "scripts"))

from lib import grub, qemu  # noqa: E402

PREFIX = "usr"
PROGRAMS = ("vane", "vane-monitord", "consoled", "xenstored")
SERIAL = """\
serial --unit=0 --speed=115200
terminfo serial dumb
terminal_output serial
normal /boot/grub/grub.cfg
"""


def make(goal, folder):
    return subprocess.run(
        ["make", "-s", f"B={BUILD}", goal, f"DESTDIR={folder}",
         f"PREFIX=/{PREFIX}"], cwd=ROOT, check=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")
                  if not path.is_dir())


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    make("install", folder)
    return folder


def menu(installed):
    """What the installed script says to grub-mkconfig; paths as on a machine
    where /boot is a file system of its own."""
    script = installed / "etc" / "grub.d" / "20_paravane"
    boot = installed / "boot"
    done = subprocess.run([str(script)], check=True, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, "PARAVANE_ROOT": str(installed)})
    assert "Found Paravane" in done.stderr
    lines = [line for line in done.stdout.splitlines(keepends=True)
             if "--set=root" not in line and "set root=" not in line]
    return "".join(lines).replace(str(boot), "/boot")


def test_all_is_where_it_belongs(installed):
    there = files(installed)
    wanted = [f"{PREFIX}/sbin/{name}" for name in PROGRAMS] + [
        "boot/paravane", "boot/paravane-control",
        "boot/paravane-control.cpio.gz", "etc/grub.d/20_paravane",
        "etc/default/paravane", f"{PREFIX}/share/man/man1/vane.1",
        f"{PREFIX}/share/man/man5/vane.cfg.5",
        f"{PREFIX}/share/bash-completion/completions/vane",
        f"{PREFIX}/lib/paravane/libxenstore.so.4",
        f"{PREFIX}/include/paravane/xenstore.h",
        f"{PREFIX}/lib/systemd/system/paravane-xenstored.service",
        f"{PREFIX}/share/doc/paravane/README.md",
        f"{PREFIX}/share/doc/paravane/docs/bring-your-own.md"]
    assert not [name for name in wanted if name not in there], there
    for name in PROGRAMS:
        path = installed / PREFIX / "sbin" / name
        assert os.access(path, os.X_OK)
        said = subprocess.run([str(path), "--help"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        assert name.removeprefix("vane-") in said


def test_no_place_of_the_build_is_left_in_it(installed):
    for name in files(installed):
        data = (installed / name).read_bytes()
        if name.endswith(".gz"):
            data = gzip.decompress(data)
        for place in (installed, ROOT, BUILD):
            assert str(place).encode() not in data, (name, place)
        if name.startswith(("etc", f"{PREFIX}/lib/systemd")):
            assert b"@" not in data, name


def test_services_name_what_is_there(installed):
    folder = installed / PREFIX / "lib" / "systemd" / "system"
    for unit in folder.glob("*.service"):
        for line in unit.read_text().splitlines():
            if line.startswith("ExecStart="):
                program = line.split("=", 1)[1].split()[0]
                assert (installed / program.lstrip("/")).exists(), line


def test_the_menu_entry_is_grubs_language(installed, tmp_path):
    (tmp_path / "grub.cfg").write_text(menu(installed))
    assert shutil.which("grub-script-check")
    subprocess.run(["grub-script-check", str(tmp_path / "grub.cfg")],
                   check=True)
    text = menu(installed)
    assert "multiboot2 /boot/paravane dom0_mem=256M console=com1" in text
    assert "module2 --nounzip /boot/paravane-control.cpio.gz" in text


def test_settings_are_kept(installed):
    settings = installed / "etc" / "default" / "paravane"
    before = settings.read_text()
    settings.write_text('GRUB_CMDLINE_PARAVANE="dom0_mem=512M"\n')
    try:
        make("install", installed)
        assert "512M" in settings.read_text()
    finally:
        settings.write_text(before)


def boot_image(installed, folder):
    """A disk with the installed /boot and its menu, and GRUB before it."""
    boot = folder / "iso" / "boot"
    shutil.copytree(installed / "boot", boot)
    (boot / "grub").mkdir()
    shutil.copy(grub._core_image(), boot / "grub" / "core.img")
    (boot / "grub" / "pvboot.cfg").write_text(SERIAL)
    (boot / "grub" / "grub.cfg").write_text("set timeout=0\n" +
                                            menu(installed))
    subprocess.run(
        ["xorriso", "-as", "mkisofs", "-quiet", "-b", "boot/grub/core.img",
         "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table",
         "--grub2-boot-info", "--grub2-mbr",
         f"{grub.PLATFORM}/boot_hybrid.img", "-o", str(folder / "boot.img"),
         str(folder / "iso")], check=True)
    return folder / "boot.img"


def read_until(box, text, limit):
    """What the serial line says, up to this."""
    seen, deadline = b"", time.monotonic() + limit
    out = box.process.stdout.fileno()
    while text not in seen:
        left = deadline - time.monotonic()
        assert left > 0 and select.select([out], [], [], left)[0], seen
        data = os.read(out, 65536)
        assert data, seen
        seen += data
    return seen


def test_what_is_installed_boots(installed, tmp_path):
    box = qemu.Qemu(1024, 1, "max", image=boot_image(installed, tmp_path))
    try:
        read_until(box, b"# ", BOOT_LIMIT)
        box.process.stdin.write(b"vane list; echo do'ne'\n")
        said = read_until(box, b"done\r\n", BOOT_LIMIT)
        assert b"Domain-0" in said and b" 256 " in said, said
    finally:
        box.close()


def test_uninstall_leaves_nothing(tmp_path):
    make("install", tmp_path)
    assert files(tmp_path)
    make("uninstall", tmp_path)
    assert files(tmp_path) == []
    assert not list(tmp_path.rglob("*paravane*"))
