/* SPDX-License-Identifier: MIT */
/* context.c - setting and reading the whole state of a vCPU, which does not run:
 * it was never initialised, or the caller holds it (sched_vcpu_hold).
 *
 * Guards: no value a tool or a guest supplies here can make the way out
 * fault or run with our rights: addresses are canonical, selectors at RPL 3,
 * flags are those a guest may have, tables are validated by mm.
 * Invariant: checks come first; after the last check only the page tables
 * can still refuse, and a vCPU they refused stays uninitialised.
 * Shared by domctl, VCPUOP_initialise and the builder of the first domain.
 */
#include "control/context.h"

#include "base/errno.h"
#include "base/string.h"
#include "emul/emul.h"
#include "evtchn/evtchn.h"
#include "mm/mm.h"
#include "sched/sched.h"
#include "time/time.h"
#include "traps/traps.h"

#include <public/callback.h>

#define LDT_MAX_ENTRIES		8192

static struct spinlock buffer_lock = SPINLOCK_INIT(CONTEXT);
static struct vcpu_guest_context buffer;

struct vcpu_guest_context *context_buffer_begin(void)
{
	spin_lock(&buffer_lock);
	return &buffer;
}

void context_buffer_end(void)
{
	spin_unlock(&buffer_lock);
}

static int check_addresses(const struct vcpu_guest_context *c)
{
	const uint64_t a[] = {
		c->user_regs.rip, c->user_regs.rsp, c->kernel_sp,
		c->ldt_ents ? c->ldt_base : 0,
		c->fs_base, c->gs_base_kernel, c->gs_base_user,
		c->event_callback_eip, c->failsafe_callback_eip, c->syscall_callback_eip,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(a); i++)
		if (!is_canonical(a[i]))
			return -EINVAL;
	for (unsigned i = 0; i < ARRAY_SIZE(c->trap_ctxt); i++)
		if (!is_canonical(c->trap_ctxt[i].address))
			return -EINVAL;
	if (c->ldt_base % PAGE_SIZE || c->ldt_ents > LDT_MAX_ENTRIES)
		return -EINVAL;
	return 0;
}

static uint64_t root_of(mfn_t root)
{
	return mfn_eq(root, MFN_NONE) ? 0 : xen_pfn_to_cr3(root.n);
}

static uint64_t gdt_frame(const struct vcpu *v, unsigned i)
{
	const struct mm_vcpu *m = &v->mm;

	if (i >= ARRAY_SIZE(m->gdt_frames) || mfn_eq(m->gdt_frames[i], MFN_NONE))
		return 0;
	return m->gdt_frames[i].n;
}

/* Tables of a vCPU that has some cannot be exchanged by this call. */
static int check_same_tables(const struct vcpu *v, const struct vcpu_guest_context *c)
{
	bool same = c->ctrlreg[3] == root_of(v->mm.kernel_root) &&
		    c->ctrlreg[1] == root_of(v->mm.user_root) &&
		    c->gdt_ents == v->mm.gdt_entries &&
		    c->ldt_base == v->mm.ldt_base &&
		    c->ldt_ents == v->mm.ldt_entries;

	if (!c->ctrlreg[1] && !(c->flags & VGCF_in_kernel))
		same = false;
	for (unsigned i = 0; i < ARRAY_SIZE(c->gdt_frames); i++)
		same &= c->gdt_frames[i] == gdt_frame(v, i);
	return same ? 0 : -EOPNOTSUPP;
}

/* mm keeps its progress in the frames: after -ERESTART the same calls again
 * find what is done already. */
static int set_tables(struct vcpu *v, const struct vcpu_guest_context *c)
{
	const mfn_t user = mfn_make(xen_cr3_to_pfn(c->ctrlreg[1]));
	int rc;

	/* A number that decodes to MFN_NONE would mean "no user table" to mm. */
	if (c->gdt_ents > FIRST_RESERVED_GDT_ENTRY || (c->ctrlreg[1] && !mfn_valid(user)))
		return -EINVAL;
	rc = mm_set_gdt(v, c->gdt_frames, (uint32_t)c->gdt_ents);
	if (!rc)
		rc = mm_set_ldt(v, c->ldt_base, (uint32_t)c->ldt_ents);
	if (!rc)
		rc = mm_set_kernel_root(v, mfn_make(xen_cr3_to_pfn(c->ctrlreg[3])));
	if (!rc && c->ctrlreg[1])
		rc = mm_set_user_root(v, user);
	return rc;
}

static void set_registers(struct vcpu *v, const struct vcpu_guest_context *c)
{
	const struct cpu_user_regs *r = &c->user_regs;
	struct traps_vcpu *t = &v->traps;

	v->frame = (struct cpu_frame){
		.rax = r->rax, .rbx = r->rbx, .rcx = r->rcx, .rdx = r->rdx,
		.rsi = r->rsi, .rdi = r->rdi, .rbp = r->rbp, .r8 = r->r8,
		.r9 = r->r9, .r10 = r->r10, .r11 = r->r11, .r12 = r->r12,
		.r13 = r->r13, .r14 = r->r14, .r15 = r->r15,
		.rip = r->rip, .rsp = r->rsp,
		.cs = guest_selector(r->cs), .ss = guest_selector(r->ss),
		.rflags = (r->rflags & FLAGS_GUEST) | FLAGS_FIXED | FLAGS_IF,
		.vector = ENTRY_NONE,
	};
	v->kernel_mode = c->flags & VGCF_in_kernel;
	t->ds = r->ds;
	t->es = r->es;
	t->fs = r->fs;
	t->gs = r->gs;
	/* A selector brings its own base along. */
	t->fs_base = r->fs & ~3 ? 0 : c->fs_base;
	t->gs_base_user = r->gs & ~3 ? 0 : c->gs_base_user;
	t->gs_base_kernel = c->gs_base_kernel;
	v->emul.iopl = (r->rflags >> FLAGS_IOPL_SHIFT) & 3;
	emul_set_fpu(v, c->flags & VGCF_i387_valid ? c->fpu_ctxt.x : NULL);
	emul_set_cr0_ts(v, c->ctrlreg[0] & CR0_TS);
	emul_set_cr4(v, c->ctrlreg[4]);
	for (unsigned i = 0; i < ARRAY_SIZE(c->debugreg); i++)
		(void)!emul_set_debugreg(v, i, c->debugreg[i]);
}

static void set_callbacks(struct vcpu *v, const struct vcpu_guest_context *c)
{
	struct traps_vcpu *t = &v->traps;

	for (unsigned i = 0; i < ARRAY_SIZE(c->trap_ctxt); i++)
		t->gates[i] = (struct trap_gate){
			.address = c->trap_ctxt[i].address,
			.cs = guest_selector(c->trap_ctxt[i].cs),
			.flags = c->trap_ctxt[i].flags,
		};
	t->callback[CALLBACKTYPE_event] = c->event_callback_eip;
	t->callback[CALLBACKTYPE_failsafe] = c->failsafe_callback_eip;
	t->callback[CALLBACKTYPE_syscall] = c->syscall_callback_eip;
	t->callback_masks &= ~(1u << CALLBACKTYPE_failsafe | 1u << CALLBACKTYPE_syscall);
	if (c->flags & VGCF_failsafe_disables_events)
		t->callback_masks |= 1u << CALLBACKTYPE_failsafe;
	if (c->flags & VGCF_syscall_disables_events)
		t->callback_masks |= 1u << CALLBACKTYPE_syscall;
	t->kernel_sp = c->kernel_sp;
	t->kernel_ss = guest_selector((uint16_t)c->kernel_ss);
}

/* Budget units of looking at a context and taking it over, without tables. */
#define CONTEXT_UNITS	300

int vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
	struct domain *d = v->domain;
	int rc = evtchn_vcpu_has_info(v) ? check_addresses(c) : -EINVAL;

	(void)budget_left(CONTEXT_UNITS);
	if (d->life != DOMAIN_ALIVE)	/* half of what is filled in may be gone */
		rc = -EINVAL;
	if (rc)
		return rc;
	if (v->initialised) {
		rc = check_same_tables(v, c);
	} else {
		if (!(c->flags & VGCF_in_kernel) && !c->ctrlreg[1])
			return -EINVAL;
		rc = set_tables(v, c);
	}
	if (rc)
		return rc;

	set_registers(v, c);
	set_callbacks(v, c);
	if (v->id == 0) {
		d->vm_assist = c->vm_assist & VM_ASSIST_VALID;
		wallclock_publish(d);
	}
	__atomic_store_n(&v->initialised, true, __ATOMIC_RELEASE);
	if (c->flags & VGCF_online)
		sched_vcpu_up(v);
	else
		sched_vcpu_down(v);
	return 0;
}

static void get_registers(const struct vcpu *v, struct cpu_user_regs *r)
{
	const struct cpu_frame *f = &v->frame;
	const struct traps_vcpu *t = &v->traps;

	*r = (struct cpu_user_regs){
		.rax = f->rax, .rbx = f->rbx, .rcx = f->rcx, .rdx = f->rdx,
		.rsi = f->rsi, .rdi = f->rdi, .rbp = f->rbp, .r8 = f->r8,
		.r9 = f->r9, .r10 = f->r10, .r11 = f->r11, .r12 = f->r12,
		.r13 = f->r13, .r14 = f->r14, .r15 = f->r15,
		.rip = f->rip, .rsp = f->rsp,
		.cs = (uint16_t)f->cs, .ss = (uint16_t)f->ss,
		.rflags = f->rflags | (uint64_t)v->emul.iopl << FLAGS_IOPL_SHIFT,
		.ds = t->ds, .es = t->es, .fs = t->fs, .gs = t->gs,
	};
}

void vcpu_get_context(const struct vcpu *v, struct vcpu_guest_context *c)
{
	const struct traps_vcpu *t = &v->traps;

	memset(c, 0, sizeof(*c));
	emul_get_fpu(v, c->fpu_ctxt.x);
	c->flags = VGCF_i387_valid;
	if (v->kernel_mode)
		c->flags |= VGCF_in_kernel;
	if (sched_vcpu_is_up(v))
		c->flags |= VGCF_online;
	if (t->callback_masks & 1u << CALLBACKTYPE_failsafe)
		c->flags |= VGCF_failsafe_disables_events;
	if (t->callback_masks & 1u << CALLBACKTYPE_syscall)
		c->flags |= VGCF_syscall_disables_events;
	get_registers(v, &c->user_regs);
	for (unsigned i = 0; i < ARRAY_SIZE(c->trap_ctxt); i++)
		c->trap_ctxt[i] = (struct trap_info){
			.vector = t->gates[i].address ? (uint8_t)i : 0,
			.flags = t->gates[i].flags,
			.cs = t->gates[i].cs,
			.address = t->gates[i].address,
		};
	c->ldt_base = v->mm.ldt_base;
	c->ldt_ents = v->mm.ldt_entries;
	c->gdt_ents = v->mm.gdt_entries;
	for (unsigned i = 0; i < ARRAY_SIZE(c->gdt_frames); i++)
		c->gdt_frames[i] = gdt_frame(v, i);
	c->kernel_ss = t->kernel_ss;
	c->kernel_sp = t->kernel_sp;
	c->ctrlreg[0] = emul_guest_cr0(v);
	c->ctrlreg[1] = root_of(v->mm.user_root);
	c->ctrlreg[2] = v->emul.cr2;
	c->ctrlreg[3] = root_of(v->mm.kernel_root);
	c->ctrlreg[4] = v->emul.cr4;
	memcpy(c->debugreg, v->emul.dr, sizeof(v->emul.dr));
	c->debugreg[6] = v->emul.dr6;
	c->debugreg[7] = v->emul.dr7;
	c->event_callback_eip = t->callback[CALLBACKTYPE_event];
	c->failsafe_callback_eip = t->callback[CALLBACKTYPE_failsafe];
	c->syscall_callback_eip = t->callback[CALLBACKTYPE_syscall];
	c->vm_assist = v->domain->vm_assist;
	c->fs_base = t->fs_base;
	c->gs_base_kernel = t->gs_base_kernel;
	c->gs_base_user = t->gs_base_user;
}
