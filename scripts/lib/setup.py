# SPDX-License-Identifier: MIT
"""setup.py - installs what the build and the tests need from Debian's packages.

Says what is missing and why before it installs anything, and is silent and
quick when nothing is. QEMU is taken from the backports suite, whose source
entry is derived from the machine's own entries (same mirror, same keyring):
the QEMU of Debian 12 itself reports a wrong error code for a blocked `int N`
and ends some exception tests. Where backports are out of reach that one is
used, with a notice.

Not here: building anything; Python itself (scripts/setup).
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lib import apt, tree

# package, a file that shows it is there, why it is wanted
NEEDS = (
    ("clang", "/usr/bin/clang", "compiles hypervisor, guest kernel and tools"),
    ("libclang-rt-14-dev", "/usr/lib/clang/14/lib/linux/"
     "libclang_rt.asan-x86_64.a", "checks memory use in unit tests"),
    ("lld", "/usr/bin/ld.lld", "links them"),
    ("binutils", "/usr/bin/objcopy", "rewraps and strips the images"),
    ("libc6-dev", "/usr/lib/x86_64-linux-gnu/libc.a", "static tools"),
    ("linux-libc-dev", "/usr/include/linux/types.h", "tools' system calls"),
    ("zlib1g-dev", "/usr/lib/x86_64-linux-gnu/libz.a",
     "the domain builder unpacks gzip"),
    ("liblzma-dev", "/usr/lib/x86_64-linux-gnu/liblzma.a", "and xz"),
    ("libzstd-dev", "/usr/lib/x86_64-linux-gnu/libzstd.a", "and zstd"),
    ("python3", "/usr/bin/python3", "scripts and tests"),
    ("grub-common", "/usr/bin/grub-mkimage", "makes the boot image"),
    ("grub-pc-bin", "/usr/lib/grub/i386-pc/multiboot2.mod", "GRUB for BIOS"),
    ("xorriso", "/usr/bin/xorriso", "packs the boot image"),
    ("libcmocka-dev", "/usr/include/cmocka.h", "unit tests"),
    ("python3-pytest", "/usr/lib/python3/dist-packages/pytest/__init__.py",
     "system tests"),
    ("python3-pytest-xdist", "/usr/lib/python3/dist-packages/xdist/__init__.py",
     "runs two of them at a time"),
)
# Debian's own headers and hypervisor, what our ABI is compared with, Xen's tools
# with all libraries they need, for tests/oracle/xl, and GRUB as a guest (with
# the modules to make one from). They are unpacked under build/, never
# installed.
ORACLE = (
    ("xen-hypervisor-4.17-amd64", "boot/xen-4.17-amd64.gz"),
    ("libxen-dev", "usr/include/xen/xen.h"),
    ("xen-utils-4.17", "usr/lib/xen-4.17/bin/xl"),
    ("xenstore-utils", "usr/bin/xenstore-read"),
    ("grub-xen-host", "usr/lib/grub-xen/grub-x86_64-xen.bin"),
    ("grub-xen-bin", "usr/lib/grub/x86_64-xen/kernel.img"),
) + tuple((package, f"{where}/x86_64-linux-gnu/{library}")
          for package, where, library in (
    ("libc6", "lib", "libc.so.6"),
    ("libgcc-s1", "lib", "libgcc_s.so.1"),
    ("liblzma5", "lib", "liblzma.so.5"),
    ("libuuid1", "usr/lib", "libuuid.so.1"),
    ("libxencall1", "usr/lib", "libxencall.so.1"),
    ("libxendevicemodel1", "usr/lib", "libxendevicemodel.so.1"),
    ("libxenevtchn1", "usr/lib", "libxenevtchn.so.1"),
    ("libxenforeignmemory1", "usr/lib", "libxenforeignmemory.so.1"),
    ("libxengnttab1", "usr/lib", "libxengnttab.so.1"),
    ("libxenhypfs1", "usr/lib", "libxenhypfs.so.1"),
    ("libxenmisc4.17", "usr/lib", "libxenlight.so.4.17"),
    ("libxenstore4", "usr/lib", "libxenstore.so.4"),
    ("libxentoolcore1", "usr/lib", "libxentoolcore.so.1"),
    ("libxentoollog1", "usr/lib", "libxentoollog.so.1"),
    ("libyajl2", "usr/lib", "libyajl.so.2"),
    ("libzstd1", "usr/lib", "libzstd.so.1"),
    ("zlib1g", "lib", "libz.so.1"),
))
# The kernel of Debian's control domain: the package that this one names, and
# of its 400 MB only these.
LINUX = "linux-image-amd64"
LINUX_FILES = ("boot/vmlinuz-*", "lib/modules/*/kernel/drivers/xen/*")
# The newest kernel that runs on this release, as a guest only. It has a folder
# of its own: what looks for the control domain's kernel shall not find two.
NEWEST = "backports"
# The model checker, the solver it calls, and what both want to be run by.
MODELS_SUITE = "trixie"
MODELS = ("cbmc", "minisat", "cadical", "libc6", "libstdc++6", "libgcc-s1")
MODELS_FILES = ("usr/bin/cbmc", "usr/bin/cadical",
                "usr/lib64/ld-linux-x86-64.so.2")
QEMU = "qemu-system-x86"
QEMU_PROGRAM = "qemu-system-x86_64"
QEMU_WANTED = 8
NOTICE = """\
setup: note: using QEMU {version}. It reports a wrong error code for a blocked
setup: `int N`, so tests that look at it may fail. Newer versions do not."""


def busybox_is_static(path):
    try:
        return b"ld-linux" not in path.read_bytes()[:4096]
    except OSError:
        return False


def qemu_version():
    if not shutil.which(QEMU_PROGRAM):
        return None
    text = subprocess.run([QEMU_PROGRAM, "--version"], check=False,
                          stdout=subprocess.PIPE).stdout.decode()
    match = re.search(r"version (\d+)\.(\d+)", text)
    return (int(match.group(1)), int(match.group(2))) if match else None


def missing_packages():
    return [(package, why) for package, path, why in NEEDS
            if not os.path.exists(path)]


def ensure_packages(get):
    missing = missing_packages()
    if missing:
        print("setup: these packages are missing:")
        for package, why in missing:
            print(f"setup:   {package:16} {why}")
        get.install([package for package, _ in missing])


def ensure_busybox(get):
    """busybox-static excludes the busybox package: never replace that one."""
    unpacked = tree.BUILD / "packages" / "bin" / "busybox"
    if any(map(busybox_is_static, (unpacked, pathlib.Path("/bin/busybox")))):
        return
    print("setup: busybox-static is missing (the control domain's shell)")
    if os.path.exists("/bin/busybox"):
        get.unpack(["busybox-static"], tree.BUILD / "packages")
    else:
        get.install(["busybox-static"])


def ensure_qemu(get):
    version = qemu_version()
    if version and version[0] >= QEMU_WANTED:
        return
    why = ("missing" if not version else
           "version %d.%d, which has a bug that our tests meet" % version)
    print(f"setup: {QEMU} is {why}: it runs everything that is tested here")
    if not get.install_from_backports(QEMU) and not version:
        get.install([QEMU])
    version = qemu_version()
    if not version:
        raise tree.Problem(f"{QEMU} was installed, but {QEMU_PROGRAM} is not "
                           "there")
    if version[0] < QEMU_WANTED:
        print(NOTICE.format(version="%d.%d" % version))


def ensure_gdb(get):
    """From where QEMU came, whose newer libraries gdb's must match. Missing is
    no error: only `pvboot --gdb` and its tests want it."""
    if shutil.which("gdb"):
        return
    print("setup: gdb is missing (pvboot --gdb, and its tests)")
    try:
        if not get.install_from_backports("gdb"):
            get.install(["gdb"])
    except tree.Problem as problem:
        print(f"setup: note: {problem}; --gdb and its tests do without")


def ensure_oracle(get):
    """Missing is no error here: the tests that compare us with upstream Xen
    fail without it, and all others can do without."""
    folder = tree.BUILD / "oracle"
    missing = [package for package, path in ORACLE
               if not (folder / path).exists()]
    linux = any(not list(folder.glob(pattern)) for pattern in LINUX_FILES)
    if not missing and not linux:
        return
    print(f"setup: unpacking under {tree.relative(folder)} (upstream Xen, to "
          f"compare ours with): {' '.join(missing + [LINUX] * linux)}")
    try:
        if missing:
            get.unpack(missing, folder)
        if linux:
            get.unpack([get.dependency(LINUX)], folder, LINUX_FILES)
    except tree.Problem as problem:
        print(f"setup: note: {problem}; comparisons with upstream Xen will "
              "fail until `make setup` can download it")


def ensure_newest_linux(get):
    """Missing is no error here: the tests that boot it fail without it."""
    folder = tree.BUILD / "oracle" / NEWEST
    if all(list(folder.glob(pattern)) for pattern in LINUX_FILES):
        return
    suite = f"{apt.codename()}-{NEWEST}"
    print(f"setup: unpacking under {tree.relative(folder)} (the newest "
          f"kernel, from {suite}): {LINUX}")
    try:
        with get.suite(suite, folder) as options:
            get.unpack([get.dependency(LINUX, options)], folder, LINUX_FILES,
                       options)
    except tree.Problem as problem:
        print(f"setup: note: {problem}; the tests that boot it will fail "
              "until `make setup` can download it")


def ensure_models(get):
    """Debian 12 has no cbmc. A later suite's is unpacked with the libraries it
    wants and run by their loader (tests/cbmc/run), so that nothing here is
    replaced. Missing is no error here: check-models fails without it."""
    folder = tree.BUILD / "oracle" / "cbmc"
    if all((folder / path).exists() for path in MODELS_FILES):
        return
    print(f"setup: unpacking under {tree.relative(folder)} (the model "
          f"checker, from {MODELS_SUITE}): {' '.join(MODELS)}")
    try:
        with get.suite(MODELS_SUITE, folder) as options:
            get.unpack(MODELS, folder, options=options)
    except tree.Problem as problem:
        print(f"setup: note: {problem}; check-models will fail until `make "
              "setup` can download it")


def main(argv):
    p = argparse.ArgumentParser(prog="setup", description=__doc__,
                                formatter_class=argparse.
                                RawDescriptionHelpFormatter)
    p.parse_args(argv)
    get = apt.Apt()
    ensure_packages(get)
    ensure_busybox(get)
    ensure_qemu(get)
    ensure_gdb(get)
    ensure_oracle(get)
    ensure_newest_linux(get)
    ensure_models(get)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except tree.Problem as problem:
        sys.exit(f"setup: {problem}")
