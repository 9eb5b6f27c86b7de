/* SPDX-License-Identifier: MIT */
/* features.c - the names of the ABI's feature bits, once. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <xen/xen.h>
#include <xen/features.h>

#include "build/features.h"

static const char *const names[32] = {
	[XENFEAT_writable_page_tables] = "writable_page_tables",
	[XENFEAT_writable_descriptor_tables] = "writable_descriptor_tables",
	[XENFEAT_auto_translated_physmap] = "auto_translated_physmap",
	[XENFEAT_supervisor_mode_kernel] = "supervisor_mode_kernel",
	[XENFEAT_pae_pgdir_above_4gb] = "pae_pgdir_above_4gb",
	[XENFEAT_mmu_pt_update_preserve_ad] = "mmu_pt_update_preserve_ad",
	[XENFEAT_highmem_assist] = "highmem_assist",
	[XENFEAT_gnttab_map_avail_bits] = "gnttab_map_avail_bits",
	[XENFEAT_hvm_callback_vector] = "hvm_callback_vector",
	[XENFEAT_hvm_safe_pvclock] = "hvm_safe_pvclock",
	[XENFEAT_hvm_pirqs] = "hvm_pirqs",
	[XENFEAT_dom0] = "dom0",
	[XENFEAT_memory_op_vnode_supported] = "memory_op_vnode_supported",
	[XENFEAT_linux_rsdp_unrestricted] = "linux_rsdp_unrestricted",
	[XENFEAT_not_direct_mapped] = "not_direct_mapped",
	[XENFEAT_direct_mapped] = "direct_mapped",
};

const char *feature_name(unsigned int bit)
{
	static const char *const unnamed = "an unknown feature";

	return bit < 32 && names[bit] ? names[bit] : unnamed;
}

static int find(const char *name, size_t length)
{
	for (int bit = 0; bit < 32; bit++)
		if (names[bit] && strlen(names[bit]) == length &&
		    !memcmp(names[bit], name, length))
			return bit;
	return -ENOENT;
}

int features_parse(const char *text, const char *kernel, uint32_t *required,
		   struct reason *why)
{
	while (*text) {
		int needed = *text == '!';
		const char *name = text + needed;
		size_t length = strcspn(name, "|");
		int bit = find(name, length);

		if (needed && bit >= 0)
			*required |= 1U << bit;
		else if (needed && length)
			return refuse(why, -EOPNOTSUPP,
				      "%s requires the feature \"%.*s\", which is unknown here",
				      kernel, (int)length, name);
		text = name + length;
		if (*text == '|')
			text++;
	}
	return 0;
}
