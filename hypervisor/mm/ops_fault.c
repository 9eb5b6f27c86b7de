/* SPDX-License-Identifier: MIT */
/* ops_fault.c - page faults that we mend ourselves.
 *
 * Guards: only a store of the guest's kernel to a page table that its own
 * tables map read-only is performed for it, and only as an ordinary change
 * of one L1 entry. Whatever is refused is left to the guest as the fault it
 * was.
 */
#include "base/string.h"
#include "cpu/bits.h"
#include "guest/access.h"
#include "mm/gdt.h"
#include "mm/map.h"
#include "mm/pt_update.h"
#include "mm/ptwr_decode.h"
#include "mm/roots.h"

static void regs_from_frame(struct store_regs *r, const struct cpu_frame *f)
{
	const uint64_t order[16] = {
		f->rax, f->rcx, f->rdx, f->rbx, f->rsp, f->rbp, f->rsi, f->rdi,
		f->r8, f->r9, f->r10, f->r11, f->r12, f->r13, f->r14, f->r15,
	};

	memcpy(r->r, order, sizeof(order));
	r->rip = f->rip;
	r->rflags = f->rflags;
}

static void regs_to_frame(struct cpu_frame *f, const struct store_regs *r)
{
	f->rax = r->r[0];
	f->rcx = r->r[1];
	f->rdx = r->r[2];
	f->rbx = r->r[3];
	f->rsp = r->r[4];
	f->rbp = r->r[5];
	f->rsi = r->r[6];
	f->rdi = r->r[7];
	f->r8 = r->r[8];
	f->r9 = r->r[9];
	f->r10 = r->r[10];
	f->r11 = r->r[11];
	f->r12 = r->r[12];
	f->r13 = r->r[13];
	f->r14 = r->r[14];
	f->r15 = r->r[15];
	f->rip = r->rip;
	f->rflags = r->rflags;
}

/* One execution against the entry that `insn` touches. */
static int store_once(struct vcpu *v, uint64_t *entry, unsigned shift,
		      const struct store_insn *insn, struct store_regs *r)
{
	const struct pt_ctx ctx = own_ctx(v->domain);
	uint64_t old = READ_ONCE(*entry), part = old >> shift, new;
	uint64_t mask = insn->size == 8 ? ~0UL : (1UL << insn->size * 8) - 1;

	ptwr_execute(insn, r, &part);
	new = (old & ~(mask << shift)) | part << shift;
	return l1_update(entry, new, &ctx, PT_STORE_EXCHANGE, &old);
}

/* The page at va is a valid L1 of d's, mapped read-only. */
static struct frame *mapped_l1(struct vcpu *v, uint64_t va)
{
	uint64_t *slot = l1_slot(v->mm.kernel_root, va), e;
	struct frame *f;

	if (!slot)
		return NULL;
	e = READ_ONCE(*slot);
	if ((e & (PTE_P | PTE_RW)) != PTE_P)
		return NULL;
	f = frame_lookup(pte_mfn(e).n);
	return f && frame_owner(f) == v->domain->mm.slot && type_is_valid(f, PT_L1) ? f : NULL;
}

/* The guest's instruction stores to va, in this L1, whose lock is held. */
static bool emulate_store(struct vcpu *v, uint64_t va, struct frame *f)
{
	uint64_t *entry = (uint64_t *)mfn_to_virt(mfn_of(f)) + ((va & ~PAGE_MASK) >> 3);
	uint8_t bytes[STORE_MAX_BYTES];
	struct store_insn insn;
	struct store_regs r;
	size_t n;

	if (likely(!copy_from_guest(bytes, v->frame.rip, sizeof(bytes))))
		n = sizeof(bytes);
	else
		n = guest_fetch(bytes, v->frame.rip, sizeof(bytes));
	if (ptwr_decode(bytes, n, &insn))
		return false;
	regs_from_frame(&r, &v->frame);
	if (ptwr_address(&insn, &r) != va || va & (insn.size - 1u))
		return false;
	if (store_once(v, entry, (unsigned)(va & 7) * 8, &insn, &r))
		return false;
	regs_to_frame(&v->frame, &r);
	return true;
}

/* tour 12: a store to a read-only table: emulated as a checked update, or refused. */
bool mm_fixup_fault(struct vcpu *v, uint64_t va, uint32_t error)
{
	struct frame *f;
	bool done;

	if (va - LDT_WINDOW(v->id) < LDT_WINDOW(1) - GDT_WINDOW(1))
		return ldt_map_page(v, va);
	if ((error & (PF_PRESENT | PF_WRITE | PF_USER | PF_RESERVED | PF_FETCH)) !=
	    (PF_PRESENT | PF_WRITE | PF_USER) || !v->kernel_mode)
		return false;
	if (!v->domain->control &&
	    !(v->domain->vm_assist & (1UL << VMASST_TYPE_writable_pagetables)))
		return false;
	spin_lock(&v->domain->mm.pt_lock);
	f = mapped_l1(v, va);
	done = f && emulate_store(v, va, f);
	spin_unlock(&v->domain->mm.pt_lock);
	return done;
}
