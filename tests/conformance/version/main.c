/* SPDX-License-Identifier: MIT */
/* version - xen_version: every sub-call, its lengths, its bad pointers. */
#include <xen/version.h>

#include "lib.h"

const char suite_name[] = "version";

static PAGE char buffer[8192];

static bool ends_within(const char *s, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!s[i])
			return true;
	return false;
}

static bool contains(const char *s, const char *word)
{
	size_t n = strlen(word);

	for (; *s; s++)
		if (!memcmp(s, word, n))
			return true;
	return false;
}

/* Rules of each sub-call that fills a string in. */
static void string(unsigned int cmd, size_t size)
{
	memset(buffer, 0x5a, sizeof(buffer));
	want_true(call(xen_version, cmd, buffer) >= 0);
	want_true(ends_within(buffer, size));
	want_true(buffer[size] == 0x5a);
	want(call(xen_version, cmd, BAD_POINTER), -XEN_EFAULT);
	want(call(xen_version, cmd, HYPERVISOR_POINTER), -XEN_EFAULT);
}

static void strings(void)
{
	rule("extraversion is a string of at most 16 bytes");
	string(XENVER_extraversion, sizeof(xen_extraversion_t));
	rule("capabilities is a string of at most 1024 bytes");
	string(XENVER_capabilities, sizeof(xen_capabilities_info_t));
	rule("capabilities name 64-bit PV guests");
	call(xen_version, XENVER_capabilities, buffer);
	want_true(contains(buffer, "xen-3.0-x86_64"));
	rule("changeset is a string of at most 64 bytes");
	string(XENVER_changeset, sizeof(xen_changeset_info_t));
	rule("commandline is a string of at most 1024 bytes");
	string(XENVER_commandline, sizeof(xen_commandline_t));
	rule("the hypervisor's options are for the first domain alone");
	call(xen_version, XENVER_commandline, buffer);
	want(!memcmp(buffer, "<denied>", 9), !is_first_domain());
	rule("the version in words goes on where the number ends");
	call(xen_version, XENVER_extraversion, buffer);
	want(buffer[0], '.');
	rule("compile_info is four strings in 144 bytes");
	string(XENVER_compile_info, sizeof(struct xen_compile_info));
}

static void features(void)
{
	struct xen_feature_info info = { 0, 0 };

	rule("submap 0 has the bits of a PV guest and none of HVM");
	want(call(xen_version, XENVER_get_features, &info), 0);
	want_true(info.submap & 1u << XENFEAT_mmu_pt_update_preserve_ad);
	want_true(info.submap & 1u << XENFEAT_gnttab_map_avail_bits);
	want_true(!(info.submap & 1u << XENFEAT_auto_translated_physmap));
	want_true(!(info.submap & 1u << XENFEAT_hvm_callback_vector));
	want_true(!(info.submap & 1u << XENFEAT_writable_page_tables));
	rule("features: no more than the submap's word is written");
	memset(buffer, 0x5a, sizeof(buffer));
	memset(buffer, 0, 4);
	want(call(xen_version, XENVER_get_features, buffer), 0);
	want_true(!memcmp(buffer + 4, &info.submap, 4));
	want(buffer[8], 0x5a);
	rule("the first domain sees the dom0 bit, others do not");
	want(info.submap >> XENFEAT_dom0 & 1, is_first_domain());
	rule("a submap beyond the last is EINVAL");
	info.submap_idx = XENFEAT_NR_SUBMAPS;
	want(call(xen_version, XENVER_get_features, &info), -XEN_EINVAL);
	info.submap_idx = ~0u;
	want(call(xen_version, XENVER_get_features, &info), -XEN_EINVAL);
	rule("get_features with a bad pointer is EFAULT");
	want(call(xen_version, XENVER_get_features, BAD_POINTER), -XEN_EFAULT);
}

static void numbers(void)
{
	struct xen_platform_parameters where = { 0 };
	static const unsigned int unknown[] = { 11, 12, 13, 14, 63, 64, 99,
						0x7fffffff, ~0u };
	xen_domain_handle_t handle;
	uint8_t any = 0;

	rule("version is 4.something and ignores its argument");
	want(call(xen_version, XENVER_version, 0) >> 16, 4);
	want(call(xen_version, XENVER_version, BAD_POINTER) >> 16, 4);
	rule("pagesize is 4096, and EINVAL with an argument");
	want(call(xen_version, XENVER_pagesize, 0), 4096);
	want(call(xen_version, XENVER_pagesize, buffer), -XEN_EINVAL);
	rule("platform_parameters has the hypervisor's first address");
	want(call(xen_version, XENVER_platform_parameters, &where), 0);
	want(where.virt_start, HYPERVISOR_VIRT_START);
	want(call(xen_version, XENVER_platform_parameters, BAD_POINTER),
	     -XEN_EFAULT);
	rule("guest_handle fills in 16 bytes");
	want(call(xen_version, XENVER_guest_handle, handle), 0);
	want(call(xen_version, XENVER_guest_handle, BAD_POINTER), -XEN_EFAULT);
	rule("guest_handle writes no more than that");
	memset(buffer, 0x5a, sizeof(buffer));
	want(call(xen_version, XENVER_guest_handle, buffer), 0);
	want(buffer[16], 0x5a);
	want_true(!memcmp(buffer, handle, 16));
	rule("guest_handle: the first domain has none, others have one");
	for (int i = 0; i < 16; i++)
		any |= handle[i];
	want(any != 0, !is_first_domain());
	rule("an unknown sub-call is ENOSYS");
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		want(call(xen_version, unknown[i], buffer), -XEN_ENOSYS);
}

static void build_id(void)
{
	struct xen_build_id *id = (void *)buffer;
	long length;

	rule("build_id tells its length, then wants room for it");
	length = call(xen_version, XENVER_build_id, 0);
	if (!is_first_domain()) {
		want(length, -XEN_EPERM);
		return;
	}
	if (length == -XEN_ENODATA) {
		skip("built without one");
		return;
	}
	want_true(length > 0);
	id->len = (uint32_t)length - 1;
	want(call(xen_version, XENVER_build_id, id), -XEN_ENOBUFS);
	id->len = 0;
	want(call(xen_version, XENVER_build_id, id), -XEN_EINVAL);
	id->len = (uint32_t)length;
	want(call(xen_version, XENVER_build_id, id), length);
}

void suite_main(void)
{
	numbers();
	strings();
	features();
	build_id();
}
