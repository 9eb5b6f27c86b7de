/* SPDX-License-Identifier: MIT */
/* emulation - instructions and registers that a guest kernel lacks. */
#include "emulation.h"

const char suite_name[] = "emulation";

uint64_t value;

int vector_of(void (*fn)(void *), uint64_t in)
{
	value = in;
	return traps(fn, 0) ? (int)trapped.vector : -1;
}

long read_by(void (*get)(void *))
{
	int vector = vector_of(get, 0x7777);

	return vector < 0 ? (long)value : -vector;
}

void suite_main(void)
{
	leaves();
	msrs();
	registers();
	extended_state();
	instructions();
	ports();
}
