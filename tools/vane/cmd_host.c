/* SPDX-License-Identifier: MIT */
/* cmd_host.c - commands about the machine and the hypervisor. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "vane.h"

/* The log tells nobody that it grew. */
#define FOLLOW_US 300000

#ifndef VANE_VERSION
#error "the build defines VANE_VERSION"
#endif

__attribute__((format(printf, 2, 3)))
static void row(const char *name, const char *format, ...)
{
	va_list args;

	printf("%-22s : ", name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

static const char *scheduler_name(int number)
{
	static const char *const names[] = {
		[4] = "sedf",	  [5] = "credit", [6] = "credit2",
		[7] = "arinc653", [8] = "rtds",	  [9] = "null",
	};

	if (number < 0 || number >= (int)(sizeof(names) / sizeof(names[0])) ||
	    !names[number])
		return "unknown";
	return names[number];
}

static void print_kernel(void)
{
	struct utsname u;

	if (uname(&u))
		return;
	row("host", "%s", u.nodename);
	row("release", "%s", u.release);
	row("version", "%s", u.version);
	row("machine", "%s", u.machine);
}

static void print_machine(const struct xen_sysctl_physinfo *p)
{
	row("nr_cpus", "%u", p->nr_cpus);
	row("max_cpu_id", "%u", p->max_cpu_id);
	row("nr_nodes", "%u", p->nr_nodes);
	row("sockets", "%u", p->nr_cpus /
	    (p->cores_per_socket * p->threads_per_core ?: 1));
	row("cores_per_socket", "%u", p->cores_per_socket);
	row("threads_per_core", "%u", p->threads_per_core);
	row("cpu_mhz", "%u.%03u", p->cpu_khz / 1000, p->cpu_khz % 1000);
	row("hw_caps", "%08x:%08x:%08x:%08x:%08x:%08x:%08x:%08x",
	    p->hw_cap[0], p->hw_cap[1], p->hw_cap[2], p->hw_cap[3],
	    p->hw_cap[4], p->hw_cap[5], p->hw_cap[6], p->hw_cap[7]);
	row("virt_caps", "%s%s",
	    p->capabilities & XEN_SYSCTL_PHYSCAP_pv ? "pv" : "",
	    p->capabilities & XEN_SYSCTL_PHYSCAP_hvm ? " hvm" : "");
	row("total_memory", "%llu",
	    (unsigned long long)p->total_pages * 4 / 1024);
	row("free_memory", "%llu",
	    (unsigned long long)p->free_pages * 4 / 1024);
	row("free_frames", "%llu",
	    (unsigned long long)p->free_pages);
}

static void print_version_text(struct ctl *c, const char *name,
			       unsigned int command, size_t size)
{
	char text[1025] = "";

	if (ctl_version_field(c, command, text, size) >= 0)
		row(name, "%s", text);
}

static void print_compiler(struct ctl *c)
{
	struct xen_compile_info compile = { 0 };

	if (ctl_version_field(c, XENVER_compile_info, &compile,
			      sizeof(compile)) < 0)
		return;
	row("cc_compiler", "%.*s", (int)sizeof(compile.compiler),
	    compile.compiler);
	row("cc_compile_date", "%.*s", (int)sizeof(compile.compile_date),
	    compile.compile_date);
}

static void print_hypervisor(struct ctl *c)
{
	int version = ctl_version(c);
	xen_extraversion_t extra = "";
	struct xen_platform_parameters place = { 0 };

	ctl_version_field(c, XENVER_extraversion, extra, sizeof(extra));
	row("xen_major", "%d", version >> 16);
	row("xen_minor", "%d", version & 0xffff);
	row("xen_extra", "%.*s", (int)sizeof(extra), extra);
	row("xen_version", "%d.%d%.*s", version >> 16, version & 0xffff,
	    (int)sizeof(extra), extra);
	print_version_text(c, "xen_caps", XENVER_capabilities,
			   sizeof(xen_capabilities_info_t));
	row("xen_scheduler", "%s", scheduler_name(ctl_scheduler(c)));
	row("xen_pagesize", "%lu", FRAME_SIZE);
	if (!ctl_version_field(c, XENVER_platform_parameters, &place,
			       sizeof(place)))
		row("platform_params", "virt_start=0x%llx",
		    (unsigned long long)place.virt_start);
	print_version_text(c, "xen_changeset", XENVER_changeset,
			   sizeof(xen_changeset_info_t));
	print_version_text(c, "xen_commandline", XENVER_commandline,
			   sizeof(xen_commandline_t));
	print_compiler(c);
}

static void print_paravane(struct ctl *c)
{
	struct paravane_sysctl request = { .op = PARAVANE_OP_info };
	const struct paravane_info *info = &request.u.info;

	if (ctl_paravane(c, &request))
		return;
	row("domains", "%u", info->nr_domains);
	row("hypervisor_memory_kib", "%llu",
	    (unsigned long long)info->own_frames * 4);
	row("uptime_s", "%llu",
	    (unsigned long long)info->uptime_ns / 1000000000);
	row("refusals", "%llu", (unsigned long long)info->refusals);
	row("speculation", "%s",
	    info->flags & PARAVANE_INFO_SPECULATION ?
		    "this CPU needs defences that this version lacks" :
		    "no defence needed is missing");
}

int cmd_info(struct vane *v)
{
	struct xen_sysctl_physinfo info;
	struct reason why = { 0 };
	int rc = need_ctl(v);

	if (rc)
		return rc;
	rc = ctl_physinfo(v->ctl, &info);
	if (rc) {
		refuse_errno(&why, rc,
			     "the hypervisor refused to describe the machine");
		return complain(&why);
	}
	print_kernel();
	print_machine(&info);
	print_hypervisor(v->ctl);
	print_paravane(v->ctl);
	return EXIT_DONE;
}

/* All there is from *index on; 0 or a negative errno. */
static int print_log(struct ctl *c, uint32_t *index)
{
	char text[CTL_PAYLOAD_BYTES];
	int got;

	while ((got = ctl_read_log(c, text, sizeof(text), index, false)) > 0)
		fwrite(text, 1, (size_t)got, stdout);
	return fflush(stdout) ? -errno : got;
}

int cmd_dmesg(struct vane *v)
{
	char text[CTL_PAYLOAD_BYTES];
	struct reason why = { 0 };
	uint32_t index = 0;
	int got, rc = need_ctl(v);

	if (rc)
		return rc;
	do {
		got = print_log(v->ctl, &index);
	} while (got == 0 && option_given(v, "follow") && !usleep(FOLLOW_US));
	if (got == 0 && option_given(v, "clear"))
		got = ctl_read_log(v->ctl, text, sizeof(text), &index, true);
	if (got < 0) {
		refuse_errno(&why, got,
			     "the hypervisor refused to show its log");
		return complain(&why);
	}
	return EXIT_DONE;
}

static const char *audit_kind(uint32_t kind)
{
	static const char *const names[] = {
		[PARAVANE_AUDIT_REFS] = "references",
		[PARAVANE_AUDIT_TYPE] = "type",
		[PARAVANE_AUDIT_TYPE_REFS] = "uses of its type",
		[PARAVANE_AUDIT_OWNER] = "owner",
		[PARAVANE_AUDIT_ENTRY] = "a table entry",
		[PARAVANE_AUDIT_FREE] = "the free list",
		[PARAVANE_AUDIT_LIST] = "a domain's list of frames",
		[PARAVANE_AUDIT_M2P] = "its guest's number",
		[PARAVANE_AUDIT_GRANT] = "uses of grants",
		[PARAVANE_AUDIT_VCPU] = "what a vCPU runs on",
	};

	if (kind >= sizeof(names) / sizeof(names[0]) || !names[kind])
		return "something unknown";
	return names[kind];
}

int cmd_audit(struct vane *v)
{
	struct paravane_sysctl request = { .op = PARAVANE_OP_audit };
	const struct paravane_audit *a = &request.u.audit;
	struct reason why = { 0 };
	int rc = need_ctl(v);

	if (rc)
		return rc;
	if (v->argument_count)
		request.u.audit.spoil = (uint16_t)strtoul(v->arguments[0], NULL, 10);
	rc = ctl_paravane(v->ctl, &request);
	if (rc == -ENOSYS)
		refuse(&why, rc, "this hypervisor has no audit");
	else if (rc == -ENOENT)
		refuse(&why, rc, "there is no such thing to break now");
	else if (rc)
		refuse_errno(&why, rc, "the hypervisor refused the audit");
	if (rc)
		return complain(&why);
	printf("frames walked %llu, errors %llu, free frames %llu\n",
	       (unsigned long long)a->walked, (unsigned long long)a->errors,
	       (unsigned long long)a->free);
	if (!a->errors)
		return EXIT_DONE;
	printf("first error: frame %#llx of domain %u: %s: counted %#llx, on record %#llx\n",
	       (unsigned long long)a->bad_frame, a->bad_domain,
	       audit_kind(a->bad_kind), (unsigned long long)a->expected,
	       (unsigned long long)a->found);
	return EXIT_REFUSED;
}

int cmd_version(struct vane *v)
{
	xen_extraversion_t extra = "";
	int version;

	printf("vane %s\n", VANE_VERSION);
	if (ctl_open(&v->ctl, &(struct reason){ 0 }))
		return EXIT_DONE;
	version = ctl_version(v->ctl);
	ctl_version_field(v->ctl, XENVER_extraversion, extra, sizeof(extra));
	printf("hypervisor %d.%d%.*s\n", version >> 16, version & 0xffff,
	       (int)sizeof(extra), extra);
	return EXIT_DONE;
}
