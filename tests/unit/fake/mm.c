/* SPDX-License-Identifier: MIT */
/* mm.c - a machine's memory, and what lies below the memory room.
 */
#include "mm/frame.h"
#include "mm/hyp_slots.h"
#include "cpu/tlb.h"

char fake_ram[FAKE_FRAMES * 4096] ALIGNED(4096);
char fake_frame_table[FAKE_FRAMES * 24] ALIGNED(4096);

__attribute__((weak)) uint64_t max_mfn = FAKE_FRAMES;
/* One processor, as fake/cpu.c has it; how it flushes is cpu/tlb.c's. */
__attribute__((weak)) uint64_t tlb_clock = 0x10000, tlb_everywhere = 0x10000;
__attribute__((weak)) void tlb_flush_local(void) { tlb_everywhere = ++tlb_clock; }
__attribute__((weak)) void tlb_flush_since_slow(uint64_t since, uint16_t owner) { tlb_flush_local(); }
__attribute__((weak)) void hyp_slots_fill(uint64_t *l4, uint16_t owner) { }
__attribute__((weak)) void frame_release(struct frame *f) { f->ref = REF_RESERVED; }
