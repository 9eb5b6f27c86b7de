# SPDX-License-Identifier: MIT
"""room.py - how much memory a boot needs, from the files it is made of.

Guards: a person who names a kernel and a ramdisk need not know what the
control domain does with them. Its files are in its memory; so are, for a
moment, the ramdisk they came in, or a kernel that is being unpacked.
All sizes are bytes, but for the two results and a guest's memory (MiB).
"""

from . import vmlinuz

MIB = 1 << 20
CONTROL_LEAST, MACHINE_LEAST = 128, 1024
# The control domain's own programs, and what they need to run.
CONTROL_OWN = 64
# No kernel unpacks to more, and what unpacks it keeps no larger window of that
# (tools/libs/build/image.h, unpack.h; what it keeps besides, CONTROL_OWN has).
UNPACKED_MAX, WINDOW_MAX = 256 * MIB, 128 * MIB
# Of the machine's memory, what the hypervisor keeps of it: at most.
HYPERVISOR_SHARE, HYPERVISOR_LEAST = 64, 64


def unpacked(kernel):
    """How large a kernel will be: what it says itself, if it can be true."""
    if kernel[:4] == b"\x7fELF":
        return 0        # nothing to unpack
    said = b""
    if vmlinuz.is_bzimage(kernel):
        said = vmlinuz.packed(kernel)[-4:]
    elif kernel[:2] == b"\x1f\x8b":
        said = kernel[-4:]
    said = int.from_bytes(said, "little")
    if said < len(kernel):
        said = 8 * len(kernel)
    return min(said, UNPACKED_MAX)


def _round_up(number, step):
    return -(-number // step) * step


def control_domain(archive_bytes, guests):
    """MiB for the control domain: while it takes its ramdisk apart, or while
    it builds the guest whose kernel takes most."""
    most = archive_bytes
    for guest in guests:
        size = unpacked(guest.kernel)
        most = max(most, len(guest.kernel) + size + min(size, WINDOW_MAX))
    return max(CONTROL_LEAST,
               _round_up(CONTROL_OWN + (archive_bytes + most) // MIB, 64))


def machine(control, guests):
    """MiB for the machine: all its domains at once."""
    domains = control + sum(guest.memory for guest in guests)
    kept = max(HYPERVISOR_LEAST, domains // HYPERVISOR_SHARE)
    return max(MACHINE_LEAST, _round_up(domains + kept, 256))
