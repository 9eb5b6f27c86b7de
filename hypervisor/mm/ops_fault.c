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

/* The entry at va, in a valid L1 of d's that v has mapped there read-only. */
static uint64_t *mapped_entry(struct domain *d, struct vcpu *v, uint64_t va)
{
	uint64_t *slot = l1_slot(v->mm.kernel_root, va), e;
	const struct frame *f;

	if (!slot)
		return NULL;
	e = READ_ONCE(*slot);
	if ((e & (PTE_P | PTE_RW)) != PTE_P)
		return NULL;
	f = frame_lookup(pte_mfn(e).n);
	if (!f || frame_owner(f) != d->mm.slot || !type_is_valid(f, PT_L1))
		return NULL;
	return maddr_to_virt((e & PTE_MFN) | (va & ~PAGE_MASK & ~7UL));
}

/* Of an instruction's first bytes: REX.W, with or without R (4) and B (1), the
 * opcode, and ModRM, any registers under mod 0. */
#define FORM		0xc0fffaU
#define FORM_XCHG	0x008748U
#define FORM_MOV	0x008948U
#define MODRM_SPECIAL	4U		/* SIB, or RIP-relative, under mod 0 */

/* store_quickly()'s store of a present entry: checked like any other; with `give`
 * the register gets the old entry. */
static __attribute__((noinline))
bool exchange_present(struct vcpu *v, uint64_t *entry, uint64_t *reg, bool give)
{
	const struct pt_ctx ctx = own_ctx(v->domain);
	uint64_t old = READ_ONCE(*entry);

	if (l1_update(entry, *reg, &ctx, PT_STORE_EXCHANGE, &old))
		return false;
	if (give)
		*reg = old;
	return true;
}

/* xchg of a whole entry, or mov, at a register's address: with nothing else does
 * Linux clear an entry, so these get there without ptwr_decode(). False: it is
 * another instruction, or the store was refused, and nothing has changed. */
static bool store_quickly(struct vcpu *v, uint64_t va, uint64_t *entry)
{
	uint64_t insn, old, *reg;
	unsigned form, modrm;

	if (guest_read_u64(&insn, v->frame.rip))
		return false;
	form = insn & FORM;
	modrm = (uint8_t)(insn >> 16);
	if ((unlikely(form != FORM_XCHG) && form != FORM_MOV) || va & 7 ||
	    (modrm & 6) == MODRM_SPECIAL ||
	    *frame_gpr(&v->frame, (modrm & 7) | (insn & 1) << 3) != va)
		return false;
	reg = frame_gpr(&v->frame, (modrm >> 3) | (insn & 4) << 1);
	if (unlikely(*reg & PTE_P)) {
		if (!exchange_present(v, entry, reg, form == FORM_XCHG))
			return false;
	} else {
		old = l1_clear(entry, *reg);
		if (form == FORM_XCHG)
			*reg = old;
	}
	v->frame.rip += 3;
	v->frame.rflags &= ~FLAGS_RF;
	return true;
}

/* The guest's instruction stores to va, which is this entry of an L1 whose lock is
 * held. */
static __attribute__((noinline))
enum store_result emulate_store(struct vcpu *v, uint64_t va, uint64_t *entry)
{
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
		return STORE_REFUSED;
	if (ptwr_address(&insn, &v->frame) != va || va & (insn.size - 1u))
		return STORE_REFUSED;
	rc = store_once(v, entry, (unsigned)(va & 7) * 8, &insn);
	if (likely(!rc)) {
		v->frame.rflags &= ~FLAGS_RF;
		return STORE_DONE;
	}
	v->frame = before;
	/* Another CPU's walk set A or D just then: the instruction comes again. */
	return rc == -EAGAIN ? STORE_AGAIN : STORE_REFUSED;
}

/* tour 12: a store to a read-only table: emulated as a checked update, or refused. */
enum store_result mm_fixup_store(struct vcpu *v, uint64_t va)
{
	struct domain *d = v->domain;
	uint64_t *entry;
	enum store_result result;

	if (unlikely(!(d->vm_assist & (1UL << VMASST_TYPE_writable_pagetables))) &&
	    !d->control)
		return STORE_REFUSED;
	spin_lock(&d->mm.pt_lock);
	entry = mapped_entry(d, v, va);
	if (unlikely(!entry))
		result = STORE_REFUSED;
	else if (likely(store_quickly(v, va, entry)))
		result = STORE_DONE;
	else
		result = emulate_store(v, va, entry);
	spin_unlock(&d->mm.pt_lock);
	return result;
}
