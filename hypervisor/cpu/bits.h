/* SPDX-License-Identifier: MIT */
/* bits.h - the architecture's bits and numbers that several files need.
 *
 * Not here: page-table entries (mm/pt_validate.h), what one file alone uses.
 */
#ifndef PARAVANE_CPU_BITS_H
#define PARAVANE_CPU_BITS_H

#define FLAGS_FIXED		0x2UL
#define FLAGS_IF		0x200UL
#define FLAGS_IOPL		0x3000UL
#define FLAGS_IOPL_SHIFT	12
#define FLAGS_NT		0x4000UL
/* CF PF AF ZF SF TF DF OF RF AC ID: what a guest may have as it likes. */
#define FLAGS_GUEST		0x250dd5UL

#define MSR_APIC_BASE		0x1b
#define MSR_EFER		0xc0000080
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102

/* A page fault's error code. */
#define PF_PRESENT	1u
#define PF_WRITE	2u
#define PF_USER		4u
#define PF_RESERVED	8u
#define PF_FETCH	16u

#endif
