/* SPDX-License-Identifier: MIT */
/* mm.c - a machine's memory, and what lies below the memory room.
 */
#include "mm/frame.h"
#include "mm/hyp_slots.h"
#include "mm/tlb.h"

char fake_ram[FAKE_FRAMES * 4096] ALIGNED(4096);
char fake_frame_table[FAKE_FRAMES * 24] ALIGNED(4096);

__attribute__((weak)) uint64_t max_mfn = FAKE_FRAMES;
__attribute__((weak)) uint16_t tlb_clock = 1;
__attribute__((weak)) void tlb_flush_all(void) { tlb_clock++; }
__attribute__((weak)) void hyp_slots_fill(uint64_t *l4, uint16_t owner) { }
__attribute__((weak)) void frame_release(struct frame *f) { f->ref = REF_RESERVED; }
