/* SPDX-License-Identifier: MIT */
/* core.c - a domain's memory and registers as an ELF core file.
 *
 * Pages that follow each other by address are one segment. A page that cannot
 * be mapped (one of another domain's, granted) is written as zeroes.
 * The file is written from start to end, so that it may be a pipe.
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/user.h>

#include "debug/debug.h"
#include "debug/view.h"

/* Pages mapped at once. */
#define BATCH 256U
/* Each page of a domain may be in its core file this often, on average: Linux
 * maps most of its memory twice. */
#define TIMES_MAPPED 4U

/* Each note: header, name and contents in multiples of 4 bytes, no more. */
struct __attribute__((packed)) vcpu_notes {
	struct __attribute__((packed)) {
		Elf64_Nhdr header;
		char name[8];
		struct elf_prstatus status;
	} status;
	struct __attribute__((packed)) {
		Elf64_Nhdr header;
		char name[8];
		struct user_fpregs_struct registers;
	} fpu;
};

struct core {
	struct ctl *ctl;
	domid_t id;
	FILE *out;
	struct view view;
	struct view_page *pages;
	size_t page_count, page_limit;
	Elf64_Phdr *segments;
	size_t segment_count;
	struct vcpu_notes *notes;
	size_t vcpu_count;
	/* of the first vCPU that has any */
	uint64_t cr3;
};

static void set_registers(struct user_regs_struct *to,
			  const struct vcpu_guest_context *context)
{
	const struct cpu_user_regs *r = &context->user_regs;

	*to = (struct user_regs_struct){
		.r15 = r->r15, .r14 = r->r14, .r13 = r->r13, .r12 = r->r12,
		.rbp = r->rbp, .rbx = r->rbx, .r11 = r->r11, .r10 = r->r10,
		.r9 = r->r9, .r8 = r->r8, .rax = r->rax, .rcx = r->rcx,
		.rdx = r->rdx, .rsi = r->rsi, .rdi = r->rdi,
		.orig_rax = UINT64_MAX, .rip = r->rip, .cs = r->cs,
		.eflags = r->rflags, .rsp = r->rsp, .ss = r->ss,
		.fs_base = context->fs_base,
		.gs_base = context->flags & VGCF_in_kernel ?
				   context->gs_base_kernel : context->gs_base_user,
		.ds = r->ds, .es = r->es, .fs = r->fs, .gs = r->gs,
	};
}

static Elf64_Nhdr note(uint32_t type, size_t bytes)
{
	return (Elf64_Nhdr){ sizeof("CORE"), (uint32_t)bytes, type };
}

/* gdb calls a thread by its pid: vCPU 0 is 1. */
static void add_vcpu(struct core *k, uint32_t vcpu,
		     const struct vcpu_guest_context *context)
{
	struct vcpu_notes *n = &k->notes[k->vcpu_count++];
	struct user_regs_struct registers;

	memset(n, 0, sizeof(*n));
	n->status.header = note(NT_PRSTATUS, sizeof(n->status.status));
	strcpy(n->status.name, "CORE");
	n->status.status.pr_pid = (pid_t)vcpu + 1;
	set_registers(&registers, context);
	_Static_assert(sizeof(n->status.status.pr_reg) == sizeof(registers),
		       "the registers in a core file are these");
	memcpy(&n->status.status.pr_reg, &registers, sizeof(registers));
	n->status.status.pr_fpvalid = 1;
	n->fpu.header = note(NT_FPREGSET, sizeof(n->fpu.registers));
	strcpy(n->fpu.name, "CORE");
	_Static_assert(sizeof(n->fpu.registers) == sizeof(context->fpu_ctxt),
		       "both are what FXSAVE writes");
	memcpy(&n->fpu.registers, &context->fpu_ctxt, sizeof(n->fpu.registers));
	if (!k->cr3)
		k->cr3 = context->ctrlreg[3];
}

static int collect_vcpus(struct core *k, struct reason *why)
{
	struct xen_domctl_getdomaininfo info;
	struct vcpu_guest_context context;
	uint32_t count;
	int rc = ctl_domain_info(k->ctl, k->id, &info);

	if (rc)
		return refuse_errno(why, rc, "cannot examine domain %u", k->id);
	count = info.max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 :
							      info.max_vcpu_id + 1;
	k->page_limit = TIMES_MAPPED * info.tot_pages;
	k->notes = calloc(count + 1, sizeof(k->notes[0]));
	if (!k->notes)
		return refuse(why, -ENOMEM, "the control domain lacks memory");
	for (uint32_t i = 0; i < count; i++) {
		rc = ctl_domain_context(k->ctl, k->id, i, &context);
		if (!rc)
			add_vcpu(k, i, &context);
		else if (rc != -ENODATA && rc != -ESRCH)
			return refuse_errno(why, rc,
					    "cannot read the registers of vCPU %u",
					    i);
	}
	if (!k->vcpu_count)
		return refuse(why, -ENODATA,
			      "domain %u has no vCPU that ever ran: there is nothing to dump",
			      k->id);
	return 0;
}

static int collect_segments(struct core *k, struct reason *why)
{
	int rc = view_pages(&k->view, k->page_limit, &k->pages, &k->page_count);

	if (rc == -E2BIG)
		return refuse(why, rc,
			      "domain %u has more than %u times as many pages mapped as it has memory: that makes no core file",
			      k->id, TIMES_MAPPED);
	if (rc)
		return refuse_errno(why, rc,
				    "cannot read the page tables of domain %u",
				    k->id);
	k->segments = calloc(k->page_count < PN_XNUM ? k->page_count + 1 : PN_XNUM,
			     sizeof(k->segments[0]));
	if (!k->segments)
		return refuse(why, -ENOMEM, "the control domain lacks memory");
	for (size_t i = 0; i < k->page_count; i++) {
		Elf64_Phdr *last = k->segment_count ?
			&k->segments[k->segment_count - 1] : NULL;
		uint64_t virt = k->pages[i].virt;

		if (last && last->p_vaddr + last->p_memsz == virt) {
			last->p_memsz += FRAME_SIZE;
			continue;
		}
		/* the notes are one as well */
		if (k->segment_count == PN_XNUM - 2)
			return refuse(why, -E2BIG,
				      "domain %u has its memory mapped in more pieces than the %d that a core file can list",
				      k->id, PN_XNUM - 2);
		k->segments[k->segment_count++] = (Elf64_Phdr){
			.p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X,
			.p_vaddr = virt, .p_memsz = FRAME_SIZE,
			.p_align = FRAME_SIZE,
		};
	}
	return 0;
}

static volatile sig_atomic_t stopped;

void debug_stop(void)
{
	stopped = 1;
}

static int put(struct core *k, const void *bytes, size_t size)
{
	if (stopped)
		return -EINTR;
	return fwrite(bytes, 1, size, k->out) == size ? 0 : -errno;
}

/* Headers and notes, up to the first page, which begins at a whole one. */
static int write_head(struct core *k)
{
	static const uint8_t zeroes[FRAME_SIZE];
	size_t note_bytes = k->vcpu_count * sizeof(k->notes[0]);
	size_t table_bytes = (k->segment_count + 1) * sizeof(Elf64_Phdr);
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE, .e_machine = EM_X86_64,
		.e_version = EV_CURRENT, .e_phoff = sizeof(header),
		.e_ehsize = sizeof(header), .e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (uint16_t)(k->segment_count + 1),
	};
	Elf64_Phdr notes = {
		.p_type = PT_NOTE, .p_offset = sizeof(header) + table_bytes,
		.p_filesz = note_bytes, .p_align = 4,
	};
	uint64_t end = notes.p_offset + note_bytes;
	uint64_t at = (end + FRAME_SIZE - 1) & ~(FRAME_SIZE - 1);
	int rc;

	for (size_t i = 0, next = at; i < k->segment_count; i++) {
		k->segments[i].p_offset = next;
		k->segments[i].p_filesz = k->segments[i].p_memsz;
		next += k->segments[i].p_memsz;
	}
	rc = put(k, &header, sizeof(header));
	if (!rc)
		rc = put(k, &notes, sizeof(notes));
	if (!rc)
		rc = put(k, k->segments, table_bytes - sizeof(notes));
	if (!rc)
		rc = put(k, k->notes, note_bytes);
	return rc ? rc : put(k, zeroes, at - end);
}

static int write_page_alone(struct core *k, uint64_t mfn)
{
	static const uint8_t zeroes[FRAME_SIZE];
	const void *page = view_frame(&k->view, mfn);

	return put(k, page ? page : zeroes, FRAME_SIZE);
}

static int write_pages(struct core *k)
{
	uint64_t mfns[BATCH];
	int rc = 0;

	for (size_t done = 0; !rc && done < k->page_count;) {
		size_t n = k->page_count - done;
		void *mapped;

		if (n > BATCH)
			n = BATCH;
		for (size_t i = 0; i < n; i++)
			mfns[i] = k->pages[done + i].mfn;
		mapped = ctl_foreign_map_read_only(k->ctl, k->id, mfns, n, NULL);
		if (mapped)
			rc = put(k, mapped, n * FRAME_SIZE);
		for (size_t i = 0; !mapped && !rc && i < n; i++)
			rc = write_page_alone(k, mfns[i]);
		ctl_foreign_unmap(k->ctl, mapped, n);
		done += n;
	}
	return rc;
}

int debug_dump_core(struct ctl *c, domid_t id, const char *name, FILE *out,
		    struct reason *why)
{
	struct core k = { .ctl = c, .id = id, .out = out };
	int rc = collect_vcpus(&k, why);

	view_open(&k.view, c, id, k.cr3);
	if (!rc)
		rc = collect_segments(&k, why);
	if (!rc) {
		rc = write_head(&k);
		if (!rc)
			rc = write_pages(&k);
		if (!rc && fflush(out))
			rc = -errno;
		if (rc)
			refuse_errno(why, rc, "cannot write the memory of %s", name);
	}
	view_close(&k.view);
	free(k.segments);
	free(k.pages);
	free(k.notes);
	return rc;
}
