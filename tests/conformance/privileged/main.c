/* SPDX-License-Identifier: MIT */
/* privileged - every call that is the control domain's alone, one rule a row
 * of abi/hypercalls.def; and every call on another domain.
 *
 * A plain guest is refused, and the memory that it pointed at is as it was.
 * The first domain, which may, gets any other answer; it asks for nothing, in
 * a way that changes nothing.
 */
#include <xen/domctl.h>
#include <xen/hvm/hvm_op.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include "events.h"

const char suite_name[] = "privileged";

void of_others(void);		/* others.c */

enum caller { ANY, TARGET, CONTROL, BLOCK };

struct row {
	uint32_t call, command;
	enum caller caller;
	bool sub;			/* a sub-call */
	const char *rule;
};

static const struct row rows[] = {
#define HYPERCALL(number, name, front, arguments, caller, purpose)	\
	{ number, 0, caller, false, #name " is the control domain's alone" },
#define SUBCALL(call, command, number, argument, caller, purpose)	\
	{ __HYPERVISOR_##call, number, caller, true,			\
	  #command " is the control domain's alone" },
#include <abi/hypercalls.def>
};

/* What command blocks begin with. */
struct block {
	uint32_t command, version;
};

static PAGE uint8_t page[4096], before[4096];

/* Whose command lies in a block, and of which version; 0 for others. */
static uint32_t block_version(uint32_t call)
{
	return call == __HYPERVISOR_domctl ? XEN_DOMCTL_INTERFACE_VERSION :
	       call == __HYPERVISOR_sysctl ? XEN_SYSCTL_INTERFACE_VERSION :
	       call == __HYPERVISOR_platform_op ? XENPF_INTERFACE_VERSION : 0;
}

/* The call, with nothing in its block but who and what. */
static long make(const struct row *r)
{
	uint32_t version = block_version(r->call);

	memset(page, 0, 256);
	memset(page + 256, 0x5a, sizeof(page) - 256);
	if (version)
		*(struct block *)page = (struct block){ r->command, version };
	memcpy(before, page, sizeof(page));
	if (version)
		return hypercall5(r->call, (long)page, 0, 0, 0, 0);
	if (!r->sub)			/* mca, kexec_op */
		return hypercall5(r->call, (long)page, (long)page, 0, 0, 0);
	if (r->call == __HYPERVISOR_console_io)
		return call(console_io, r->command, 16, page);
	return hypercall5(r->call, r->command, (long)page, (long)page, 0, 0);
}

/* Refused for want of power; upstream looks at a few arguments first. */
static bool refused(const struct row *r, long rc)
{
	if (r->call == __HYPERVISOR_domctl &&
	    (r->command == XEN_DOMCTL_set_target || !r->rule) &&
	    (rc == -XEN_EINVAL || rc == -XEN_EOPNOTSUPP))
		return true;
	if (r->call == __HYPERVISOR_physdev_op &&
	    (r->command == PHYSDEVOP_restore_msi ||
	     r->command == PHYSDEVOP_restore_msi_ext) && rc == -XEN_ENODEV)
		return true;
	return rc == -XEN_EPERM;
}

/* The first domain's: of nobody, or with an argument that is nowhere. */
static long try(const struct row *r)
{
	uint32_t version = block_version(r->call);

	memset(page, 0, sizeof(page));
	*(struct block *)page = (struct block){ r->command, version };
	((struct xen_domctl *)page)->domain =
		r->call == __HYPERVISOR_domctl ? NO_DOMAIN : 0;
	if (r->call == __HYPERVISOR_platform_op &&
	    r->command == XENPF_settime64)
		((struct xen_platform_op *)page)->u.settime64.mbz = 1;
	if (version)
		return hypercall5(r->call, (long)page, 0, 0, 0, 0);
	if (r->call == __HYPERVISOR_console_io)
		return call(console_io, r->command, 0, page);
	if (!r->sub)
		return hypercall5(r->call, (long)BAD_POINTER,
				  (long)BAD_POINTER, 0, 0, 0);
	return hypercall5(r->call, r->command, (long)BAD_POINTER,
			  (long)BAD_POINTER, 0, 0);
}

/* What the first domain could not ask for without getting it. */
static bool harmful(const struct row *r)
{
	return r->call == __HYPERVISOR_platform_op &&
	       (r->command == XENPF_settime32 ||
		r->command == XENPF_enter_acpi_sleep);
}

static void control_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		long rc;

		if (r->caller != CONTROL)
			continue;
		rule(r->rule);
		if (!is_first_domain()) {
			rc = make(r);
			want_true(refused(r, rc));
			want_true(!memcmp(page, before, sizeof(page)));
		} else if (harmful(r)) {
			skip("the first domain would be obeyed");
		} else {
			want_true(try(r) != -XEN_EPERM);
		}
	}
}

/* A command without a row is refused like those with one. */
static void other_commands(void)
{
	static const struct {
		const char *rule;
		uint32_t call;
	} blocks[] = {
		{ "no domctl of any number is for others", __HYPERVISOR_domctl },
		{ "no sysctl of any number is for others", __HYPERVISOR_sysctl },
		{ "no platform_op of any number is for others",
		  __HYPERVISOR_platform_op },
	};

	for (int i = 0; i < 3; i++) {
		rule(blocks[i].rule);
		if (is_first_domain()) {
			skip("we are the control domain");
			continue;
		}
		for (uint32_t cmd = 0; cmd < 130; cmd++) {
			struct row r = { blocks[i].call, cmd < 128 ? cmd :
					 cmd * 0x1000000, CONTROL, true, NULL };

			want_true(refused(&r, make(&r)));
			want_true(!memcmp(page, before, sizeof(page)));
		}
	}
	rule("a block of another version is EACCES, whoever hands it in");
	for (int i = 0; i < 3; i++) {
		memset(page, 0, sizeof(page));
		want(hypercall5(blocks[i].call, (long)page, 0, 0, 0, 0),
		     -XEN_EACCES);
		memset(page, 0xff, sizeof(page));
		want(hypercall5(blocks[i].call, (long)page, 0, 0, 0, 0),
		     -XEN_EACCES);
	}
	rule("a block that cannot be read is EFAULT, whoever hands it in");
	for (int i = 0; i < 3; i++) {
		want(hypercall5(blocks[i].call, (long)BAD_POINTER, 0, 0, 0, 0),
		     -XEN_EFAULT);
		want(hypercall5(blocks[i].call, (long)HYPERVISOR_POINTER, 0, 0,
				0, 0), -XEN_EFAULT);
		want(hypercall5(blocks[i].call, 0, 0, 0, 0, 0), -XEN_EFAULT);
	}
	rule("a domain that is not there is ESRCH to all who ask by domctl");
	*(struct block *)page = (struct block){ XEN_DOMCTL_pausedomain,
						XEN_DOMCTL_INTERFACE_VERSION };
	((struct xen_domctl *)page)->domain = NO_DOMAIN;
	want(call(domctl, page), -XEN_ESRCH);
}

void suite_main(void)
{
	control_rows();
	other_commands();
	of_others();
}
