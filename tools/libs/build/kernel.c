/* SPDX-License-Identifier: MIT */
/* kernel.c - from a kernel's file to a checked description of it.
 *
 * Guards: every address in a `struct kernel` lies inside the kernel, every
 * segment inside the file, and no sum of them wraps.
 * Not here: whether it fits a domain's memory (layout.c), or whether the
 * hypervisor has the features it requires (domain.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build/elf_file.h"
#include "build/features.h"
#include "build/kernel.h"
#include "build/notes.h"

#define PAGE_MASK_LOW 0xfffULL

/* More than any machine has: sums of two such numbers cannot wrap. */
#define SANE_BYTES (1ULL << 46)

static int compare_segments(const void *a, const void *b)
{
	const struct kernel_segment *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int add_segment(struct kernel *k, const struct elf_file *elf,
		       const Elf64_Phdr *p, uint64_t paddr_offset,
		       struct reason *why)
{
	struct kernel_segment *s;

	if (k->segment_count == KERNEL_SEGMENTS_MAX)
		return refuse(why, -EINVAL,
			      "%s has more than %d loadable segments",
			      elf->name, KERNEL_SEGMENTS_MAX);
	if (!elf_range(elf, p->p_offset, p->p_filesz))
		return refuse(why, -ENOEXEC,
			      "%s is truncated: a segment of %#llx bytes at offset %#llx lies beyond its end",
			      elf->name, (unsigned long long)p->p_filesz,
			      (unsigned long long)p->p_offset);
	if (p->p_filesz > p->p_memsz)
		return refuse(why, -EINVAL,
			      "%s has a segment with more bytes in the file (%#llx) than in memory (%#llx)",
			      elf->name, (unsigned long long)p->p_filesz,
			      (unsigned long long)p->p_memsz);
	if (p->p_paddr < paddr_offset ||
	    p->p_paddr - paddr_offset > SANE_BYTES || p->p_memsz > SANE_BYTES)
		return refuse(why, -EINVAL,
			      "%s has a segment at physical address %#llx, %#llx bytes long, which no memory has (PADDR_OFFSET is %#llx)",
			      elf->name, (unsigned long long)p->p_paddr,
			      (unsigned long long)p->p_memsz,
			      (unsigned long long)paddr_offset);
	s = &k->segments[k->segment_count++];
	s->start = p->p_paddr - paddr_offset;
	s->memory_bytes = p->p_memsz;
	s->file_bytes = p->p_filesz;
	s->offset = p->p_offset;
	return 0;
}

static int collect_segments(struct kernel *k, const struct elf_file *elf,
			    uint64_t paddr_offset, struct reason *why)
{
	for (unsigned int i = 0; i < elf->header.e_phnum; i++) {
		Elf64_Phdr p = elf_segment(elf, i);
		int rc;

		if (p.p_type != PT_LOAD || !p.p_memsz)
			continue;
		rc = add_segment(k, elf, &p, paddr_offset, why);
		if (rc)
			return rc;
	}
	if (!k->segment_count)
		return refuse(why, -ENOEXEC, "%s has nothing to load",
			      elf->name);
	qsort(k->segments, k->segment_count, sizeof(k->segments[0]),
	      compare_segments);
	for (unsigned int i = 1; i < k->segment_count; i++) {
		struct kernel_segment *before = &k->segments[i - 1];

		if (before->start + before->memory_bytes > before[1].start)
			return refuse(why, -EINVAL,
				      "%s has two segments that overlap at %#llx",
				      elf->name,
				      (unsigned long long)before[1].start);
	}
	k->start = k->segments[0].start;
	k->end = k->segments[k->segment_count - 1].start +
		 k->segments[k->segment_count - 1].memory_bytes;
	return 0;
}

static int check_made_for_xen(const struct notes *n, const char *name,
			      struct reason *why)
{
	if (n->source == NOTES_NONE)
		return refuse(why, -ENOEXEC,
			      "%s is not made for Xen: it has neither Xen ELF notes nor a __xen_guest section",
			      name);
	if (n->source == NOTES_ELF && n->phys32_entry != KERNEL_UNSET &&
	    n->entry == KERNEL_UNSET && !n->guest_os[0])
		return refuse(why, -EOPNOTSUPP,
			      "%s is made for PVH only; its notes have no PV entry point",
			      name);
	if (n->loader[0] && strcmp(n->loader, "generic"))
		return refuse(why, -EOPNOTSUPP,
			      "%s wants the loader \"%s\"; only \"generic\" is known",
			      name, n->loader);
	if (n->xen_version[0] && strcmp(n->xen_version, "xen-3.0"))
		return refuse(why, -EOPNOTSUPP,
			      "%s is made for the interface \"%s\", not \"xen-3.0\"",
			      name, n->xen_version);
	return 0;
}

/* The ABI's defaults: no VIRT_BASE means 0; no PADDR_OFFSET means 0 for ELF
 * notes, and VIRT_BASE for the older string, whose kernels wrote virtual
 * addresses into the physical field. */
static int choose_bases(const struct notes *n, const char *name,
			uint64_t *virt_base, uint64_t *paddr_offset,
			struct reason *why)
{
	*virt_base = n->virt_base;
	*paddr_offset = n->paddr_offset;
	if (*virt_base == KERNEL_UNSET) {
		if (*paddr_offset != KERNEL_UNSET)
			return refuse(why, -EINVAL,
				      "%s has a PADDR_OFFSET note without VIRT_BASE",
				      name);
		*virt_base = 0;
	}
	if (*paddr_offset == KERNEL_UNSET)
		*paddr_offset = n->source == NOTES_LEGACY ? *virt_base : 0;
	if (*virt_base & PAGE_MASK_LOW)
		return refuse(why, -EINVAL,
			      "%s has a VIRT_BASE (%#llx) that is not page-aligned",
			      name, (unsigned long long)*virt_base);
	return 0;
}

static bool in_kernel(const struct kernel *k, uint64_t virt, uint64_t bytes)
{
	uint64_t at = virt - k->virt_base;

	return virt >= k->virt_base && at >= k->start && at < k->end &&
	       bytes <= k->end - at;
}

static int check_addresses(struct kernel *k, const struct notes *n,
			   const struct elf_file *elf, struct reason *why)
{
	k->entry = n->entry != KERNEL_UNSET ? n->entry : elf->header.e_entry;
	if (!in_kernel(k, k->entry, 1))
		return refuse(why, -EINVAL,
			      "%s has its entry point (%#llx) outside itself (%#llx to %#llx)",
			      elf->name, (unsigned long long)k->entry,
			      (unsigned long long)(k->virt_base + k->start),
			      (unsigned long long)(k->virt_base + k->end));

	k->hypercall_page = n->hypercall_page;
	if (n->hypercall_page != KERNEL_UNSET && n->hypercall_page_is_number)
		k->hypercall_page = (n->hypercall_page << 12) + k->virt_base;
	if (k->hypercall_page != KERNEL_UNSET &&
	    ((k->hypercall_page & PAGE_MASK_LOW) ||
	     !in_kernel(k, k->hypercall_page, 1)))
		return refuse(why, -EINVAL,
			      "%s has a HYPERCALL_PAGE (%#llx) that is not a page of it",
			      elf->name, (unsigned long long)k->hypercall_page);

	/* As upstream's builder does: an unaligned address, or one above the
	 * kernel's region, puts the list behind the kernel as usual. */
	k->p2m_base = n->init_p2m;
	if ((k->p2m_base & PAGE_MASK_LOW) || k->p2m_base >= k->virt_base)
		k->p2m_base = KERNEL_UNSET;
	return 0;
}

int kernel_parse(struct kernel *k, const void *bytes, size_t size,
		 const char *name, struct reason *why)
{
	struct elf_file elf;
	struct notes notes;
	uint64_t paddr_offset;
	int rc;

	memset(k, 0, sizeof(*k));
	rc = elf_open(&elf, bytes, size, name, why);
	if (rc)
		return rc;
	rc = notes_read(&notes, &elf, why);
	if (rc)
		return rc;
	rc = check_made_for_xen(&notes, name, why);
	if (rc)
		return rc;
	rc = features_parse(notes.features, name, &k->features_required, why);
	if (rc)
		return rc;
	rc = choose_bases(&notes, name, &k->virt_base, &paddr_offset, why);
	if (rc)
		return rc;
	rc = collect_segments(k, &elf, paddr_offset, why);
	if (rc)
		return rc;
	k->ramdisk_by_pfn = notes.mod_start_pfn != 0;
	memcpy(k->guest_os, notes.guest_os, sizeof(k->guest_os));
	return check_addresses(k, &notes, &elf, why);
}
