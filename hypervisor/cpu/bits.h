/* SPDX-License-Identifier: MIT */
/* bits.h - the architecture's bits and numbers that several files need.
 *
 * Not here: page-table entries (mm/pt_validate.h), what one file alone uses.
 */
#ifndef PARAVANE_CPU_BITS_H
#define PARAVANE_CPU_BITS_H

#define FLAGS_FIXED		0x2UL
#define FLAGS_TF		0x100UL
#define FLAGS_IF		0x200UL
#define FLAGS_IOPL		0x3000UL
#define FLAGS_IOPL_SHIFT	12
#define FLAGS_NT		0x4000UL
#define FLAGS_RF		0x10000UL
/* CF PF AF ZF SF TF DF OF RF AC ID: what a guest may have as it likes. */
#define FLAGS_GUEST		0x250dd5UL

#define CR0_TS			0x8UL
/* PG AM WP NE ET MP PE: as we run, and as guests see it. */
#define CR0_SETTING		0x80050033UL

#define CR4_TSD			(1UL << 2)
#define CR4_DE			(1UL << 3)
#define CR4_PAE			(1UL << 5)
#define CR4_MCE			(1UL << 6)
#define CR4_PGE			(1UL << 7)
#define CR4_OSFXSR		(1UL << 9)
#define CR4_OSXMMEXCPT		(1UL << 10)
#define CR4_FSGSBASE		(1UL << 16)
#define CR4_OSXSAVE		(1UL << 18)
#define CR4_SMEP		(1UL << 20)
#define CR4_SMAP		(1UL << 21)

#define MSR_APIC_BASE		0x1b
#define MSR_PAT			0x277
#define MSR_EFER		0xc0000080
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102

#define PAT_OF_THE_ABI		0x0000050100070406UL

/* A page fault's error code. */
#define PF_PRESENT	1u
#define PF_WRITE	2u
#define PF_USER		4u
#define PF_RESERVED	8u
#define PF_FETCH	16u

#endif
