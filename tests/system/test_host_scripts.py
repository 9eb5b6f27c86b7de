# SPDX-License-Identifier: MIT
"""test_host_scripts.py - the host side's libraries, without any machine."""

import argparse
import gzip
import importlib.machinery
import importlib.util
import pathlib
import struct
import subprocess
import sys

import pytest

from machine import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

from lib import apt, console, cpio, grub, guests, room  # noqa: E402
from lib import setup, tour, tree  # noqa: E402


def script(name):
    """One of scripts/, which is no module by its name."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"),
                                                  str(ROOT / "scripts" / name))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def tree_of(archive):
    return {name: archive.read(name) for name in archive.names()}


def test_cpio_survives_packing():
    one = cpio.Archive()
    one.file("/a/deep/file", b"text", 0o600)
    one.link("/a/link", "deep/file")
    one.directory("/empty")
    two = cpio.Archive.unpack(cpio.compress(one.pack()))
    assert tree_of(one) == tree_of(two)
    assert two.names() == ["a", "a/deep", "a/deep/file", "a/link", "empty"]


def test_cpio_keeps_owners_times_and_devices():
    one = cpio.Archive()
    one.member("/file", cpio.Member(0o104755, b"text", (3, 42), 1234567890))
    one.character_device("/dev/console", 5, 1)
    two = cpio.Archive.unpack(one.pack())
    assert two.names() == one.names()
    for name in one.names():
        assert two.stat(name) == one.stat(name)
    assert one.stat("/dev/console").device == (5, 1)


def test_cpio_is_reproducible_whatever_the_order():
    one, two = cpio.Archive(), cpio.Archive()
    one.file("/a", b"1")
    one.file("/b", b"2")
    two.file("/b", b"2")
    two.file("/a", b"1")
    assert cpio.compress(one.pack()) == cpio.compress(two.pack())


def test_cpio_refuses_what_leads_out():
    with pytest.raises(ValueError):
        cpio.Archive().file("/a/../../etc/passwd", b"")


@pytest.mark.parametrize("path", ["/bin", "/bin/sh/below", "/link/below"])
def test_cpio_never_swaps_files_and_directories(path):
    archive, more = cpio.Archive(), cpio.Archive()
    archive.file("/bin/sh", b"")
    archive.link("/link", "/bin")
    more.file(path, b"")
    with pytest.raises(ValueError):
        archive.merge(more)


def test_cpio_refuses_a_file_that_holds_files():
    archive = cpio.Archive()
    archive.file("/plain", b"")
    archive.file("/plain/below", b"")
    with pytest.raises(ValueError):
        archive.pack()


def test_cpio_notices_rubbish():
    with pytest.raises(ValueError):
        cpio.Archive.unpack(b"not an archive at all" * 20)


def test_guest_options_become_files():
    archive = cpio.Archive()
    guests.add_guest(archive, f"x={__file__},extra=a=1,2 b,memory=24,vcpus=2")
    text = archive.read("/guests/x.cfg").decode()
    assert 'name = "x"' in text
    assert 'extra = "a=1,2 b"' in text
    assert "memory = 24" in text and "vcpus = 2" in text
    assert archive.read("/guests/x.kernel") == pathlib.Path(
        __file__).read_bytes()


@pytest.mark.parametrize("given, line", [
    ("extra=console=hvc0 a,b=c", 'extra = "console=hvc0 a,b=c"'),
    ('extra="a,memory=3,vcpus=2"', 'extra = "a,memory=3,vcpus=2"'),
    ('extra="a"b"', 'extra = "a\\"b"'),
    ("on_reboot=destroy", 'on_reboot = "destroy"'),
    ("maxmem=64", "maxmem = 64"),
    ("cpus=0-3,^1", 'cpus = "0-3,^1"'),
    ('cpus=["0", "1"]', 'cpus = ["0", "1"]'),
])
def test_any_key_of_a_domain_file_can_be_given(given, line):
    archive = cpio.Archive()
    guest = guests.add_guest(archive, f"x={__file__},{given},memory=24")
    text = archive.read("/guests/x.cfg").decode()
    assert line in text.splitlines() and "memory = 24" in text.splitlines()
    assert guest.memory == 24


def bzimage(payload, unpacked, setup_sectors=3):
    """As much of one as tells where the payload lies."""
    head = bytearray(512 * (setup_sectors + 1))
    head[0x1f1] = setup_sectors
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<II", head, 0x248, 0, len(payload) + 4)
    return bytes(head) + payload + struct.pack("<I", unpacked)


@pytest.mark.parametrize("kernel, size", [
    (b"\x7fELF" + bytes(1 << 20), 0),
    (gzip.compress(bytes(5 << 20)), 5 << 20),
    (bzimage(b"x" * 1000, 66 << 20), 66 << 20),
    (b"\xfd7zXZ" + bytes(95), 800),
    # not to be believed
    (bzimage(b"x" * 1000, 0xffffffff), 256 << 20),
    (bzimage(b"x" * 1000, 0), 8 * 3052),
    (bzimage(b"", 0)[:600], 4800),
])
def test_a_kernel_tells_its_size(kernel, size):
    assert room.unpacked(kernel) == size


def test_memory_follows_from_files_and_guests():
    def guest(memory, unpacked=0):
        return guests.Guest(bzimage(b"", unpacked << 20), memory)

    assert room.control_domain(9 << 20, []) == 128
    assert room.machine(128, [guest(32)] * 3) == 1024
    # the ramdisk is there twice while it is taken apart
    assert room.control_domain(200 << 20, []) == 512
    # so is a kernel, beside the window of what unpacks it
    assert room.control_domain(20 << 20, [guest(512, 64), guest(16)]) == 256
    assert room.machine(256, [guest(4096), guest(512)]) == 5120


@pytest.mark.parametrize("words, memory", [
    ("", 1024), ("dom0_mem=2G", 2304), ("dom0_mem=2048m,max:2G", 2304),
    ("dom0_mem=2097152K", 2304), ("dom0_mem=2097152 sched=null", 2304),
    ("dom0_mem=1G dom0_mem=2G", 2304),
    # What says nothing of its plain size
    ("dom0_mem=max:2G", 1024),
])
def test_the_machine_has_room_for_dom0_mem(words, memory):
    args = argparse.Namespace(hv_args=words, memory=None, direct=False)
    script("pvboot").choose(args, b"", [])
    assert args.memory == memory
    assert args.hv_args.split(" dom0_mem=128M")[1].strip() == words


def test_guest_arguments_are_quoted():
    assert r'extra = "say \"hi\" \\ there"' in guests.config(
        "x", "/k", extra='say "hi" \\ there')


def feed(mode, text, chunk):
    con = console.Console(mode)
    data = text.replace("\n", "\r\n").encode()
    out = b"".join(con.feed(data[at:at + chunk])
                   for at in range(0, len(data), chunk))
    return con, out.decode().replace("\r", "")


BOOT = f"noise\n{grub.LOADING}\n(pv) hello\nfrom init\n"


@pytest.mark.parametrize("chunk", [1, 7, 10000])
@pytest.mark.parametrize("body, out", [
    ("|\n", ""),
    ("|one\n|\n", "one\n"),
    ("|one\n", "one"),
    ("|(pv) a line of vane dmesg\n(pv) the hypervisor's own\n|\n",
     "(pv) a line of vane dmesg\n"),
    ("|\n|\n", "\n"),
    ("|@pvboot end 7\nstray\n||\n|\n", "@pvboot end 7\n|\n"),
])
def test_console_keeps_the_commands_output_apart(body, out, chunk):
    text = f"{BOOT}@pvboot begin\n{body}@pvboot end 3\n(pv) bye\n"
    con, got = feed(console.COMMAND, text, chunk)
    assert (con.status, got) == (3, out)


def test_console_knows_what_it_waits_for():
    con = console.Console(console.COMMAND)
    said = [con.waiting_for]
    for line in (f"{grub.LOADING}\n", "(pv) hello\n", "@pvboot begin\n",
                 "|\n@pvboot end 0\n"):
        con.feed(line.encode())
        said.append(con.waiting_for)
    assert len(set(said)) == 5


def test_console_takes_a_panic_for_the_end():
    con, _ = feed(console.FIRST, f"{BOOT}(pv) panic: no memory\n", 5)
    assert con.over and "no memory" in con.bad_end


SOURCES = """\
Types: deb
# a comment
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/some.gpg

Types: deb
URIs: http://mirror.invalid/security
Suites: bookworm-security
Components: main
"""
LINES = """\
# deb http://other.invalid/debian bookworm main
deb-src http://src.invalid/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.invalid/debian bookworm main
"""


@pytest.mark.parametrize("name, text, key", [
    ("debian.sources", SOURCES, "/usr/share/keyrings/some.gpg"),
    ("debian.list", LINES, "/k.gpg"),
], ids=["deb822", "one-line"])
def test_backports_are_derived_from_either_form(tmp_path, name, text, key):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / name).write_text(text)
    entry = apt.backports_entry("bookworm", apt.source_entries(tmp_path))
    assert entry == (f"deb [arch=amd64 signed-by={key}] "
                     "http://mirror.invalid/debian bookworm-backports main\n")


@pytest.mark.parametrize("name, text, key", [
    ("debian.sources", SOURCES, "/usr/share/keyrings/some.gpg"),
    ("debian.list", LINES, "/k.gpg"),
], ids=["deb822", "one-line"])
def test_the_mirror_is_that_of_the_machine(tmp_path, name, text, key):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / name).write_text(
        text.replace("bookworm", apt.codename()))
    assert apt.mirror(tmp_path) == ("http://mirror.invalid/debian", key, False)


def test_no_entry_no_backports(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(LINES.replace("bookworm", "sid"))
    assert apt.backports_entry("bookworm", apt.source_entries(tmp_path)) \
        is None


def test_a_disabled_entry_is_passed_over(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "a.sources").write_text(
        SOURCES.replace("Types: deb", "Enabled: no\nTypes: deb"))
    assert list(apt.source_entries(tmp_path)) == []


@pytest.fixture
def debian_guest(tmp_path, monkeypatch):
    """scripts/debian-guest, with its files made in a folder of the test's."""
    module = script("debian-guest")
    for name in ("KERNEL", "INITRD", "STAMP"):
        monkeypatch.setattr(module, name, tmp_path / name)
    (tmp_path / "linux").write_bytes(b"the package's kernel")
    (tmp_path / "KERNEL").write_bytes(b"the package's kernel")
    (tmp_path / "INITRD").write_bytes(b"everything")
    (tmp_path / "STAMP").write_text(module.stamp(tmp_path / "linux"))
    assert module.finished(tmp_path / "linux")
    return module


@pytest.mark.parametrize("name", ["KERNEL", "INITRD", "STAMP", "linux"])
def test_a_debian_that_is_not_whole_or_not_the_latest_is_made_anew(
        debian_guest, tmp_path, name):
    (tmp_path / name).write_bytes(b"half of it")
    assert not debian_guest.finished(tmp_path / "linux")
    if name != "linux":
        (tmp_path / name).unlink()
        assert not debian_guest.finished(tmp_path / "linux")


def test_setup_is_quick_and_silent_when_nothing_is_missing():
    done = subprocess.run([str(ROOT / "scripts" / "setup")], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=300)
    assert b"missing" not in done.stdout


class FakeApt:
    """Installs by changing which QEMU version there is."""

    def __init__(self, backports, plain):
        self.backports, self.plain = backports, plain
        self.version, self.asked = None, []

    def install_from_backports(self, package):
        self.asked.append("backports")
        self.version = self.backports or self.version
        return bool(self.backports)

    def install(self, packages):
        self.asked.append("plain")
        self.version = self.plain


@pytest.mark.parametrize("there, backports, asked, notice", [
    (None, (10, 0), ["backports"], False),
    (None, None, ["backports", "plain"], True),
    ((7, 2), (10, 0), ["backports"], False),
    ((7, 2), None, ["backports"], True),
    ((9, 1), None, [], False),
], ids=["fresh", "no-backports", "old-one", "old-one-only", "new-one"])
def test_qemu_comes_from_backports_or_with_a_notice(
        monkeypatch, capsys, there, backports, asked, notice):
    get = FakeApt(backports, (7, 2))
    get.version = there
    monkeypatch.setattr(setup, "qemu_version", lambda: get.version)
    setup.ensure_qemu(get)
    assert get.asked == asked
    assert ("using QEMU 7.2" in capsys.readouterr().out) == notice


def test_missing_packages_are_named_with_a_reason(monkeypatch, capsys):
    installed = []

    class Get:
        def install(self, packages):
            installed.extend(packages)
    monkeypatch.setattr(setup, "NEEDS", (
        ("there", "/bin/sh", "is there"), ("gone", "/nowhere", "is wanted")))
    setup.ensure_packages(Get())
    out = capsys.readouterr().out
    assert installed == ["gone"]
    assert "gone" in out and "is wanted" in out and "is there" not in out


def test_the_tour_reads_both_comment_forms(tmp_path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "a.sh").write_text(
        "# tour 02: in a script,\n# on two lines.\n\nx\n")
    (tmp_path / "scripts" / "b.c").write_text(
        "\n/* tour 01: in C,\n * on two lines. */\n")
    assert [(s.number, s.line, s.text) for s in tour.stops(tmp_path)] == [
        (1, 2, "in C, on two lines."), (2, 1, "in a script, on two lines.")]


def test_size_counts_code_and_not_comments():
    path = ROOT / "scripts" / "size"
    module = dict(__name__="size", __file__=str(path))
    exec(compile(path.read_text(), str(path), "exec"), module)
    count = module["code_lines"]
    assert count("/* a\n * b */\nint x;\n\n// c\n") == 1
    assert count('char *s = "/* not a comment";\nint y; /* end */\n') == 2


def elf64(vaddr, paddr, contents, entry):
    ident = b"\x7fELF\x02\x01\x01" + b"\0" * 9
    head = struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, entry, 64, 0, 0, 64, 56, 1,
                       0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 120, vaddr, paddr, len(contents),
                          len(contents) + 8, 16)
    return ident + head + segment + contents


def elf32(tmp_path, source):
    (tmp_path / "in").write_bytes(source)
    done = subprocess.run([str(ROOT / "scripts" / "elf32"),
                           str(tmp_path / "in"), str(tmp_path / "out")],
                          check=False, stderr=subprocess.PIPE)
    return done.returncode, done.stderr.decode(), tmp_path / "out"


def test_elf32_keeps_bytes_and_translates_the_entry(tmp_path):
    status, _, out = elf32(tmp_path, elf64(0xffff82d080100000, 0x100000,
                                           b"the code", 0xffff82d080100004))
    data = out.read_bytes()
    assert status == 0
    assert data[:5] == b"\x7fELF\x01"
    assert struct.unpack_from("<I", data, 24) == (0x100004,)
    kind, offset, vaddr, paddr, filesz, memsz, _, _ = struct.unpack_from(
        "<8I", data, 52)
    assert (kind, vaddr, paddr, filesz, memsz) == (1, 0x100000, 0x100000, 8,
                                                   16)
    assert data[offset:offset + 8] == b"the code"


@pytest.mark.parametrize("source, words", [
    (b"no ELF file", "not a 64-bit ELF file"),
    (elf64(0x100000, 0xffffffff0, b"x" * 64, 0x100000), "above 4 GiB"),
    (elf64(0x100000, 0x100000, b"x" * 64, 0xffff82d080100004), "no segment"),
], ids=["not-elf", "too-high", "entry-outside"])
def test_elf32_refuses(tmp_path, source, words):
    status, errors, out = elf32(tmp_path, source)
    assert status == 1 and words in errors
    assert not out.exists()


def test_control_archive_is_complete():
    blob = tree.artefact("control.cpio.gz").read_bytes()
    assert blob == cpio.compress(gzip.decompress(blob))
    names = set(cpio.Archive.unpack(blob).names())
    assert {"init", "bin/sh", "bin/busybox", "bin/ls", "sbin/vane",
            "sbin/consoled", "guests/hello.cfg", "guests/small.cfg"} <= names
