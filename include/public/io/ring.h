/* SPDX-License-Identifier: MIT */
/* io/ring.h - a page of requests and responses between two domains.
 *
 * One side, the front, puts requests in; the other, the back, answers each in
 * a slot of the same ring.  Both read what the other wrote as little as they
 * can and never trust it.  Indexes run freely; a slot is the index modulo the
 * ring's size, a power of two.  A side that goes to sleep leaves in *_event
 * the index that is to wake it: the push macros say whether to notify.
 *
 * The user defines xen_mb, xen_rmb, xen_wmb: full, read and write barriers.
 */
#ifndef __XEN_PUBLIC_IO_RING_H__
#define __XEN_PUBLIC_IO_RING_H__

#include <stddef.h>
#include <stdint.h>

#include "../xen-compat.h"

typedef unsigned int RING_IDX;

/* The largest power of two not above a 32-bit number. */
#define XEN_RING_SMEAR_(x, s)	((x) | ((x) >> (s)))
#define XEN_RING_SMEAR2_(x)	XEN_RING_SMEAR_(XEN_RING_SMEAR_(x, 1), 2)
#define XEN_RING_SMEAR4_(x)	XEN_RING_SMEAR_(XEN_RING_SMEAR2_(x), 4)
#define XEN_RING_SMEAR8_(x)	XEN_RING_SMEAR_(XEN_RING_SMEAR4_(x), 8)
#define XEN_RING_FLOOR_(x) \
	(XEN_RING_SMEAR8_(x) - (XEN_RING_SMEAR8_(x) >> 1))

/* Slots that fit into sz bytes: of a type, of a ring at hand. */
#define __CONST_RING_SIZE(_s, _sz) \
	XEN_RING_FLOOR_(((_sz) - offsetof(struct _s##_sring, ring)) / \
			sizeof(((struct _s##_sring *)0)->ring[0]))
#define __RING_SIZE(_s, _sz) \
	XEN_RING_FLOOR_((unsigned int)((_sz) - \
		((uintptr_t)(_s)->ring - (uintptr_t)(_s))) / \
		(unsigned int)sizeof((_s)->ring[0]))

/* Types of a ring: NAME_sring is what is shared, 64 bytes and then slots;
 * NAME_front_ring and NAME_back_ring are each side's own. */
#define DEFINE_RING_TYPES(__name, __req_t, __rsp_t) \
	union __name##_sring_entry { \
		__req_t req; \
		__rsp_t rsp; \
	}; \
	struct __name##_sring { \
		RING_IDX req_prod, req_event; \
		RING_IDX rsp_prod, rsp_event; \
		union { \
			struct { \
				uint8_t smartpoll_active; \
			} netif; \
			struct { \
				uint8_t msg; \
			} tapif_user; \
			uint8_t pvt_pad[4]; \
		} pvt; \
		uint8_t __pad[44]; \
		union __name##_sring_entry ring[1]; \
	}; \
	struct __name##_front_ring { \
		RING_IDX req_prod_pvt; \
		RING_IDX rsp_cons; \
		unsigned int nr_ents; \
		struct __name##_sring *sring; \
	}; \
	struct __name##_back_ring { \
		RING_IDX rsp_prod_pvt; \
		RING_IDX req_cons; \
		unsigned int nr_ents; \
		struct __name##_sring *sring; \
	}; \
	typedef struct __name##_sring __name##_sring_t; \
	typedef struct __name##_front_ring __name##_front_ring_t; \
	typedef struct __name##_back_ring __name##_back_ring_t

/* Start: the front clears the page, each side then attaches. */
#define SHARED_RING_INIT(_s) do { \
	unsigned int i_; \
	(_s)->req_prod = (_s)->rsp_prod = 0; \
	(_s)->req_event = (_s)->rsp_event = 1; \
	for (i_ = 0; i_ < sizeof((_s)->pvt.pvt_pad); i_++) \
		(_s)->pvt.pvt_pad[i_] = 0; \
	for (i_ = 0; i_ < sizeof((_s)->__pad); i_++) \
		(_s)->__pad[i_] = 0; \
} while (0)
#define FRONT_RING_ATTACH(_r, _s, _i, __size) do { \
	(_r)->req_prod_pvt = (_i); \
	(_r)->rsp_cons = (_i); \
	(_r)->nr_ents = __RING_SIZE(_s, __size); \
	(_r)->sring = (_s); \
} while (0)
#define BACK_RING_ATTACH(_r, _s, _i, __size) do { \
	(_r)->rsp_prod_pvt = (_i); \
	(_r)->req_cons = (_i); \
	(_r)->nr_ents = __RING_SIZE(_s, __size); \
	(_r)->sring = (_s); \
} while (0)
#define FRONT_RING_INIT(_r, _s, __size) FRONT_RING_ATTACH(_r, _s, 0, __size)
#define BACK_RING_INIT(_r, _s, __size) BACK_RING_ATTACH(_r, _s, 0, __size)
#define XEN_FRONT_RING_INIT(r, s, size) do { \
	SHARED_RING_INIT(s); \
	FRONT_RING_INIT(r, s, size); \
} while (0)

/* How full it is. */
#define RING_SIZE(_r)		((_r)->nr_ents)
#define RING_FREE_REQUESTS(_r) \
	(RING_SIZE(_r) - ((_r)->req_prod_pvt - (_r)->rsp_cons))
#define RING_FULL(_r)		(RING_FREE_REQUESTS(_r) == 0)

/* What the other side put in.  A back end never sees more requests than it has
 * room to answer. */
#define XEN_RING_NR_UNCONSUMED_RESPONSES(_r) \
	((_r)->sring->rsp_prod - (_r)->rsp_cons)
#define XEN_RING_NR_UNCONSUMED_REQUESTS(_r) \
	xen_ring_least_((_r)->sring->req_prod - (_r)->req_cons, \
		RING_SIZE(_r) - ((_r)->req_cons - (_r)->rsp_prod_pvt))
#define RING_HAS_UNCONSUMED_RESPONSES(_r) XEN_RING_NR_UNCONSUMED_RESPONSES(_r)
#define RING_HAS_UNCONSUMED_REQUESTS(_r)  XEN_RING_NR_UNCONSUMED_REQUESTS(_r)

static inline RING_IDX xen_ring_least_(RING_IDX a, RING_IDX b)
{
	return a < b ? a : b;
}

/* A slot in place, or a copy of it that the other side cannot change. */
#define RING_GET_REQUEST(_r, _idx) \
	(&((_r)->sring->ring[(_idx) & (RING_SIZE(_r) - 1)].req))
#define RING_GET_RESPONSE(_r, _idx) \
	(&((_r)->sring->ring[(_idx) & (RING_SIZE(_r) - 1)].rsp))
#define RING_COPY_(type, r, idx, dest) do { \
	*(dest) = *(volatile __typeof__(dest))RING_GET_##type(r, idx); \
} while (0)
#define RING_COPY_REQUEST(r, idx, req)	RING_COPY_(REQUEST, r, idx, req)
#define RING_COPY_RESPONSE(r, idx, rsp)	RING_COPY_(RESPONSE, r, idx, rsp)

/* True of an index that an honest peer cannot have produced. */
#define RING_REQUEST_CONS_OVERFLOW(_r, _cons) \
	(((_cons) - (_r)->rsp_prod_pvt) >= RING_SIZE(_r))
#define RING_REQUEST_PROD_OVERFLOW(_r, _prod) \
	(((_prod) - (_r)->rsp_prod_pvt) > RING_SIZE(_r))
#define RING_RESPONSE_PROD_OVERFLOW(_r, _prod) \
	(((_prod) - (_r)->rsp_cons) > RING_SIZE(_r))

/* Show the other side what was put in.  _notify: it sleeps, wake it. */
#define RING_PUSH_REQUESTS(_r) do { \
	xen_wmb(); \
	(_r)->sring->req_prod = (_r)->req_prod_pvt; \
} while (0)
#define RING_PUSH_RESPONSES(_r) do { \
	xen_wmb(); \
	(_r)->sring->rsp_prod = (_r)->rsp_prod_pvt; \
} while (0)
#define RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(_r, _notify) do { \
	RING_IDX from_ = (_r)->sring->req_prod; \
	RING_IDX to_ = (_r)->req_prod_pvt; \
	xen_wmb(); \
	(_r)->sring->req_prod = to_; \
	xen_mb(); \
	(_notify) = (RING_IDX)(to_ - (_r)->sring->req_event) < \
		    (RING_IDX)(to_ - from_); \
} while (0)
#define RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(_r, _notify) do { \
	RING_IDX from_ = (_r)->sring->rsp_prod; \
	RING_IDX to_ = (_r)->rsp_prod_pvt; \
	xen_wmb(); \
	(_r)->sring->rsp_prod = to_; \
	xen_mb(); \
	(_notify) = (RING_IDX)(to_ - (_r)->sring->rsp_event) < \
		    (RING_IDX)(to_ - from_); \
} while (0)

/* Before sleep: ask to be woken, and look once more, for what came between. */
#define RING_FINAL_CHECK_FOR_REQUESTS(_r, _work_to_do) do { \
	(_work_to_do) = RING_HAS_UNCONSUMED_REQUESTS(_r); \
	if (_work_to_do) \
		break; \
	(_r)->sring->req_event = (_r)->req_cons + 1; \
	xen_mb(); \
	(_work_to_do) = RING_HAS_UNCONSUMED_REQUESTS(_r); \
} while (0)
#define RING_FINAL_CHECK_FOR_RESPONSES(_r, _work_to_do) do { \
	(_work_to_do) = RING_HAS_UNCONSUMED_RESPONSES(_r); \
	if (_work_to_do) \
		break; \
	(_r)->sring->rsp_event = (_r)->rsp_cons + 1; \
	xen_mb(); \
	(_work_to_do) = RING_HAS_UNCONSUMED_RESPONSES(_r); \
} while (0)

#endif
