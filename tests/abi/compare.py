# SPDX-License-Identifier: MIT
"""compare.py - each constant and structure, ours against upstream's.

Guards: what both define has one value, size and shape. The names come from
the headers themselves: macros from the preprocessor, types from the
compiler's syntax tree. Values come from a program that prints them, compiled
once with each set of headers.
"""

import json
import re
import subprocess

import dialects
from report import ROOT

FLAGS = {
    "guest": ["-D__XEN_INTERFACE_VERSION__=0x00040e00"],
    "tools": ["-D__XEN_TOOLS__"],
}
TOOL_HEADERS = {"domctl.h", "sysctl.h", "paravane.h"}
PRELUDE = """\
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
"""
# An integer, or no compilation: strings and types are not comparable here.
INTEGER = """\
#define INT(x) _Generic((x), char: (x), int: (x), unsigned int: (x), \\
	long: (x), unsigned long: (x), long long: (x), \\
	unsigned long long: (x), unsigned char: (x), unsigned short: (x))
#define SHOW(key, value) \\
	printf("%s %llx\\n", key, (unsigned long long)(value))
int main(void) {
"""


class Side:
    """One set of headers, as it looks in one mode."""

    def __init__(self, name, flags, headers):
        self.name = name
        self.flags = flags
        self.headers = headers

    def _clang(self, text, *options):
        run = subprocess.run(
            ["clang", "-std=gnu11", "-Wno-everything",
             "-Werror=implicit-function-declaration", *self.flags, *options,
             "-xc", "-"],
            cwd=ROOT, input=text.encode(), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, check=False)
        return run.returncode, run.stdout.decode(), run.stderr.decode()

    def _includes(self):
        # Some of upstream's rely on xen.h having been included.
        text = PRELUDE + "".join(f"#include <xen/{h}>\n"
                                 for h in ["xen.h", *self.headers])
        return text + "DEFINE_RING_TYPES(probe, uint64_t, uint32_t);\n"

    def macros(self):
        """{name: (header, number of parameters or None)}"""
        found, where = {}, ""
        _, text, _ = self._clang(self._includes(), "-E", "-dD")
        for line in text.splitlines():
            marker = re.match(r'# \d+ "(.*?)"', line)
            if marker:
                where = marker.group(1)
            macro = re.match(r"#define (\w+)(\(([^)]*)\))?( |$)", line)
            if macro and "/xen/" in where:
                count = macro.group(3)
                found[macro.group(1)] = (
                    where.split("/xen/")[-1],
                    None if count is None else count.count(",") + 1)
            undefined = re.match(r"#undef (\w+)", line)
            if undefined:
                found.pop(undefined.group(1), None)
        return found

    def tree(self):
        """(enumeration constants, {type: fields or None})"""
        _, text, _ = self._clang(self._includes(), "-fsyntax-only",
                                 "-Xclang", "-ast-dump=json")
        _, base, _ = self._clang(PRELUDE, "-fsyntax-only",
                                 "-Xclang", "-ast-dump=json")
        known = _names(json.loads(base))
        enums, types = set(), {}
        for node in json.loads(text)["inner"]:
            if node.get("name") in known:
                continue
            if node["kind"] == "EnumDecl":
                enums.update(n["name"] for n in node.get("inner", ())
                             if n["kind"] == "EnumConstantDecl")
            elif node["kind"] == "RecordDecl":
                _record(node, types)
            elif node["kind"] == "TypedefDecl":
                types[node["name"]] = []
        return enums, types

    def values(self, rows, work):
        """{key: number} of those rows (key, expression) that compile."""
        rows = list(rows)
        head = self._includes() + INTEGER
        program = work / f"probe-{self.name}"
        while True:
            lines = [f'SHOW("{key}", {expr});' for key, expr in rows]
            text = head + "\n".join(lines) + "\nreturn 0; }\n"
            code, _, errors = self._clang(text, "-ferror-limit=0", "-o",
                                          str(program))
            if code == 0:
                break
            first = head.count("\n") + 1
            bad = {int(n) - first for n in
                   re.findall(r"^<stdin>:(\d+):\d+: error", errors, re.M)}
            if not bad:
                raise RuntimeError(f"{self.name}: {errors[:400]}")
            rows = [row for i, row in enumerate(rows) if i not in bad]
        out = subprocess.run([str(program)], stdout=subprocess.PIPE,
                             check=True).stdout.decode()
        pairs = (line.rsplit(" ", 1) for line in out.splitlines())
        return {key: int(value, 16) for key, value in pairs}


def _names(tree):
    return {node.get("name") for node in tree["inner"] if node.get("name")}


def _record(node, types, prefix=None):
    """Notes a record's fields under its name; nameless ones under prefix."""
    if not node.get("completeDefinition"):
        return []
    fields, nameless = [], None
    for inner in node.get("inner", ()):
        kind = inner["kind"]
        if kind == "RecordDecl":
            if inner.get("name"):
                _record(inner, types)
                nameless = None
            else:
                nameless = inner
        elif kind == "FieldDecl" and inner.get("name"):
            name = inner["name"]
            fields.append(name)
            if nameless and "unnamed" in inner["type"]["qualType"]:
                step = name + "[0]" * inner["type"]["qualType"].count("[")
                fields += [f"{step}.{f}" for f in _record(nameless, types, "")]
            nameless = None
        elif kind == "IndirectFieldDecl":
            fields.append(inner["name"])
    if node.get("name"):
        types[f"{node['tagUsed']} {node['name']}"] = fields
    return fields


def constant_rows(macros, enums):
    for name, (_, count) in macros.items():
        if count is None:
            yield name, f"INT({name})"
        elif count == 1:
            yield f"{name}(3)", f"INT({name}(3))"
            yield f"{name}(0x12345)", f"INT({name}(0x12345))"
    for name in enums:
        yield name, name
    for size in (1024, 4096, 65536):
        key = f"__CONST_RING_SIZE(probe,{size})"
        yield key, key


def type_rows(types):
    for name, fields in types.items():
        yield f"sizeof {name}", f"sizeof({name})"
        for field in fields:
            yield f"{name}.{field}", f"offsetof({name}, {field})"
            yield (f"sizeof {name}.{field}",
                   f"sizeof((({name} *)0)->{field})")


def differences(ours, theirs, keys, allowed):
    out = []
    for key in keys:
        words = set(re.findall(r"\w+", key))
        if ours.get(key) != theirs.get(key) and not words & allowed:
            def show(side):
                return f"{side[key]:#x}" if key in side else "absent"
            out.append(f"{key} is {show(ours)}, upstream {show(theirs)}")
    return out


def check(report, work, oracle, mode):
    """Both sides' values, for what else wants to look at them."""
    names = dialects.headers()
    if mode == "guest":
        names = [n for n in names if n not in TOOL_HEADERS]
    both = [n for n in names if (oracle / "xen" / n).exists()]
    ours = Side("ours", FLAGS[mode] + ["-Iinclude"], names)
    theirs = Side("theirs", FLAGS[mode] + [f"-I{oracle}"], both)

    macros, their_macros = ours.macros(), theirs.macros()
    enums, types = ours.tree()
    their_enums, their_types = theirs.tree()
    rows = list(constant_rows({**their_macros, **macros}, enums | their_enums))
    for name in types:
        types[name] = sorted({*types[name], *their_types.get(name, ())})
    rows += type_rows(types)
    mine, its = ours.values(rows, work), theirs.values(rows, work)

    # Constants: of those that both define, one check a header.
    by_header = {}
    for key in sorted(mine.keys() & its.keys()):
        name = key.split("(")[0]
        if name in macros:
            by_header.setdefault(macros[name][0], []).append(key)
        elif name in enums:
            by_header.setdefault("enumerations", []).append(key)
    total = 0
    for header, keys in sorted(by_header.items()):
        total += len(keys)
        report.check(f"{mode} {len(keys)} constants of {header}",
                     differences(mine, its, keys, report.allowed))
    # Types: of those that both define, one check each.
    common = sorted(types.keys() & their_types.keys())
    for name in common:
        keys = [key for key, _ in type_rows({name: types[name]})
                if key in mine or key in its]
        report.check(f"{mode} {name}",
                     differences(mine, its, keys, report.allowed))
    alone = sorted(n for n in macros if n in mine and n not in its)
    print(f"abi: {mode}: {total} constants and {len(common)} types compared; "
          f"{len(alone)} constants are ours only")
    if report.verbose:
        print("     " + " ".join(alone))
    return mine, its
