/* SPDX-License-Identifier: MIT */
/* reservations.c - memory comes and goes: larger extents, lists that end
 * early, progress, and the domain's limit.
 */
#include "memory.h"

#define FRAMES	600		/* more than one entry's work */

static char room[FRAMES][4096] PAGE;
static unsigned long list[FRAMES];

static void release(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		list[i] = virt_to_mfn(room[i]);
		unmap(room[i]);
	}
}

/* The pfns of room[0, n). */
static void name(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		list[i] = pfn_of(room[i]);
}

static void put_back(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		((unsigned long *)start_info->mfn_list)[pfn_of(room[i])] = list[i];
		want(map_frame(room[i], list[i], PTE_PRESENT | PTE_WRITE), 0);
	}
}

static void many(void)
{
	struct xen_memory_reservation r = reservation(list, FRAMES);
	long before = frames_now();
	unsigned long wrong = 0;

	rule("a long list is given back in one call, whatever it takes");
	release(FRAMES);
	want(op(decrease_reservation, &r), FRAMES);
	want(frames_now(), before - FRAMES);
	rule("a long list is populated in one call, each with its pfn");
	name(FRAMES);
	want(op(populate_physmap, &r), FRAMES);
	for (unsigned int i = 0; i < FRAMES; i++)
		wrong += *m2p(list[i]) != pfn_of(room[i]);
	want(wrong, 0);
	want(frames_now(), before);
	rule("frames come clean, even those that were the domain's before");
	put_back(FRAMES);
	for (unsigned int i = 0; i < FRAMES; i++)
		for (unsigned int k = 0; k < 4096; k += 8)
			wrong += !!*(unsigned long *)&room[i][k];
	want(wrong, 0);
	rule("progress above the command is where the list goes on");
	release(4);
	want(op_at(decrease_reservation, FRAMES - 1, &r), FRAMES);
	r.nr_extents = 4;
	want(op_at(decrease_reservation, 2, &r), 4);
	want(frames_now(), before - 2);
	want(op_at(decrease_reservation, 4, &r), 4);
	want(op_at(decrease_reservation, 5, &r), 5);
	want(frames_now(), before - 2);
	r.nr_extents = 2;
	want(op(decrease_reservation, &r), 2);
	name(4);
	r.nr_extents = 4;
	want(op_at(populate_physmap, 3, &r), 4);
	want(frames_now(), before - 3);
	want(list[0], pfn_of(room[0]));
	r.nr_extents = 3;
	want(op(populate_physmap, &r), 3);
	put_back(4);
	want(frames_now(), before);
}

static void early_ends(void)
{
	struct xen_memory_reservation r = reservation(list, 4);
	long before = frames_now();

	rule("a list is given back up to the first frame that is not one's own");
	release(4);
	list[2] = 0;
	want(op(decrease_reservation, &r), 2);
	want(frames_now(), before - 2);
	list[2] = 1ul << 50;
	want(op_at(decrease_reservation, 2, &r), 2);
	rule("what was given back is not one's own any more");
	want(op(decrease_reservation, &r), 0);
	want(call(update_va_mapping, room[0], list[0] << 12 | PTE_PRESENT, 0), -XEN_EBUSY);
	rule("a page table that is given back counts as done, and stays");
	{
		unsigned long table = l1_frame(room[0]);

		r.extent_start.p = &table;
		r.nr_extents = 1;
		want(op(decrease_reservation, &r), 1);
		want(frames_now(), before - 2);
	}
	rule("the page shared with the hypervisor is given back without effect");
	{
		unsigned long frame = start_info->shared_info >> 12;

		r.extent_start.p = &frame;
		want(op(decrease_reservation, &r), 1);
		want(op(decrease_reservation, &r), 1);
		want(frames_now(), before - 2);
	}
	r = reservation(list, 2);
	name(2);
	want(op(populate_physmap, &r), 2);
	put_back(2);
	list[2] = virt_to_mfn(room[2]);
	list[3] = virt_to_mfn(room[3]);
	put_back(4);
	want(frames_now(), before);
}

static void extents(void)
{
	struct xen_memory_reservation r = reservation(list, 1);
	long before = frames_now();
	unsigned long first;

	rule("an extent of order 2 is four frames in a row, aligned, with their pfns");
	release(4);
	r.nr_extents = 4;
	want(op(decrease_reservation, &r), 4);
	list[0] = pfn_of(room[0]);
	r.nr_extents = 1;
	r.extent_order = 2;
	want(op(populate_physmap, &r), 1);
	first = list[0];
	want(first & 3, 0);
	for (unsigned int i = 0; i < 4; i++)
		want(*m2p(first + i), (long)(pfn_of(room[0]) + i));
	want(frames_now(), before);
	rule("an extent is given back as a whole");
	want(op(decrease_reservation, &r), 1);
	want(frames_now(), before - 4);
	rule("an extent with a frame of others in it is given back as far as it goes");
	list[0] = pfn_of(room[0]);
	want(op(populate_physmap, &r), 1);
	first = list[0];
	r.extent_order = 0;
	list[0] = first + 2;
	want(op(decrease_reservation, &r), 1);
	r.extent_order = 2;
	list[0] = first;
	want(op(decrease_reservation, &r), 0);
	want(frames_now(), before - 3);
	r.extent_order = 0;
	list[0] = first + 3;
	want(op(decrease_reservation, &r), 1);
	want(frames_now(), before - 4);
	name(4);
	r.nr_extents = 4;
	want(op(populate_physmap, &r), 4);
	put_back(4);
	want(frames_now(), before);
}

static void increases(void)
{
	struct xen_memory_reservation r = reservation(list, 2);
	long before = frames_now();

	rule("increase_reservation gives frames, whose pfns nobody says");
	release(2);
	want(op(decrease_reservation, &r), 2);
	list[0] = list[1] = 0;
	want(op(increase_reservation, &r), 2);
	want_true(list[0] && list[1] && list[0] != list[1]);
	want(frames_now(), before);
	want(op(decrease_reservation, &r), 2);
	rule("increase_reservation without a list gives frames all the same");
	r.extent_start.p = NULL;
	want(op(increase_reservation, &r), 2);
	want(frames_now(), before);
	rule("a domain has no more than its maximum");
	{
		struct xen_memory_domain self = { DOMID_SELF };
		long most = op(maximum_reservation, &self), got = 0;

		/* the first domain may have all there is, which is not tried */
		r.nr_extents = 1;
		while (!is_first_domain() && got < 1000 && op(increase_reservation, &r))
			got++;
		want_true(frames_now() <= most);
		if (!is_first_domain() && got < 1000)
			want(frames_now(), most);
	}
}

static void arguments(void)
{
	struct xen_memory_reservation r = reservation(list, 1);

	rule("one's own number names oneself");
	name(1);
	r.domid = own_number();
	release(1);
	want(op(decrease_reservation, &r), 1);
	name(1);
	want(op(populate_physmap, &r), 1);
	put_back(1);
	rule("nothing is done for the domains that stand for something else");
	r.domid = DOMID_IO;
	want(op(decrease_reservation, &r), 0);
	want(op(populate_physmap, &r), 0);
	r.domid = DOMID_XEN;
	want(op(increase_reservation, &r), 0);
	r.domid = DOMID_INVALID;
	want(op(increase_reservation, &r), 0);
	rule("nothing is done for orders that are no orders");
	for (unsigned int order = 21; order; order = order < 64 ? order + 9 : order << 1) {
		r = reservation(list, 1);
		r.extent_order = order;
		want(op(populate_physmap, &r), 0);
		want(op(increase_reservation, &r), 0);
		want(op(decrease_reservation, &r), 0);
	}
	rule("nothing is done for lists that no memory holds");
	for (unsigned int bits = 26; bits < 64; bits++) {
		r = reservation(list, 1ul << bits);
		want(op(decrease_reservation, &r), 0);
		want(op(populate_physmap, &r), 0);
	}
	rule("nothing is done with a list inside the hypervisor");
	r = reservation(HYPERVISOR_POINTER, 1);
	want(op(populate_physmap, &r), 0);
	want(op(decrease_reservation, &r), 0);
	want(op(increase_reservation, &r), 0);
	rule("nothing is done with a list that reaches into the hypervisor");
	r = reservation((unsigned long *)HYPERVISOR_POINTER - 1, 2);
	want(op(decrease_reservation, &r), 0);
}

void reservations(void)
{
	many();
	early_ends();
	extents();
	arguments();
	increases();
}
