/* SPDX-License-Identifier: MIT */
/* io/console.h - the ring through which a guest talks to its console.
 *
 * The page is start_info.console.domU.mfn.  Who writes a ring adds to its prod
 * after the bytes, who reads adds to its cons after taking them, and either
 * then sends on the console's event channel.  Indexes run freely; the place of
 * one is MASK_XENCONS_IDX.
 */
#ifndef __XEN_PUBLIC_IO_CONSOLE_H__
#define __XEN_PUBLIC_IO_CONSOLE_H__

#include <stdint.h>

typedef uint32_t XENCONS_RING_IDX;

#define MASK_XENCONS_IDX(idx, ring)	((idx) & (sizeof(ring) - 1))

struct xencons_interface {
	char in[1024];			/* to the guest */
	char out[2048];			/* from the guest */
	XENCONS_RING_IDX in_cons, in_prod;
	XENCONS_RING_IDX out_cons, out_prod;
};

#endif
