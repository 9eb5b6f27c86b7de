/* SPDX-License-Identifier: MIT */
/* compiler.h - the few words we add to C.
 *
 * Not here: anything that emits more than one instruction (cpu/insn.h).
 */
#ifndef PARAVANE_BASE_COMPILER_H
#define PARAVANE_BASE_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK	__attribute__((warn_unused_result))
#define NORETURN	__attribute__((noreturn))
#define PACKED		__attribute__((packed))
#define ALIGNED(n)	__attribute__((aligned(n)))
/* Called seldom, from code that must stay short: the callee keeps the
 * caller's registers, RAX among them, so it must not return anything. */
#define RARE_CALL	__attribute__((preserve_most, noinline))
#define FALLTHROUGH	__attribute__((fallthrough))
#define PRINTF(f, a)	__attribute__((format(printf, f, a)))
/* Text and data (zeroes) needed until the first domain runs; frames are given back. */
#define INIT		__attribute__((section(".init.text"), noinline))
#define INIT_DATA	__attribute__((section(".bss.init")))
/* Written during boot only; sealed read-only before the first guest runs. */
#define AFTER_BOOT_RO	__attribute__((section(".data.ro_after_boot")))

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#define barrier()	__asm__ volatile("" ::: "memory")
/* One access, not torn, not repeated, not invented. */
#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define ROUND_UP(x, n)	(((x) + (n) - 1) & ~((__typeof__(x))(n) - 1))
#define ROUND_DOWN(x, n) ((x) & ~((__typeof__(x))(n) - 1))
#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))

#endif
