# SPDX-License-Identifier: MIT
"""example.py - hello-pv from our headers and from upstream's is one program.

Guards: the headers can be exchanged by the include path alone, and that
changes no byte of the code.
"""

import subprocess

from report import ROOT


def build(folder, headers):
    target = folder / "hello-pv"
    run = subprocess.run(
        ["make", "--no-print-directory", "-s", f"HELLO_XEN={headers}",
         f"HELLO_OUT={folder}", str(target)], cwd=ROOT, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode:
        return None, run.stdout.decode().splitlines()[-3:]
    plain = folder / "hello-pv.bin"
    subprocess.run(["objcopy", "-O", "binary", str(target), str(plain)],
                   cwd=ROOT, check=True)
    return plain, []


def check(report, work, oracle):
    images = []
    for name, headers in (("ours", "include"), ("upstream", oracle)):
        plain, problems = build(work / f"hello-{name}", headers)
        report.check(f"hello-pv with {name} headers", problems)
        images.append(plain and (ROOT / plain).read_bytes())
    report.check("hello-pv is the same code with both",
                 [] if images[0] and images[0] == images[1] else
                 ["the two images differ"])
