# SPDX-License-Identifier: MIT
"""apt.py - Debian's package tools, as root or through sudo.

Guards: no address of a package server is written here. The backports entry is
derived from the entries the machine already has.
"""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from . import tree

FOLDER = pathlib.Path("/etc/apt")
ENTRY = FOLDER / "sources.list.d" / "paravane-backports.list"
NETWORK = ("-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30")
DOWNLOAD_LIMIT = 600
# Left to itself it takes old lists for good enough where a server is silent.
UPDATE = ("-o", "APT::Update::Error-Mode=any", "update")
# A server may be out of reach, or halfway to its next state, for a while:
# pauses before each further try.
PAUSES = (10, 30)


def _deb822(text):
    """The stanzas of a .sources file, as dictionaries of folded lines."""
    for stanza in re.split(r"\n\s*\n", text):
        fields, key = {}, None
        for line in stanza.splitlines():
            if line.startswith("#"):
                continue
            if line[:1] in (" ", "\t") and key:
                fields[key] += "\n" + line.strip()
            elif ":" in line:
                key, _, value = line.partition(":")
                key = key.strip().lower()
                fields[key] = value.strip()
        if fields:
            yield fields


def _one_line(text):
    """The same for the one-line entries of a .list file."""
    pattern = re.compile(r"^deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+(.*)$",
                         re.M)
    for options, uri, suite, components in pattern.findall(text):
        fields = {"types": "deb", "uris": uri, "suites": suite,
                  "components": components.split("#")[0].strip()}
        for option in options.split():
            key, _, value = option.partition("=")
            fields[key.lower()] = value
        yield fields


def source_entries(folder=FOLDER):
    """Every enabled binary source entry of this machine."""
    files = sorted((folder / "sources.list.d").glob("*"))
    for path in [folder / "sources.list"] + files:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        text = path.read_text(errors="replace")
        parse = _deb822 if path.suffix == ".sources" else _one_line
        for fields in parse(text):
            if ("deb" in fields.get("types", "").split() and
                    fields.get("enabled", "yes") != "no"):
                yield fields


def backports_entry(codename, entries):
    """The one-line entry for CODENAME-backports, or None."""
    return suite_entry(f"{codename}-backports", codename, entries)


def _serving(codename, entries):
    """The entry that serves CODENAME itself, or None. A keyring given inline
    cannot be named: such an entry is passed over."""
    for fields in entries:
        key = fields.get("signed-by", "")
        if codename in fields.get("suites", "").split() and \
                "\n" not in key and "BEGIN" not in key:
            return fields
    return None


def suite_entry(wanted, codename, entries):
    """The one-line entry for another suite, or None. It copies server and
    keyring of the entry that serves CODENAME itself."""
    fields = _serving(codename, entries)
    if not fields:
        return None
    options = ["arch=amd64"]
    if fields.get("signed-by"):
        options.append(f"signed-by={fields['signed-by']}")
    if fields.get("trusted"):
        options.append(f"trusted={fields['trusted']}")
    return (f"deb [{' '.join(options)}] {fields['uris'].split()[0]} "
            f"{wanted} main\n")


def mirror(folder=FOLDER):
    """(address, keyring or None, trusted unseen): where this machine's own
    packages come from."""
    fields = _serving(codename(), source_entries(folder))
    if not fields:
        raise tree.Problem(f"no source entry in {folder} serves {codename()}")
    return (fields["uris"].split()[0], fields.get("signed-by"),
            fields.get("trusted") == "yes")


def codename():
    text = pathlib.Path("/etc/os-release").read_text()
    match = re.search(r"^VERSION_CODENAME=(\S+)", text, re.M)
    return match.group(1).strip('"') if match else "bookworm"


def patiently(attempt, renew=None):
    """Whether the attempt, a call that says so, succeeded in the end. What
    renews its grounds is called before each further one."""
    for pause in PAUSES:
        if attempt():
            return True
        print(f"setup: note: once more in {pause} s", flush=True)
        time.sleep(pause)
        if renew:
            renew()
    return attempt()


def _run(command, folder=None):
    """The exit status; a network that hangs is as bad as none."""
    try:
        return subprocess.run(command, cwd=folder, check=False,
                              timeout=DOWNLOAD_LIMIT).returncode
    except subprocess.TimeoutExpired:
        return 1


class Apt:
    """apt-get, with what it needs to run unattended."""

    def __init__(self):
        self._updated = False

    def _root(self, *command, **options):
        if os.geteuid() != 0:
            if not shutil.which("sudo"):
                raise tree.Problem("installing packages needs root: run as "
                                   "root, or install sudo")
            command = ("sudo", *command)
        return subprocess.run(command, check=False, **options).returncode

    def _get(self, *arguments):
        return self._root("env", "DEBIAN_FRONTEND=noninteractive", "apt-get",
                          "-q", "-y", *NETWORK, *arguments)

    def _renew(self):
        return self._get(*UPDATE) == 0

    def update(self):
        if not self._updated:
            if not patiently(self._renew):
                print("setup: note: apt-get update had errors; going on")
            self._updated = True

    def install(self, packages, suite=None):
        """Installs, or raises with the line to run by hand."""
        self.update()
        more = ["-t", suite] if suite else []
        if not patiently(lambda: self._get("install", "--no-install-recommends",
                                           *more, *packages) == 0,
                         self._renew):
            raise tree.Problem("apt-get could not install " +
                               " ".join(packages))

    def install_from_backports(self, package):
        """False when there is no such suite to be had."""
        name = codename()
        suite = f"{name}-backports"
        entries = list(source_entries())
        present = any(suite in e.get("suites", "").split() for e in entries)
        if not present:
            line = backports_entry(name, entries)
            if not line:
                print(f"setup: note: no source entry to derive {suite} from")
                return False
            print(f"setup: adding {suite} as {ENTRY}, derived from this "
                  "machine's own entries")
            self._root("tee", str(ENTRY), input=line.encode(),
                       stdout=subprocess.DEVNULL)
            self._updated = False
        try:
            self.install([package], suite)
            return True
        except tree.Problem as problem:
            print(f"setup: note: {problem} from {suite}")
            if not present:
                self._root("rm", "-f", str(ENTRY))
                self._updated = False
            return False

    def dependency(self, package, options=()):
        """The first package that this one, which is empty, stands for."""
        for attempt in range(2):
            out = subprocess.run(["apt-cache", *options, "depends", package],
                                 text=True, check=False,
                                 stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL).stdout
            match = re.search(r"^ *Depends: (\S+)$", out, re.M)
            if match:
                return match.group(1)
            if attempt == 0:
                self.update()
        raise tree.Problem(f"no package source has {package}")

    @contextlib.contextmanager
    def suite(self, suite, folder):
        """The options that make another suite's packages known for the
        moment. This machine's own apt learns nothing of them: their list is
        kept in the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        line = suite_entry(suite, codename(), list(source_entries()))
        if not line:
            raise tree.Problem(f"no source entry to derive {suite} from")
        with tempfile.TemporaryDirectory(dir=folder) as place:
            (pathlib.Path(place) / "lists" / "partial").mkdir(parents=True)
            entry = pathlib.Path(place) / "suite.list"
            entry.write_text(line)
            options = ["-o", f"Dir::Etc::sourcelist={entry}",
                       "-o", "Dir::Etc::sourceparts=-",
                       "-o", f"Dir::State::lists={place}/lists",
                       "-o", f"Dir::Cache={place}/cache"]
            command = ["apt-get", "-q", *NETWORK, *options, "-o",
                       "APT::Sandbox::User=root", *UPDATE]
            if not patiently(lambda: _run(command, place) == 0):
                raise tree.Problem(f"could not read the packages of {suite}")
            yield options

    def unpack(self, packages, folder, files=(), options=()):
        """Downloads packages and unpacks them, or only some of their files,
        without installing them."""
        folder.mkdir(parents=True, exist_ok=True)
        command = ["apt-get", "-q", *NETWORK, *options, "-o",
                   "APT::Sandbox::User=root", "download", *packages]
        names = " ".join(packages)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            if _run(command, place):
                self.update()
                if not patiently(lambda: _run(command, place) == 0,
                                 self._renew):
                    raise tree.Problem(f"could not download {names}")
            for deb in pathlib.Path(place).glob("*.deb"):
                line = 'dpkg-deb --fsys-tarfile "$0" | tar -x -C "$@"'
                wanted = [f"./{name}" for name in files]
                if _run(["sh", "-c", line, str(deb), str(folder),
                         *(["--wildcards"] if files else []), *wanted]):
                    raise tree.Problem(f"could not unpack {deb.name}")
