/* SPDX-License-Identifier: MIT */
/* leaks.c - nothing of another domain's is found in frames, registers or the
 * rest of an answer. The neighbour fills all it has with words whose upper
 * half is SECRET.
 */
#include <xen/sched.h>
#include <xen/version.h>

#include "attack.h"
#include "../guests/secret.h"

#define FRESH	64

static PAGE char room[FRESH][4096];

/* Not as it is, or we would find our own. */
static const volatile uint32_t not_secret = ~(uint32_t)SECRET;

static bool is_secret(uint64_t word)
{
	return (word >> 32 ^ not_secret) == 0xffffffff;
}

static void frames(void)
{
	unsigned long list[FRESH], found = 0, dirty = 0;

	rule("no page that a domain starts with has words of another's");
	for (uint64_t at = VIRT_BASE; at < VIRT_BASE + (start_info->nr_pages << 12); at += 8)
		if (!(at & 4095) && load_traps((void *)at))
			at += 4096 - 8;
		else
			found += is_secret(*(volatile uint64_t *)at);
	want(found, 0);
	rule("no frame that a domain gets has words of another's");
	found = 0;
	for (unsigned int round = 0; round < 20; round++) {
		for (unsigned int i = 0; i < FRESH; i++) {
			list[i] = virt_to_mfn(room[i]);
			call(update_va_mapping, room[i], 0, UVMF_INVLPG);
		}
		want(memory(XENMEM_decrease_reservation, list, FRESH, 0), FRESH);
		for (unsigned int i = 0; i < FRESH; i++)
			list[i] = ((uint64_t)room[i] - VIRT_BASE) >> 12;
		yield();
		want(memory(XENMEM_populate_physmap, list, FRESH, 0), FRESH);
		for (unsigned int i = 0; i < FRESH; i++) {
			((unsigned long *)start_info->mfn_list)[((uint64_t)room[i] - VIRT_BASE) >> 12] =
				list[i];
			want(read_write(room[i]), 0);
			for (unsigned int k = 0; k < 4096; k += 8) {
				found += is_secret(*(volatile uint64_t *)(room[i] + k));
				dirty += !!*(volatile uint64_t *)(room[i] + k);
			}
		}
	}
	want(found, 0);
	want(dirty, 0);
}

#define EACH(one) one(0) one(1) one(2) one(3) one(4) one(5) one(6) one(7)	\
	one(8) one(9) one(10) one(11) one(12) one(13) one(14) one(15)
#define KEEP(n)	asm volatile("movdqu %%xmm" #n ", %0" : "=m"(seen[n][0]));

static void registers(void)
{
	static struct { uint64_t word[2]; } seen[16][1];
	unsigned long found = 0;

	rule("no register has words of another domain's, whenever it is looked at");
	for (unsigned int round = 0; round < 300; round++) {
		yield();
		EACH(KEEP)
		for (unsigned int i = 0; i < 16; i++)
			found += is_secret(seen[i][0].word[0]) || is_secret(seen[i][0].word[1]);
		for (unsigned int r = 0; r < 4; r++)
			found += is_secret((uint64_t)call(get_debugreg, r));
	}
	want(found, 0);
}

/* What was asked for in a buffer of one pattern: bytes the answer does not
 * have stay, and bytes it has are no addresses of the hypervisor's. */
static void answers(void)
{
	static PAGE uint8_t buffer[4096];
	unsigned long addresses = 0;

	rule("no answer has addresses of the hypervisor in it");
	for (unsigned int nr = 0; nr < 64; nr++) {
		if (nr == __HYPERVISOR_iret || nr == __HYPERVISOR_sched_op ||
		    nr == __HYPERVISOR_set_gdt || nr == __HYPERVISOR_stack_switch ||
		    nr == __HYPERVISOR_set_trap_table || nr == __HYPERVISOR_vcpu_op ||
		    nr == __HYPERVISOR_set_callbacks || nr == __HYPERVISOR_callback_op ||
		    nr == __HYPERVISOR_sched_op_compat || nr == __HYPERVISOR_multicall ||
		    nr == __HYPERVISOR_fpu_taskswitch || nr == __HYPERVISOR_mmuext_op)
			continue;
		for (unsigned int cmd = 0; cmd < 48; cmd++) {
			memset(buffer, 0, sizeof(buffer));
			hypercall5(nr, cmd, (long)buffer, nr == __HYPERVISOR_grant_table_op, 0, 0);
			for (unsigned int i = 0; i + 8 <= 512; i += 4) {
				uint64_t word = *(uint64_t *)(buffer + i);

				addresses += is_secret(word) ||
					     (word > MACH2PHYS_VIRT_END && word < HYPERVISOR_VIRT_END);
			}
		}
	}
	want(addresses, 0);
	rule("an answer is as long as it says, and no longer");
	for (unsigned int cmd = 0; cmd < 16; cmd++) {
		memset(buffer, 0xa5, sizeof(buffer));
		call(xen_version, cmd, buffer);
		want(buffer[1024], 0xa5);
		want(buffer[4095], 0xa5);
	}
}

void attack_leaks(void)
{
	frames();
	registers();
	answers();
}
