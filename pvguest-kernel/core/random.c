/* SPDX-License-Identifier: MIT */
/* random.c - unpredictable enough for stack canaries and temporary names.
 *
 * State is stirred with the clock at every use, and with RDRAND where the
 * processor has it. Not for keys that must last.
 */
#include "core/random.h"

#include "core/time.h"
#include "platform/cpu.h"

#define CPUID1_ECX_RDRAND (1u << 30)

static uint64_t state[2];

static uint64_t hardware_bits(void)
{
	uint32_t r[4];
	uint64_t value = 0;

	cpuid(1, 0, r);
	if (r[2] & CPUID1_ECX_RDRAND)
		asm volatile("rdrand %0" : "=r" (value) : : "cc");
	return value;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ul;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebul;
	return x ^ (x >> 31);
}

void random_bytes(void *buf, size_t len)
{
	uint8_t *out = buf;

	state[0] ^= mix(clock_now()) ^ hardware_bits();
	while (len) {
		uint64_t word;

		state[1] += 0x9e3779b97f4a7c15ul;
		state[0] = mix(state[0] + state[1]);
		word = mix(state[0]);
		for (int i = 0; i < 8 && len; i++, len--, word >>= 8)
			*out++ = (uint8_t)word;
	}
}
