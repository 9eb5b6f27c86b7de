# SPDX-License-Identifier: MIT
"""grub.py - a bootable image: GRUB 2 (BIOS), a hypervisor, its modules.

The image is an ISO 9660 file system that also carries a boot sector, so QEMU
can attach it as a virtio disk: SeaBIOS then loads it four times faster than
from a CD drive. GRUB's own core image never changes and is kept in build/.

Not here: what is loaded (pvboot), and `qemu -kernel`, which needs no image.
"""

import gzip
import os
import shutil
import subprocess

from . import tree

PLATFORM = "/usr/lib/grub/i386-pc"
MODULES = ("biosdisk iso9660 part_msdos multiboot2 serial terminfo terminal "
           "echo search search_fs_file configfile test halt normal").split()

# What pvboot waits for on the serial line; see console.py.
LOADING = "@pvboot loading"
FAILED = "@pvboot grub failed"

EMBEDDED = """\
search --file --set=root /boot/grub/pvboot.cfg
source /boot/grub/pvboot.cfg
"""

CONFIG = """\
serial --unit=0 --speed=115200
terminfo serial dumb
terminal_output serial
echo "{loading}"
if multiboot2 /boot/hypervisor {hv_args}; then
{modules}
        boot
fi
echo "{failed}"
halt
"""


def _run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise tree.Problem(f"{command[0]} failed:\n" +
                           done.stdout.decode(errors="replace"))


def _core_image():
    """GRUB itself; made once and renamed into place, for parallel runs."""
    core = tree.BUILD / "grub" / "core.img"
    if core.exists():
        return core
    if not os.path.isdir(PLATFORM) or not shutil.which("grub-mkimage"):
        raise tree.Problem("GRUB's BIOS files are missing: run scripts/setup")
    core.parent.mkdir(parents=True, exist_ok=True)
    config = core.with_suffix(f".{os.getpid()}.cfg")
    half = core.with_suffix(f".{os.getpid()}")
    config.write_text(EMBEDDED)
    _run("grub-mkimage", "-O", "i386-pc-eltorito", "-o", str(half), "-p",
         "/boot/grub", "-c", str(config), *MODULES)
    half.rename(core)
    config.unlink()
    return core


def quote(text):
    """One line of GRUB script, taken literally."""
    return "".join(c if c.isalnum() or c in " =,.:/_-+@%" else "\\" + c
                   for c in text)


def plain(path):
    """The file's bytes, uncompressed here rather than by GRUB under TCG."""
    with open(path, "rb") as f:
        data = f.read()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def make_image(folder, hypervisor, hv_args, modules):
    """Builds FOLDER/boot.img; modules are (bytes or path, arguments)."""
    boot = folder / "iso" / "boot"
    (boot / "grub").mkdir(parents=True)
    shutil.copy(_core_image(), boot / "grub" / "core.img")
    (boot / "hypervisor").write_bytes(plain(hypervisor))
    lines = []
    for number, (data, args) in enumerate(modules):
        if not isinstance(data, bytes):
            with open(data, "rb") as f:
                data = f.read()
        (boot / f"module{number}").write_bytes(data)
        lines.append(f"        module2 --nounzip /boot/module{number} "
                     f"{quote(args)}")
    (boot / "grub" / "pvboot.cfg").write_text(CONFIG.format(
        loading=LOADING, failed=FAILED, hv_args=quote(hv_args),
        modules="\n".join(lines)))
    image = folder / "boot.img"
    _run("xorriso", "-as", "mkisofs", "-quiet", "-b", "boot/grub/core.img",
         "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table",
         "--grub2-boot-info", "--grub2-mbr", f"{PLATFORM}/boot_hybrid.img",
         "-o", str(image), str(folder / "iso"))
    shutil.rmtree(folder / "iso")
    return image
