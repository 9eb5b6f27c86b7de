/* SPDX-License-Identifier: MIT */
/* hypercall.h - calls, as functions of their arguments.
 *
 * call(name, ...) with up to five arguments, each a number or a pointer.
 */
#ifndef CONFORMANCE_HYPERCALL_H
#define CONFORMANCE_HYPERCALL_H

static inline long hypercall5(long number, long a, long b, long c, long d,
			      long e)
{
	register long r10 asm("r10") = d;
	register long r8 asm("r8") = e;

	asm volatile("syscall"
		     : "+a"(number), "+D"(a), "+S"(b), "+d"(c), "+r"(r10),
		       "+r"(r8)
		     : : "rcx", "r11", "r9", "memory");
	return number;
}

#define CALL_5_(name, a, b, c, d, e, ...) \
	hypercall5(__HYPERVISOR_##name, (long)(a), (long)(b), (long)(c), \
		   (long)(d), (long)(e))
#define call(name, ...) CALL_5_(name, __VA_ARGS__, 0, 0, 0, 0, 0)

#endif
