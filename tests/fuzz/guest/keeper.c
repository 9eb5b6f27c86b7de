/* SPDX-License-Identifier: MIT */
/* keeper.c - the fuzzer's neighbour: its memory must stay as it is.
 *
 * It fills pages with a pattern and checks them for ever. Each of the domains
 * that will be created after it (as many as its grant table has room for) is
 * granted four pages to read and four to write, at refs from 8 + 8 * (id -
 * own id - 1) on, and a port. It prints "keeper: ID ready", then
 * "keeper: N rounds, M wrong" now and then.
 */
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/sched.h>

#include "../../system/guests/guest.h"

#define SECRET		256	/* pages nobody may write */
#define READABLE	4	/* the first of them are granted for reading */
#define WRITABLE	4
#define GUESTS		60
#define REST_NS		20000000ul	/* between two checks */

static uint64_t secret[SECRET][512] __attribute__((aligned(4096)));
static uint64_t shared[WRITABLE][512] __attribute__((aligned(4096)));
static uint64_t grants[512] __attribute__((aligned(4096)));

static uint64_t pattern(uint64_t page, uint64_t word)
{
	return (page * 512 + word + 1) * 0x9e3779b97f4a7c15ul;
}

static uint64_t check(void)
{
	uint64_t wrong = 0, i, j;

	for (i = 0; i < SECRET; i++)
		for (j = 0; j < 512; j++)
			wrong += secret[i][j] != pattern(i, j);
	return wrong;
}

static uint64_t invite(void)
{
	static xen_pfn_t frame;
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	grant_entry_v1_t *e;
	uint64_t id = own_number(), i, k;

	set_xen_guest_handle(setup.frame_list, &frame);
	call3(grant_table_op, GNTTABOP_setup_table, &setup, 1);
	call4(update_va_mapping, grants, frame << 12 | 0x67, UVMF_INVLPG, 0);
	for (k = 0; k < GUESTS; k++) {
		e = (grant_entry_v1_t *)grants + 8 + k * 8;
		for (i = 0; i < READABLE + WRITABLE; i++) {
			bool write = i >= READABLE;

			e[i].domid = (domid_t)(id + 1 + k);
			e[i].frame = (uint32_t)(machine_of(write ? shared[i - READABLE] :
								   secret[i]) >> 12);
			e[i].flags = GTF_permit_access | (write ? 0 : GTF_readonly);
		}
		a.remote_dom = (domid_t)(id + 1 + k);
		call2(event_channel_op, EVTCHNOP_alloc_unbound, &a);
	}
	return id;
}

void guest_main(const char *arguments)
{
	struct sched_poll rest = { .nr_ports = 0 };
	uint64_t round, i, j;

	(void)arguments;
	for (i = 0; i < SECRET; i++)
		for (j = 0; j < 512; j++)
			secret[i][j] = pattern(i, j);
	print("keeper: %lu ready\n", invite());
	for (round = 1; ; round++) {
		uint64_t wrong = check();

		if (wrong || round % 16 == 0)
			print("keeper: %lu rounds, %lu wrong\n", round, wrong);
		rest.timeout = system_time() + REST_NS;
		call2(sched_op, SCHEDOP_poll, &rest);
	}
}
