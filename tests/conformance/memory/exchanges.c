/* SPDX-License-Identifier: MIT */
/* exchanges.c - XENMEM_exchange: frames traded for others. */
#include "memory.h"

static char pool[2][4096] PAGE;

static void put_in(const unsigned long *mfns, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		((unsigned long *)start_info->mfn_list)[pfn_of(pool[i])] = mfns[i];
		want(map_frame(pool[i], mfns[i], PTE_PRESENT | PTE_WRITE), 0);
	}
}

static struct xen_memory_exchange exchange(unsigned long *in, unsigned long *out,
					   unsigned long n)
{
	struct xen_memory_exchange x = { .in = reservation(in, n) };

	x.out = reservation(out, n);
	return x;
}

static void one_for_one(void)
{
	unsigned long in[2], out[2], taken[2];
	struct xen_memory_exchange x;
	long before = frames_now();

	for (int i = 0; i < 2; i++) {
		in[i] = virt_to_mfn(pool[i]);
		out[i] = pfn_of(pool[i]);
	}
	rule("a frame that is mapped cannot be exchanged");
	x = exchange(in, out, 2);
	want(op(exchange, &x), -XEN_EINVAL);
	want(x.nr_exchanged, 0);
	rule("an exchange stops at the first frame it cannot have");
	taken[0] = in[0];
	unmap(pool[0]);
	want(op(exchange, &x), -XEN_EINVAL);
	want(x.nr_exchanged, 1);
	rule("an exchange goes on where it stopped");
	unmap(pool[1]);
	want(op(exchange, &x), 0);
	want(x.nr_exchanged, 2);
	rule("exchanged frames are others, as many, with their pfns");
	want_true(out[0] != taken[0]);
	want(*m2p(out[0]), (long)pfn_of(pool[0]));
	want(*m2p(out[1]), (long)pfn_of(pool[1]));
	want(frames_now(), before);
	put_in(out, 2);
	rule("an exchange that is done stays done");
	want(op(exchange, &x), 0);

	rule("more exchanged than there are is EINVAL");
	x = exchange(in, out, 2);
	x.nr_exchanged = 3;
	want(op(exchange, &x), -XEN_EINVAL);
	rule("lists of different size are EINVAL");
	x = exchange(in, out, 2);
	x.out.nr_extents = 1;
	want(op(exchange, &x), -XEN_EINVAL);
	rule("two domains in one exchange are EINVAL");
	x = exchange(in, out, 2);
	x.in.domid = 5;
	want(op(exchange, &x), -XEN_EINVAL);
	x.out.domid = 5;
	want(op(exchange, &x), -XEN_ESRCH);
	rule("extents that are too large are EPERM");
	x = exchange(in, out, 2);
	x.in.extent_order = x.out.extent_order = 30;
	want(op(exchange, &x), -XEN_EPERM);
	rule("what cannot be read is EFAULT");
	want(op(exchange, BAD_POINTER), -XEN_EFAULT);
	x = exchange(HYPERVISOR_POINTER, out, 2);
	want(op(exchange, &x), -XEN_EFAULT);
	want(x.nr_exchanged, 0);
}

/* Frames that are used otherwise than by being mapped. */
static void frames_in_use(void)
{
	static PAGE unsigned long place[512];
	unsigned long in[1], out[1] = { pfn_of(pool[0]) };
	unsigned long end = (unsigned long)op(maximum_ram_page, 0);
	struct xen_memory_exchange x = exchange(in, out, 1);
	long before;

	rule("page tables and the shared page are not exchanged");
	in[0] = l1_frame(pool[0]);
	want(op(exchange, &x), -XEN_EINVAL);
	in[0] = start_info->shared_info >> 12;
	want(op(exchange, &x), -XEN_EINVAL);
	rule("frames of others and of none are not exchanged");
	in[0] = 0;
	want(op(exchange, &x), -XEN_EINVAL);
	in[0] = 1ul << 40;
	want(op(exchange, &x), -XEN_EINVAL);
	in[0] = ~0ul;
	want(op(exchange, &x), -XEN_EINVAL);
	want(x.nr_exchanged, 0);
	rule("a frame is exchanged once");
	in[0] = virt_to_mfn(pool[0]);
	unmap(pool[0]);
	want(op(exchange, &x), 0);
	put_in(out, 1);
	out[0] = pfn_of(pool[0]);
	x.nr_exchanged = 0;
	want(op(exchange, &x), -XEN_EINVAL);
	rule("a place for the new frame that cannot be written is EFAULT, and it is exchanged");
	in[0] = virt_to_mfn(pool[0]);
	unmap(pool[0]);
	place[0] = pfn_of(pool[0]);
	want(map_frame(place, virt_to_mfn(place), PTE_PRESENT), 0);
	x = exchange(in, place, 1);
	before = frames_now();
	want(op(exchange, &x), -XEN_EFAULT);
	want(frames_now(), before);
	want(map_frame(pool[0], in[0], PTE_PRESENT), -XEN_EBUSY);
	rule("a new frame that could not be told has its pfn all the same");
	for (out[0] = 1; out[0] < end; out[0]++)
		if (*m2p(out[0]) == place[0] && !map_frame(pool[0], out[0], PTE_PRESENT))
			break;
	want_true(out[0] < end);
	put_in(out, 1);
	want(map_frame(place, virt_to_mfn(place), PTE_PRESENT | PTE_WRITE), 0);
}

static void shapes(void)
{
	unsigned long in[4] = { 0 }, out[4] = { 0 };
	struct xen_memory_exchange x;
	static const struct {
		unsigned long in, out;
		unsigned int in_order, out_order;
		long rc;
	} rows[] = {
		{ 1, 1, 19, 0, -XEN_EPERM },
		{ 1, 1, 0, 32, -XEN_EPERM },
		{ 1, 1, 64, 64, -XEN_EPERM },
		{ 1, 1, ~0u, 0, -XEN_EPERM },
		{ 1, 1, 0, 1, -XEN_EINVAL },
		{ 4, 2, 0, 0, -XEN_EINVAL },
		{ 4, 2, 1, 0, -XEN_EINVAL },
		{ ~0ul, ~0ul, 0, 0, -XEN_EFAULT },
		{ ~0ul, 1, 1, 1, -XEN_EINVAL },
		{ 1ul << 63, 0, 1, 0, -XEN_EINVAL },
		{ 1ul << 62, 1ul << 62, 0, 0, -XEN_EFAULT },
		{ 0, 0, 0, 0, 0 },
		{ 0, 0, 3, 5, 0 },
	};

	rule("exchanges go up to order 9, the control domain's to 18");
	x = exchange(in, out, 1);
	x.in.extent_order = 10;
	want(op(exchange, &x), is_first_domain() ? -XEN_EINVAL : -XEN_EPERM);
	x.in.extent_order = 9;
	want(op(exchange, &x), -XEN_EINVAL);
	rule("orders are looked at first, then sizes, then the lists");
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		x = exchange(in, out, rows[i].in);
		x.out.nr_extents = rows[i].out;
		x.in.extent_order = rows[i].in_order;
		x.out.extent_order = rows[i].out_order;
		want(op(exchange, &x), rows[i].rc);
	}
	rule("an exchange of nothing asks for no domain");
	x = exchange(in, out, 0);
	x.in.domid = x.out.domid = 0x1234;
	want(op(exchange, &x), 0);
	rule("an exchange that is refused keeps its progress");
	x = exchange(in, out, 4);
	x.nr_exchanged = 2;
	want(op(exchange, &x), -XEN_EINVAL);
	want(x.nr_exchanged, 2);
	x.in.domid = x.out.domid = 0x1234;
	want(op(exchange, &x), -XEN_ESRCH);
	want(x.nr_exchanged, 2);
	rule("progress above the command is not for exchanges");
	x = exchange(in, out, 1);
	want_true(op_at(exchange, 1, &x) < 0);
	rule("two frames for one extent of order 1: exchanged, or there is no memory");
	{
		long before = frames_now(), rc;

		x = exchange(in, out, 2);
		in[0] = virt_to_mfn(pool[0]);
		in[1] = virt_to_mfn(pool[1]);
		out[0] = pfn_of(pool[0]);
		unmap(pool[0]);
		unmap(pool[1]);
		x.out.nr_extents = 1;
		x.out.extent_order = 1;
		rc = op(exchange, &x);
		want_true(rc == 0 || rc == -XEN_ENOMEM);
		want(frames_now(), before);
		if (rc) {
			put_in(in, 2);
		} else {
			out[1] = out[0] + 1;
			want(*m2p(out[1]), (long)pfn_of(pool[1]));
			put_in(out, 2);
		}
	}
}

void exchanges(void)
{
	one_for_one();
	frames_in_use();
	shapes();
}
