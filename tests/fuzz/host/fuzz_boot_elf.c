/* SPDX-License-Identifier: MIT */
/* fuzz_boot_elf.c - the hypervisor's own reader of kernels.
 *
 * Whatever the image: no byte outside it is read, and what is accepted loads
 * page by page inside [kstart, kend) and nowhere else.
 */
/* link: hypervisor/boot/elf.c hypervisor/base/string.c */
#include "boot/boot.h"
#include "check.h"

#include <string.h>

#define LOAD_MAX	(1UL << 20)	/* more is not loaded here: it takes long */

static const struct kernel_image *loading;
static char page[PAGE_SIZE];

static void *at(uint64_t va)
{
	CHECK(!(va & ~PAGE_MASK));
	CHECK(va >= loading->kstart && va - loading->kstart < loading->kend - loading->kstart);
	return page;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);	/* its end is watched */
	struct kernel_image k;

	memcpy(copy, data, size);
	elf_parse(&k, copy, size);
	if (!k.error) {
		CHECK(k.is_xen && k.kstart < k.kend);
		CHECK(!(k.kstart & ~PAGE_MASK) && !(k.kend & ~PAGE_MASK));
		loading = &k;
		if (k.kend - k.kstart <= LOAD_MAX)
			elf_load(&k, at);
	}
	free(copy);
	return 0;
}
