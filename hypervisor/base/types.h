/* SPDX-License-Identifier: MIT */
/* types.h - numbers with a kind.
 *
 * Guards: a machine frame, a guest frame and an address are never mistaken
 * for one another. One-word structs travel in a register, so it costs
 * nothing.
 */
#ifndef PARAVANE_BASE_TYPES_H
#define PARAVANE_BASE_TYPES_H

#include "compiler.h"

#define PAGE_SHIFT	12
#define PAGE_SIZE	4096UL
#define PAGE_MASK	(~(PAGE_SIZE - 1))

typedef uint16_t domid_t;

/* A machine frame: what the MMU sees. */
typedef struct { uint64_t n; } mfn_t;
/* A machine address. */
typedef struct { uint64_t a; } maddr_t;

#define MFN_NONE	((mfn_t){ ~0UL >> PAGE_SHIFT })

static inline mfn_t mfn_make(uint64_t n) { return (mfn_t){ n }; }
static inline bool mfn_eq(mfn_t a, mfn_t b) { return a.n == b.n; }
static inline mfn_t mfn_add(mfn_t m, uint64_t i) { return (mfn_t){ m.n + i }; }
static inline maddr_t mfn_to_maddr(mfn_t m) { return (maddr_t){ m.n << PAGE_SHIFT }; }

#endif
