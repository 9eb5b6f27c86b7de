# SPDX-License-Identifier: MIT
"""dialects.py - the public headers stand alone, in any order and dialect.

Guards: a header needs no other one before it, no C library, and no setting of
ours. Rotations of the list, forwards and backwards, put every header before
and after every other one.
"""

import pathlib
import subprocess

from report import ROOT

PUBLIC = ROOT / "include" / "public"
STRICT = ["-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-Iinclude"]
DIALECTS = {
    "C99": ["clang", "-std=c99", "-Wpedantic", "-ffreestanding", "-xc"],
    "C11": ["clang", "-std=c11", "-Wpedantic", "-ffreestanding", "-xc"],
    "gnu11": ["clang", "-std=gnu11", "-ffreestanding", "-nostdlibinc", "-xc"],
    "tools": ["clang", "-std=gnu11", "-D__XEN_TOOLS__", "-xc"],
    "C++11": ["clang++", "-std=c++11", "-xc++"],
    "C++17": ["clang++", "-std=c++17", "-D__XEN_TOOLS__", "-xc++"],
}
# What assembly sources may include.
ASSEMBLY = ("xen.h", "arch-x86/xen.h", "arch-x86/xen-x86_64.h",
            "arch-x86/cpuid.h", "elfnote.h", "features.h", "callback.h",
            "event_channel.h", "sched.h", "vcpu.h", "memory.h", "physdev.h")


def headers():
    return sorted(str(p.relative_to(PUBLIC)) for p in PUBLIC.rglob("*.h"))


def compiles(command, names):
    """The compiler's complaints about a unit that includes these."""
    text = "".join(f"#include <xen/{name}>\n" for name in names)
    if "c" in command[-1]:
        text += "extern int not_empty;\n"
    run = subprocess.run(command[:-1] + STRICT + [command[-1], "-"], cwd=ROOT,
                         input=text.encode(), stderr=subprocess.PIPE,
                         check=False)
    return run.stderr.decode().splitlines()[:3] if run.returncode else []


def assembles(name):
    text = f"#define __ASSEMBLY__\n#include <xen/{name}>\n"
    run = subprocess.run(["clang", "-Iinclude", "-c", "-o", "/dev/null",
                          "-xassembler-with-cpp", "-"], cwd=ROOT,
                         input=text.encode(), stderr=subprocess.PIPE,
                         check=False)
    return run.stderr.decode().splitlines()[:3] if run.returncode else []


def check(report, work):
    names = headers()
    for dialect, command in DIALECTS.items():
        for name in names:
            report.check(f"{dialect} {name}", compiles(command, [name]))
    command = DIALECTS["C11"]
    for way in (names, names[::-1]):
        for i in range(len(way)):
            order = way[i:] + way[:i]
            report.check(f"order {order[0]} ... {order[-1]}",
                         compiles(command, order))
    for name in ASSEMBLY:
        report.check(f"assembly {name}", assembles(name))
