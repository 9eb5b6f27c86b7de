/* SPDX-License-Identifier: MIT */
/* switch.c - one vCPU's registers out, another's in.
 *
 * Guards: no guest sees another's registers: general ones live in the
 * vCPU's own frame, all others are saved and loaded here, always (extended
 * state eagerly). A selector that no longer loads is reported to the guest
 * by its failsafe callback.
 */
#include "traps/traps.h"

#include "cpu/gdt.h"
#include "cpu/safe.h"
#include "emul/emul.h"
#include "mm/mm.h"

static inline uint16_t read_ds(void) { uint16_t v; __asm__ volatile("mov %%ds, %0" : "=r"(v)); return v; }
static inline uint16_t read_es(void) { uint16_t v; __asm__ volatile("mov %%es, %0" : "=r"(v)); return v; }
static inline uint16_t read_fs(void) { uint16_t v; __asm__ volatile("mov %%fs, %0" : "=r"(v)); return v; }
static inline uint16_t read_gs(void) { uint16_t v; __asm__ volatile("mov %%gs, %0" : "=r"(v)); return v; }

static void save_live(struct vcpu *v)
{
	struct traps_vcpu *t = &v->traps;
	uint64_t active, hidden;

	t->ds = read_ds();
	t->es = read_es();
	t->fs = read_fs();
	t->gs = read_gs();
	t->fs_base = rdmsr(MSR_FS_BASE);
	active = rdmsr(MSR_GS_BASE);
	hidden = rdmsr(MSR_KERNEL_GS_BASE);
	t->gs_base_kernel = v->kernel_mode ? active : hidden;
	t->gs_base_user = v->kernel_mode ? hidden : active;
	emul_save_xstate(v);
}

/* Selectors first: loading one may change its base. False if one failed. */
static bool load_segments(struct vcpu *v)
{
	struct traps_vcpu *t = &v->traps;
	bool ok = true;

	if (t->ds | read_ds())
		ok &= !safe_load_ds(t->ds);
	if (t->es | read_es())
		ok &= !safe_load_es(t->es);
	if (t->fs | read_fs())
		ok &= !safe_load_fs(t->fs);
	if (t->gs | read_gs())
		ok &= !safe_load_gs(t->gs);
	wrmsr(MSR_FS_BASE, t->fs_base);
	wrmsr(MSR_GS_BASE, v->kernel_mode ? t->gs_base_kernel : t->gs_base_user);
	wrmsr(MSR_KERNEL_GS_BASE, v->kernel_mode ? t->gs_base_user : t->gs_base_kernel);
	return ok;
}

static void load_live(struct vcpu *v)
{
	emul_load_xstate(v);
	emul_load_debug(v);
	if (!load_segments(v))
		bounce_failsafe(v);
}

/* tour 17: one vCPU's registers out, another's in. */
void context_switch(struct vcpu *prev, struct vcpu *next)
{
	struct cpu *c = this_cpu();

	if (prev != c->idle)
		save_live(prev);
	c->current = next;
	if (next == c->idle) {
		cpu_idle_descriptors();
		mm_switch_idle();
		emul_unload_debug();
		return;
	}
	next->cpu_stack = ((uint64_t)c & ~(CPU_BLOCK_SIZE - 1)) + CPU_STACK_TOP;
	c->frame_end = c->tss.rsp0 = (uint64_t)&next->cpu_stack;
	mm_switch_to(next);
	load_live(next);
}
