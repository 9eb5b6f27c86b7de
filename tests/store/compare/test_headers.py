# SPDX-License-Identifier: MIT
"""test_headers.py - our xenstore.h against Debian's, name by name.

Rule: whatever Debian's headers declare, ours declare with the same type, and
every constant has the same value; the shared library exports the same symbols
with the same versions and is called the same.

One C file includes both. What both define as a structure has to have another
name the second time, so it and the function that takes it are compared field
by field.
"""

import pathlib
import re
import subprocess

import pytest

from daemons import DEBIAN_LIBRARIES, ORACLE, OUR_LIBRARY

ROOT = pathlib.Path(__file__).resolve().parents[3]
OURS = ROOT / "tools/libs/store/include"
DEBIANS = ORACLE / "usr/include"
LIBRARY = "libxenstore.so.4"
# Defined by both, and not a number.
GUARDS = {"XENSTORE_H", "XENSTORE_LIB_H", "MAX_STRLEN"}

FILE = """
#include <xenstore.h>
{our_values}
{undefine}
{declared}
#define xs_permissions oracle_permissions
#define xs_strings_to_perms oracle_strings_to_perms
#include "{debians}/xenstore_lib.h"
#undef xs_permissions
#undef xs_strings_to_perms
#include "{debians}/xenstore.h"
{same_values}
#define SAME_FIELD(field) \\
    _Static_assert(offsetof(struct xs_permissions, field) == \\
                   offsetof(struct oracle_permissions, field) && \\
                   __builtin_types_compatible_p( \\
                       __typeof__(((struct xs_permissions *)0)->field), \\
                       __typeof__(((struct oracle_permissions *)0)->field)), \\
                   #field)
SAME_FIELD(id);
SAME_FIELD(perms);
_Static_assert(sizeof(struct xs_permissions) ==
               sizeof(struct oracle_permissions), "size");
_Static_assert(__builtin_types_compatible_p(__typeof__(xs_strings_to_perms),
    bool (struct xs_permissions *, unsigned int, const char *)), "ours");
_Static_assert(__builtin_types_compatible_p(__typeof__(oracle_strings_to_perms),
    bool (struct oracle_permissions *, unsigned int, const char *)), "Debian's");
"""


def debians_text():
    text = "".join((DEBIANS / name).read_text()
                   for name in ("xenstore.h", "xenstore_lib.h"))
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def functions():
    return sorted(set(re.findall(r"\b(xs_\w+)\s*\(", debians_text())))


def constants():
    return sorted(set(re.findall(r"#define\s+(\w+)", debians_text())) - GUARDS)


def sample():
    """The file that compiles if both say the same."""
    names = constants()
    widths = [f"enum {{ OUR_ROOM_{n} = MAX_STRLEN(char[{n}]) }};"
              for n in (1, 2, 4, 8)]
    return FILE.format(
        debians=DEBIANS,
        our_values="\n".join(
            [f"static const unsigned long OUR_{name} = {name};"
             f" enum {{ E_{name} = {name} }};" for name in names] + widths),
        undefine="\n".join(f"#undef {name}"
                           for name in [*names, *sorted(GUARDS)]),
        declared="\n".join(f"void *use_{name} = (void *)&{name};"
                           for name in functions()),
        same_values="\n".join(
            [f'_Static_assert(E_{name} == {name}, "{name}");'
             for name in names] +
            [f'_Static_assert(OUR_ROOM_{n} == MAX_STRLEN(char[{n}]), "room");'
             for n in (1, 2, 4, 8)]))


def compiles(text, folder):
    source = folder / "sample.c"
    source.write_text(text)
    done = subprocess.run(
        ["clang", "-std=gnu11", "-Wall", "-Werror", "-Wno-unused-const-variable",
         "-fsyntax-only", f"-I{OURS}", f"-I{ROOT}/include", source],
        check=False, capture_output=True, text=True)
    return done.returncode == 0, done.stderr


def test_debians_headers_were_read():
    assert len(functions()) >= 36
    assert {"xs_read", "xs_write_all", "xs_daemon_socket"} <= set(functions())
    assert {"XS_PERM_READ", "XS_UNWATCH_FILTER", "XBT_NULL"} <= \
        set(constants())


def test_everything_is_declared_alike(tmp_path):
    fine, complaint = compiles(sample(), tmp_path)
    assert fine, complaint


@pytest.mark.parametrize("wrong", [
    "struct xs_handle *xs_open(unsigned int flags);",
    "bool xs_rm(struct xs_handle *h, xs_transaction_t t, char *path);",
    "int xs_fileno(const struct xs_handle *h);",
])
def test_a_wrong_declaration_would_be_seen(tmp_path, wrong):
    assert not compiles(sample() + wrong, tmp_path)[0]


@pytest.mark.parametrize("header", ["xenstore.h", "xenstore_lib.h", "xs.h",
                                    "xs_lib.h"])
@pytest.mark.parametrize("dialect", ["c", "c++"])
def test_each_header_stands_alone(tmp_path, header, dialect):
    source = tmp_path / "alone"
    source.write_text(f"#include <{header}>\n")
    subprocess.run(["clang", "-x", dialect, "-Wall", "-Wextra", "-Werror",
                    "-pedantic", "-fsyntax-only", f"-I{OURS}",
                    f"-I{ROOT}/include", source], check=True)


def symbols(folder):
    done = subprocess.run(["objdump", "-T", folder / LIBRARY], check=True,
                          capture_output=True, text=True)
    return sorted(tuple(line.split()[-2:]) for line in done.stdout.splitlines()
                  if "VERS_" in line and "*UND*" not in line)


def test_the_shared_library_exports_the_same():
    ours = symbols(OUR_LIBRARY)
    assert ours == symbols(DEBIAN_LIBRARIES)
    assert {name for _, name in ours} >= set(functions())


def test_the_shared_library_has_the_same_name():
    for folder in OUR_LIBRARY, DEBIAN_LIBRARIES:
        done = subprocess.run(["objdump", "-p", folder / LIBRARY], check=True,
                              capture_output=True, text=True)
        assert re.search(rf"SONAME +{re.escape(LIBRARY)}$", done.stdout, re.M)
