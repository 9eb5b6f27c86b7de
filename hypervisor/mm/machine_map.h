/* SPDX-License-Identifier: MIT */
/* machine_map.h - the firmware's memory map, as the first domain may ask
 * for it. Boot fills it in.
 */
#ifndef PARAVANE_MM_MACHINE_MAP_H
#define PARAVANE_MM_MACHINE_MAP_H

#include "base/types.h"

struct e820_entry {
	uint64_t start, size;
	uint32_t type;		/* 1 RAM, 2 reserved, 3 ACPI, 4 NVS, 5 bad */
} PACKED;

#define MACHINE_MAP_MAX	128
extern struct e820_entry machine_map[MACHINE_MAP_MAX];
extern unsigned machine_map_entries;

#endif
