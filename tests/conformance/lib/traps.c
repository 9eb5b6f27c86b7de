/* SPDX-License-Identifier: MIT */
/* traps.c - every entry into the kernel: traps, the syscall callback, events.
 *
 * Guards: an entry inside traps() or run_from() ends that only, unless trap_hook
 * lets it go on; any other ends the suite as broken. Events are counted and
 * left. Each vCPU's entries are noted in its own struct vcpu.
 */
#include <xen/callback.h>

#include "lib.h"

bool (*trap_hook)(struct frame *f);
uint8_t port_home[4096];

_Static_assert(sizeof(struct frame) == FRAME_SIZE, "start.S makes room for it");

/* start.S */
extern char catch_landing[];
extern char entry_stubs[];
int catch(void (*fn)(void *), void *arg, uint64_t *catch_stack);
void lib_entered(const struct entered *p, struct frame *f);
void resume(void *frame);
static void lib_event(unsigned int id);

bool traps(void (*fn)(void *), void *arg)
{
	return catch(fn, arg, &lib_vcpus[whoami()].catch_stack);
}

void run_from(struct frame *from)
{
	catch(resume, from, &lib_vcpus[whoami()].catch_stack);
}

void *entry_stub(unsigned int number)
{
	return entry_stubs + 16 * number;
}

void set_gate(unsigned int vector, unsigned int flags, const void *address)
{
	struct trap_info table[2] = {
		{ (uint8_t)vector, (uint8_t)flags, FLAT_KERNEL_CS,
		  (unsigned long)address },
	};

	want(call(set_trap_table, table), 0);
}

void reset_gates(void)
{
	static struct trap_info table[22];

	for (unsigned int i = 0; i < 21; i++)
		table[i] = (struct trap_info){
			.vector = i < 20 ? (uint8_t)i : 0x80,
			/* INT may raise these. */
			.flags = i == 3 || i == 4 || i == 20 ? 3 : 0,
			.cs = FLAT_KERNEL_CS,
			.address = (unsigned long)entry_stub(i < 20 ? i : 0x80),
		};
	call(set_trap_table, table);
}

long set_callback(unsigned int type, unsigned int flags, const void *address)
{
	struct callback_register c = {
		(uint16_t)type, (uint16_t)flags, (xen_callback_t)address
	};

	return call(callback_op, CALLBACKOP_register, &c);
}

/* 7 words or 8 below an address that 16 divides: is there an error code? */
static bool has_error(const struct entered *p)
{
	return !((uint64_t)p->words & 8);
}

bool error_pushed(void)
{
	return !(pushed.rsp & 8);
}

static struct frame as_frame(const struct entered *p)
{
	const uint64_t *w = p->words + 2;
	struct frame f;

	memcpy(&f, p, offsetof(struct frame, rax));
	f.rax = p->rax;
	f.rcx = p->words[0];
	f.r11 = p->words[1];
	f.iret_flags = 0;
	f.vector = p->entry;
	f.error = p->entry < ENTRY_EVENT && has_error(p) ? *w++ : 0;
	if (p->entry == ENTRY_FAILSAFE)
		w += 4;
	f.rip = w[0];
	f.cs = w[1];
	f.rflags = w[2];
	f.rsp = w[3];
	f.ss = w[4];
	return f;
}

static void unexpected(const struct frame *f)
{
	print("  vCPU ");
	print_signed(whoami());
	print(": vector ");
	print_signed((long)f->vector);
	print(" error ");
	print_hex(f->error);
	print(" at ");
	print_hex(f->rip);
	print(" address ");
	print_hex(lib_vcpus[whoami()].last_cr2);
	print("\n");
	suite_end("it trapped");
}

void lib_entered(const struct entered *p, struct frame *f)
{
	unsigned int id = whoami();
	struct vcpu *v = &lib_vcpus[id];

	*f = as_frame(p);
	if (f->vector == ENTRY_EVENT) {
		lib_event(id);
		return;
	}
	v->last_cr2 = info_of(id)->arch.cr2;
	v->last_pushed = *p;
	v->last_pushed.rsp = (uint64_t)p->words;
	v->last_pushed.mask = info_of(id)->evtchn_upcall_mask;
	v->last_trap = *f;
	if (trap_hook && trap_hook(f))
		return;
	if (!v->catch_stack)
		unexpected(f);
	f->rip = (uint64_t)catch_landing;
	f->cs = FLAT_KERNEL_CS & ~3;		/* back in kernel mode */
	f->ss = FLAT_KERNEL_SS;
	f->rsp = v->catch_stack;
	f->rflags &= RFLAGS_IF;
}

/* Those of a word's ports that another vCPU takes. */
static xen_ulong_t of_others(unsigned int word, unsigned int id)
{
	xen_ulong_t bits = 0;

	for (unsigned int i = 0; i < 64; i++)
		if (port_home[word * 64 + i] != ANYBODY &&
		    port_home[word * 64 + i] != id)
			bits |= 1ul << i;
	return bits;
}

/* Entered with events masked; leaves no port pending that is not masked, but
 * for those of others. */
static void lib_event(unsigned int id)
{
	volatile struct vcpu_info *info = info_of(id);
	xen_ulong_t words, bits;

	info->evtchn_upcall_pending = 0;
	words = __sync_lock_test_and_set(&info->evtchn_pending_sel, 0);
	for (unsigned int w = 0; w < 64; w++) {
		if (!(words >> w & 1))
			continue;
		bits = shared->evtchn_pending[w] & ~shared->evtchn_mask[w] &
		       ~of_others(w, id);
		__sync_fetch_and_and(&shared->evtchn_pending[w], ~bits);
		if (bits)
			lib_vcpus[id].interrupted_by = w * 64 +
				(unsigned int)__builtin_ctzl(bits);
	}
	lib_vcpus[id].interrupted++;
}

void events_unmask(void)
{
	shared->vcpu_info[0].evtchn_upcall_mask = 0;
	__sync_synchronize();
	if (shared->vcpu_info[0].evtchn_upcall_pending)
		call(xen_version, 0, 0);	/* any call delivers them */
}

bool port_pending(evtchn_port_t port)
{
	return shared->evtchn_pending[port / 64] >> port % 64 & 1;
}

void port_mask(evtchn_port_t port, bool masked)
{
	if (masked)
		__sync_fetch_and_or(&shared->evtchn_mask[port / 64],
				    1ul << port % 64);
	else
		__sync_fetch_and_and(&shared->evtchn_mask[port / 64],
				     ~(1ul << port % 64));
}

void port_clear(evtchn_port_t port)
{
	__sync_fetch_and_and(&shared->evtchn_pending[port / 64],
			     ~(1ul << port % 64));
}
