/* SPDX-License-Identifier: MIT */
/* ops_fault.c - page faults that we mend ourselves.
 *
 * Guards: only a store of the guest's kernel to a page table that its own
 * tables map read-only is performed for it, and only as an ordinary change
 * of one L1 entry. Whatever is refused is left to the guest as the fault it
 * was.
 */
#include "base/errno.h"
#include "cpu/bits.h"
#include "guest/access.h"
#include "mm/gdt.h"
#include "mm/map.h"
#include "mm/pt_update.h"
#include "mm/ptwr_decode.h"
#include "mm/roots.h"

/* One execution against the entry that `insn` touches. */
static int store_once(struct vcpu *v, uint64_t *entry, unsigned shift,
		      const struct store_insn *insn)
{
	const struct pt_ctx ctx = own_ctx(v->domain);
	uint64_t old = READ_ONCE(*entry), part = old >> shift, new;
	uint64_t mask = insn->size == 8 ? ~0UL : (1UL << insn->size * 8) - 1;

	ptwr_execute(insn, &v->frame, &part);
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
	const struct cpu_frame before = v->frame;
	uint8_t bytes[STORE_MAX_BYTES];
	struct store_insn insn;
	size_t n;
	int rc;

	if (likely(!copy_from_guest(bytes, v->frame.rip, sizeof(bytes))))
		n = sizeof(bytes);
	else
		n = guest_fetch(bytes, v->frame.rip, sizeof(bytes));
	if (ptwr_decode(bytes, n, &insn))
		return false;
	if (ptwr_address(&insn, &v->frame) != va || va & (insn.size - 1u))
		return false;
	rc = store_once(v, entry, (unsigned)(va & 7) * 8, &insn);
	if (likely(!rc))
		return true;
	v->frame = before;
	/* Another CPU's walk set A or D just then: the instruction comes again. */
	return rc == -EAGAIN;
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
