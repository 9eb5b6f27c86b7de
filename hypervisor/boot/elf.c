/* SPDX-License-Identifier: MIT */
/* elf.c - reading the first domain's kernel.
 *
 * Guards: every offset of the image is checked against its size before it is
 * used: a damaged kernel is a message, not a crash of ours. Only ELF64 with
 * Xen notes, or with the older `__xen_guest` section string, is a kernel for
 * us.
 */
#include "base/string.h"
#include "boot/boot.h"

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
struct elf_section {
	uint32_t name, type;
	uint64_t flags, addr, offset, size;
	uint32_t link, info;
	uint64_t addralign, entsize;
};
struct elf_note { uint32_t namesz, descsz, type; };

#define PT_LOAD		1
#define PT_NOTE		4
#define SHT_NOTE	7
#define EM_X86_64	62

/* `n` bytes at `off`, or NULL when they are not all in the image. */
INIT static const void *part(const struct kernel_image *k, uint64_t off, uint64_t n)
{
	return off <= k->size && n <= k->size - off ? k->base + off : NULL;
}

INIT static void note_value(struct kernel_image *k, uint32_t type, const uint8_t *desc,
			    uint32_t size)
{
	uint64_t v = 0;

	memcpy(&v, desc, MIN(size, 8u));
	if (type < ELF_NOTES) {
		k->note[type] = v;
		k->notes |= 1u << type;
	}
	k->is_xen = true;
}

INIT static void parse_notes(struct kernel_image *k, uint64_t off, uint64_t size)
{
	const uint8_t *p = part(k, off, size), *end = p ? p + size : NULL;

	while ((uint64_t)(end - p) >= sizeof(struct elf_note)) {
		const struct elf_note *n = (const void *)p;
		uint64_t name = ROUND_UP((uint64_t)n->namesz, 4);
		uint64_t desc = ROUND_UP((uint64_t)n->descsz, 4);

		p += sizeof(*n);
		if (name + desc > (uint64_t)(end - p))
			return;
		if (n->namesz == 4 && !memcmp(p, "Xen", 4))
			note_value(k, n->type, p + name, n->descsz);
		p += name + desc;
	}
}

/* "KEY=VALUE,KEY=VALUE": the form before notes. */
INIT static void parse_guest_string(struct kernel_image *k, const char *s, uint64_t size)
{
	static const struct { const char *key; uint32_t note; bool page; } keys[] = {
		{ "VIRT_BASE=", XEN_ELFNOTE_VIRT_BASE, false },
		{ "VIRT_ENTRY=", XEN_ELFNOTE_ENTRY, false },
		{ "ELF_PADDR_OFFSET=", XEN_ELFNOTE_PADDR_OFFSET, false },
		{ "HYPERCALL_PAGE=", XEN_ELFNOTE_HYPERCALL_PAGE, true },
	};
	const char *end = s + strnlen(s, size);

	k->is_xen = true;
	while (s < end) {
		for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
			size_t n = strlen(keys[i].key);
			char number[32];
			const char *stop;
			uint64_t v;

			if ((size_t)(end - s) <= n || strncmp(s, keys[i].key, n))
				continue;
			strlcpy(number, s + n, MIN(sizeof(number), (size_t)(end - s) - n + 1));
			v = parse_size(number, &stop);
			if (keys[i].page)	/* a page number from the base */
				v = k->note[XEN_ELFNOTE_VIRT_BASE] + (v << PAGE_SHIFT);
			note_value(k, keys[i].note, (const uint8_t *)&v, 8);
		}
		while (s < end && *s != ',')
			s++;
		s++;
	}
}

INIT static void parse_sections(struct kernel_image *k, const struct elf_header *h)
{
	const struct elf_section *s = part(k, h->shoff, (uint64_t)h->shnum * sizeof(*s));
	const struct elf_section *names = s && h->shstrndx < h->shnum ? &s[h->shstrndx] : NULL;

	if (!s || h->shentsize != sizeof(*s))
		return;
	for (unsigned i = 0; i < h->shnum; i++) {
		const char *name = names ? part(k, names->offset + s[i].name, 12) : NULL;

		if (s[i].type == SHT_NOTE)
			parse_notes(k, s[i].offset, s[i].size);
		else if (name && !memcmp(name, "__xen_guest", 12) &&
			 part(k, s[i].offset, s[i].size))
			parse_guest_string(k, part(k, s[i].offset, s[i].size), s[i].size);
	}
}

INIT static void parse_segments(struct kernel_image *k, const struct elf_header *h)
{
	const struct elf_segment *s = part(k, h->phoff, (uint64_t)h->phnum * sizeof(*s));

	if (!s || h->phentsize != sizeof(*s)) {
		k->error = "its program headers lie outside the file";
		return;
	}
	k->kstart = ~0UL;
	for (unsigned i = 0; i < h->phnum; i++) {
		uint64_t start = s[i].paddr, end = start + s[i].memsz;

		if (s[i].type == PT_NOTE)
			parse_notes(k, s[i].offset, s[i].filesz);
		if (s[i].type != PT_LOAD || !s[i].memsz)
			continue;
		if (!part(k, s[i].offset, s[i].filesz) || s[i].filesz > s[i].memsz ||
		    end < start || end > ROUND_DOWN(~0UL, PAGE_SIZE)) {
			k->error = "a segment lies outside the file";
			return;
		}
		k->kstart = MIN(k->kstart, ROUND_DOWN(start, PAGE_SIZE));
		k->kend = MAX(k->kend, ROUND_UP(end, PAGE_SIZE));
	}
	if (k->kstart >= k->kend)
		k->error = "it has nothing to load";
}

INIT void elf_parse(struct kernel_image *k, const void *base, uint64_t size)
{
	const struct elf_header *h = base;

	memset(k, 0, sizeof(*k));
	k->base = base;
	k->size = size;
	if (size < sizeof(*h) || memcmp(h->ident, "\177ELF", 4) || h->ident[4] != 2 ||
	    h->machine != EM_X86_64) {
		k->error = "it is not an ELF64 image for x86-64";
		return;
	}
	parse_segments(k, h);
	if (k->error)
		return;
	if (!k->is_xen)
		parse_sections(k, h);
	if (!k->is_xen) {
		k->error = "it has neither Xen notes nor a __xen_guest section";
		return;
	}
	k->virt_base = k->note[XEN_ELFNOTE_VIRT_BASE];
	/* Without VIRT_BASE the segments' addresses are virtual already. */
	if (elf_noted(k, XEN_ELFNOTE_VIRT_BASE))
		k->paddr_offset = k->note[XEN_ELFNOTE_PADDR_OFFSET];
	k->entry = elf_noted(k, XEN_ELFNOTE_ENTRY) ? k->note[XEN_ELFNOTE_ENTRY] : h->entry;
	/* from ELF physical addresses to guest-virtual ones */
	k->kstart += k->virt_base - k->paddr_offset;
	k->kend += k->virt_base - k->paddr_offset;
	if (k->kstart & ~PAGE_MASK)
		k->error = "VIRT_BASE and PADDR_OFFSET are not whole pages apart";
	else if (k->kend - k->kstart > 1UL << 32 || k->kend < k->kstart)
		k->error = "its segments are too far apart";
	else if (k->kstart < k->virt_base)
		k->error = "a segment lies below VIRT_BASE";
	else if (elf_noted(k, XEN_ELFNOTE_HYPERCALL_PAGE) &&
		 k->note[XEN_ELFNOTE_HYPERCALL_PAGE] - k->kstart >= k->kend - k->kstart)
		k->error = "its hypercall page is in no segment";
}

INIT void elf_load(const struct kernel_image *k, void *(*at)(uint64_t va))
{
	const struct elf_header *h = (const void *)k->base;
	const struct elf_segment *s = (const void *)(k->base + h->phoff);

	for (unsigned i = 0; i < h->phnum; i++) {
		uint64_t va = s[i].paddr - k->paddr_offset + k->virt_base;

		if (s[i].type != PT_LOAD)
			continue;
		for (uint64_t done = 0, n; done < s[i].memsz; done += n) {
			uint64_t in = (va + done) & (PAGE_SIZE - 1);
			char *to = (char *)at(va + done - in) + in;

			n = MIN(s[i].memsz - done, PAGE_SIZE - in);
			if (done < s[i].filesz) {
				n = MIN(n, s[i].filesz - done);
				memcpy(to, k->base + s[i].offset + done, n);
			} else {
				memset(to, 0, n);	/* bss */
			}
		}
	}
}
