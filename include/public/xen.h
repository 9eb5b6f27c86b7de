/* SPDX-License-Identifier: MIT */
/* xen.h - the heart of the interface: calls, pages shared with a guest, MMU.
 *
 * A guest kernel calls with SYSCALL: the number in RAX, arguments in RDI RSI
 * RDX R10 R8, the result in RAX: 0 or a count, or a negative error of errno.h.
 * RCX and R11 are lost.  Pointers are the caller's own virtual addresses.
 * Frame numbers called mfn are the machine's, pfn are the guest's own.
 */
#ifndef __XEN_PUBLIC_XEN_H__
#define __XEN_PUBLIC_XEN_H__

#include "xen-compat.h"

#ifdef __ASSEMBLY__
#define xen_mk_uint(x)		x
#define xen_mk_ulong(x)		x
#define xen_mk_ullong(x)	x
#else
#include <stddef.h>
#include <stdint.h>
#define __xen_mk_uint(x)	x ## U
#define __xen_mk_ulong(x)	x ## UL
#define __xen_mk_ullong(x)	x ## ULL
#define xen_mk_uint(x)		__xen_mk_uint(x)
#define xen_mk_ulong(x)		__xen_mk_ulong(x)
#define xen_mk_ullong(x)	__xen_mk_ullong(x)
#endif

#include "arch-x86/xen.h"

/* Numbers of the calls.  Each is described where its structures are. */
#define __HYPERVISOR_set_trap_table		0
#define __HYPERVISOR_mmu_update			1
#define __HYPERVISOR_set_gdt			2
#define __HYPERVISOR_stack_switch		3
#define __HYPERVISOR_set_callbacks		4
#define __HYPERVISOR_fpu_taskswitch		5
#define __HYPERVISOR_sched_op_compat		6	/* superseded by 29 */
#define __HYPERVISOR_platform_op		7
#define __HYPERVISOR_set_debugreg		8
#define __HYPERVISOR_get_debugreg		9
#define __HYPERVISOR_update_descriptor		10
#define __HYPERVISOR_memory_op			12
#define __HYPERVISOR_multicall			13
#define __HYPERVISOR_update_va_mapping		14
#define __HYPERVISOR_set_timer_op		15
#define __HYPERVISOR_event_channel_op_compat	16	/* superseded by 32 */
#define __HYPERVISOR_xen_version		17
#define __HYPERVISOR_console_io			18
#define __HYPERVISOR_physdev_op_compat		19	/* superseded by 33 */
#define __HYPERVISOR_grant_table_op		20
#define __HYPERVISOR_vm_assist			21
#define __HYPERVISOR_update_va_mapping_otherdomain 22
#define __HYPERVISOR_iret			23
#define __HYPERVISOR_vcpu_op			24
#define __HYPERVISOR_set_segment_base		25
#define __HYPERVISOR_mmuext_op			26
#define __HYPERVISOR_xsm_op			27
#define __HYPERVISOR_nmi_op			28
#define __HYPERVISOR_sched_op			29
#define __HYPERVISOR_callback_op		30
#define __HYPERVISOR_xenoprof_op		31
#define __HYPERVISOR_event_channel_op		32
#define __HYPERVISOR_physdev_op			33
#define __HYPERVISOR_hvm_op			34
#define __HYPERVISOR_sysctl			35
#define __HYPERVISOR_domctl			36
#define __HYPERVISOR_kexec_op			37
#define __HYPERVISOR_tmem_op			38
#define __HYPERVISOR_argo_op			39
#define __HYPERVISOR_xenpmu_op			40
#define __HYPERVISOR_dm_op			41
#define __HYPERVISOR_hypfs_op			42
#define __HYPERVISOR_arch_0			48	/* machine checks */
#define __HYPERVISOR_arch_1			49
#define __HYPERVISOR_arch_2			50
#define __HYPERVISOR_arch_3			51
#define __HYPERVISOR_arch_4			52
#define __HYPERVISOR_arch_5			53
#define __HYPERVISOR_arch_6			54
#define __HYPERVISOR_arch_7			55

/* Virtual interrupts, bound to event channels by EVTCHNOP_bind_virq.
 * V: one per vCPU.  G: one per domain.  (C): the control domain only. */
#define VIRQ_TIMER	0	/* V: a timer of this vCPU is due */
#define VIRQ_DEBUG	1	/* V: asked to report its state */
#define VIRQ_CONSOLE	2	/* G (C): the machine's console has input */
#define VIRQ_DOM_EXC	3	/* G (C): a domain shut down, died or is gone */
#define VIRQ_TBUF	4	/* G (C): the trace buffer has records */
#define VIRQ_DEBUGGER	6	/* G (C): a domain stopped for its debugger */
#define VIRQ_XENOPROF	7	/* V: profiler sample */
#define VIRQ_CON_RING	8	/* G (C): the hypervisor logged a line */
#define VIRQ_PCPU_STATE	9	/* G (C): a CPU came or went */
#define VIRQ_MEM_EVENT	10	/* G (C): memory event */
#define VIRQ_ARGO	11	/* G: message arrived */
#define VIRQ_ENOMEM	12	/* G (C): free memory ran low */
#define VIRQ_XENPMU	13	/* V: performance counter */
#define VIRQ_ARCH_0	16	/* G (C): machine check */
#define VIRQ_ARCH_1	17
#define VIRQ_ARCH_2	18
#define VIRQ_ARCH_3	19
#define VIRQ_ARCH_4	20
#define VIRQ_ARCH_5	21
#define VIRQ_ARCH_6	22
#define VIRQ_ARCH_7	23
#define NR_VIRQS	24

/* mmu_update(reqs, count, &done, domid): page table writes, in order, up to
 * the first refused one.  The low two bits of mmu_update.ptr say which kind:
 * a table entry's machine address, or a frame whose pfn becomes val. */
#define MMU_NORMAL_PT_UPDATE		0
#define MMU_MACHPHYS_UPDATE		1
#define MMU_PT_UPDATE_PRESERVE_AD	2	/* keep accessed and dirty */
#define MMU_PT_UPDATE_NO_TRANSLATE	3	/* frame numbers are machine's */

/* mmuext_op(ops, count, &done, domid): everything about page tables but the
 * entries.  Operands are named where they are used. */
#define MMUEXT_PIN_L1_TABLE		0	/* mfn: validate and keep so */
#define MMUEXT_PIN_L2_TABLE		1
#define MMUEXT_PIN_L3_TABLE		2
#define MMUEXT_PIN_L4_TABLE		3
#define MMUEXT_UNPIN_TABLE		4	/* mfn */
#define MMUEXT_NEW_BASEPTR		5	/* mfn of the kernel's L4 */
#define MMUEXT_TLB_FLUSH_LOCAL		6
#define MMUEXT_INVLPG_LOCAL		7	/* linear_addr */
#define MMUEXT_TLB_FLUSH_MULTI		8	/* vcpumask */
#define MMUEXT_INVLPG_MULTI		9	/* linear_addr, vcpumask */
#define MMUEXT_TLB_FLUSH_ALL		10
#define MMUEXT_INVLPG_ALL		11	/* linear_addr */
#define MMUEXT_FLUSH_CACHE		12
#define MMUEXT_SET_LDT			13	/* linear_addr, nr_ents */
#define MMUEXT_NEW_USER_BASEPTR		15	/* mfn of the user's L4, or 0 */
#define MMUEXT_CLEAR_PAGE		16	/* mfn */
#define MMUEXT_COPY_PAGE		17	/* mfn, src_mfn */
#define MMUEXT_FLUSH_CACHE_GLOBAL	18
#define MMUEXT_MARK_SUPER		19
#define MMUEXT_UNMARK_SUPER		20

/* update_va_mapping(va, entry, flags): set the L1 entry of an address and
 * flush it as told: nothing, all, or the page; here, everywhere, or on the
 * vCPUs of a bitmap whose address the flags carry. */
#define UVMF_NONE		(xen_mk_ulong(0) << 0)
#define UVMF_TLB_FLUSH		(xen_mk_ulong(1) << 0)
#define UVMF_INVLPG		(xen_mk_ulong(2) << 0)
#define UVMF_FLUSHTYPE_MASK	(xen_mk_ulong(3) << 0)
#define UVMF_MULTI		(xen_mk_ulong(0) << 2)
#define UVMF_LOCAL		(xen_mk_ulong(0) << 2)
#define UVMF_ALL		(xen_mk_ulong(1) << 2)

/* console_io(cmd, count, buffer): the machine's console.  EPERM to others
 * than the control domain.  read answers how many bytes there were. */
#define CONSOLEIO_write		0
#define CONSOLEIO_read		1

/* vm_assist(cmd, type): habits a guest may switch on for itself. */
#define VMASST_CMD_enable			0
#define VMASST_CMD_disable			1
#define VMASST_TYPE_4gb_segments		0	/* 32-bit only */
#define VMASST_TYPE_4gb_segments_notify		1	/* 32-bit only */
#define VMASST_TYPE_writable_pagetables		2	/* emulate its writes */
#define VMASST_TYPE_pae_extended_cr3		3	/* 32-bit only */
#define VMASST_TYPE_architectural_iopl		4	/* iopl in rflags */
#define VMASST_TYPE_runstate_update_flag	5	/* XEN_RUNSTATE_UPDATE */
#define VMASST_TYPE_m2p_strict			32	/* M2P hidden in user */

/* Domain ids that name no ordinary domain. */
#define DOMID_FIRST_RESERVED	xen_mk_uint(0x7FF0)
#define DOMID_SELF		xen_mk_uint(0x7FF0)	/* the caller */
#define DOMID_IO		xen_mk_uint(0x7FF1)	/* device memory */
#define DOMID_XEN		xen_mk_uint(0x7FF2)	/* the hypervisor's */
#define DOMID_COW		xen_mk_uint(0x7FF3)	/* shared copies */
#define DOMID_INVALID		xen_mk_uint(0x7FF4)	/* nobody */
#define DOMID_IDLE		xen_mk_uint(0x7FFF)	/* idle CPUs */
#define DOMID_MASK		xen_mk_uint(0x7FFF)

#ifndef __ASSEMBLY__

DEFINE_XEN_GUEST_HANDLE(char);
__DEFINE_XEN_GUEST_HANDLE(uchar, unsigned char);
DEFINE_XEN_GUEST_HANDLE(int);
__DEFINE_XEN_GUEST_HANDLE(uint, unsigned int);
DEFINE_XEN_GUEST_HANDLE(void);
__DEFINE_XEN_GUEST_HANDLE(uint8, uint8_t);
__DEFINE_XEN_GUEST_HANDLE(uint16, uint16_t);
__DEFINE_XEN_GUEST_HANDLE(uint32, uint32_t);
__DEFINE_XEN_GUEST_HANDLE(uint64, uint64_t);
DEFINE_XEN_GUEST_HANDLE(uint64_t);
DEFINE_XEN_GUEST_HANDLE(xen_pfn_t);
DEFINE_XEN_GUEST_HANDLE(xen_ulong_t);

typedef uint16_t domid_t;
typedef uint8_t xen_domain_handle_t[16];	/* a domain's UUID */

/* One mmu_update request.  16 bytes. */
struct mmu_update {
	uint64_t ptr;		/* machine address, low bits MMU_* */
	uint64_t val;		/* new entry, or pfn */
};
typedef struct mmu_update mmu_update_t;
DEFINE_XEN_GUEST_HANDLE(mmu_update_t);

/* One mmuext_op request.  24 bytes. */
struct mmuext_op {
	unsigned int cmd;			/* MMUEXT_* */
	union {
		xen_pfn_t mfn;
		unsigned long linear_addr;
	} arg1;
	union {
		unsigned int nr_ents;
		XEN_GUEST_HANDLE(const_void) vcpumask;
		xen_pfn_t src_mfn;
	} arg2;
};
typedef struct mmuext_op mmuext_op_t;
DEFINE_XEN_GUEST_HANDLE(mmuext_op_t);

/* multicall(entries, count): each entry is a call; result is its answer.  The
 * whole is 0 unless the list itself was bad.  64 bytes. */
struct multicall_entry {
	xen_ulong_t op, result;
	xen_ulong_t args[6];
};
typedef struct multicall_entry multicall_entry_t;
DEFINE_XEN_GUEST_HANDLE(multicall_entry_t);

/* How a vCPU turns its TSC into nanoseconds since boot: wait for an even
 * version, read, and start again if it changed meanwhile.
 *   ns = system_time + (((tsc - tsc_timestamp) shifted left by tsc_shift,
 *        right if negative) * tsc_to_system_mul) >> 32 */
struct vcpu_time_info {
	uint32_t version;		/* odd while being written */
	uint32_t pad0;
	uint64_t tsc_timestamp;
	uint64_t system_time;		/* ns */
	uint32_t tsc_to_system_mul;
	int8_t   tsc_shift;
	uint8_t  flags;			/* XEN_PVCLOCK_* */
	uint8_t  pad1[2];
};
typedef struct vcpu_time_info vcpu_time_info_t;
#define XEN_PVCLOCK_TSC_STABLE_BIT	(1 << 0)
#define XEN_PVCLOCK_GUEST_STOPPED	(1 << 1)

/* What hypervisor and one vCPU write to each other.  64 bytes.
 * evtchn_upcall_pending is set with a bit of evtchn_pending_sel (one bit per
 * word of shared_info.evtchn_pending); the vCPU is interrupted when pending
 * is set and the mask byte is clear. */
struct vcpu_info {
	uint8_t evtchn_upcall_pending;
	uint8_t evtchn_upcall_mask;
	xen_ulong_t evtchn_pending_sel;
	struct arch_vcpu_info arch;
	vcpu_time_info_t time;
};
typedef struct vcpu_info vcpu_info_t;

/* The page every domain shares with the hypervisor.  3136 bytes used.  Two
 * levels of 64 words make 4096 event channels. */
struct shared_info {
	struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
	xen_ulong_t evtchn_pending[sizeof(xen_ulong_t) * 8];
	xen_ulong_t evtchn_mask[sizeof(xen_ulong_t) * 8];
	uint32_t wc_version;		/* odd while the next are written */
	uint32_t wc_sec;		/* wall clock (UTC) at system time 0 */
	uint32_t wc_nsec;
	uint32_t wc_sec_hi;		/* seconds above 32 bits */
	struct arch_shared_info arch;
};
typedef struct shared_info shared_info_t;
#define xen_wc_sec_hi wc_sec_hi

/* What RSI points at when a PV kernel starts.  1168 bytes.  Addresses are
 * virtual unless a comment says otherwise; sizes are bytes. */
#define MAX_GUEST_CMDLINE 1024
struct start_info {
	char magic[32];			/* "xen-3.0-x86_64" */
	unsigned long nr_pages;		/* frames this domain owns */
	unsigned long shared_info;	/* machine address */
	uint32_t flags;			/* SIF_* */
	xen_pfn_t store_mfn;		/* store ring, machine frame */
	uint32_t store_evtchn;
	union {
		struct {
			xen_pfn_t mfn;		/* console ring */
			uint32_t evtchn;
		} domU;
		struct {
			uint32_t info_off;	/* dom0_vga_console_info, */
			uint32_t info_size;	/* relative to start_info */
		} dom0;
	} console;
	unsigned long pt_base;		/* its first L4 */
	unsigned long nr_pt_frames;	/* tables that map all of this */
	unsigned long mfn_list;		/* machine frame of each pfn */
	unsigned long mod_start;	/* ramdisk, or 0 (see SIF_MOD_*) */
	unsigned long mod_len;
	int8_t cmd_line[MAX_GUEST_CMDLINE];
	unsigned long first_p2m_pfn;	/* mfn_list's frames, when it lies */
	unsigned long nr_p2m_frames;	/* where XEN_ELFNOTE_INIT_P2M said */
};
typedef struct start_info start_info_t;

#define SIF_PRIVILEGED		(1 << 0)	/* may do what dom0 may */
#define SIF_INITDOMAIN		(1 << 1)	/* is the first domain */
#define SIF_MULTIBOOT_MOD	(1 << 2)	/* mod_start: a module list */
#define SIF_MOD_START_PFN	(1 << 3)	/* mod_start: a frame number */
#define SIF_VIRT_P2M_4TOOLS	(1 << 4)	/* tools read p2m_vaddr */
#define SIF_PM_MASK		(0xFF << 8)	/* power management bits */

/* One row of the list that SIF_MULTIBOOT_MOD announces. */
struct xen_multiboot_mod_list {
	uint32_t mod_start;
	uint32_t mod_end;
	uint32_t cmdline;
	uint32_t pad;
};

/* The screen as the boot loader left it, for the first domain. */
typedef struct dom0_vga_console_info {
	uint8_t video_type;		/* XEN_VGATYPE_* */
	union {
		struct {
			uint16_t font_height;
			uint16_t cursor_x, cursor_y;
			uint16_t rows, columns;
		} text_mode_3;
		struct {
			uint16_t width, height;		/* pixels */
			uint16_t bytes_per_line;
			uint16_t bits_per_pixel;
			uint32_t lfb_base;		/* physical */
			uint32_t lfb_size;		/* 64 KiB units */
			uint8_t red_pos, red_size;	/* bits */
			uint8_t green_pos, green_size;
			uint8_t blue_pos, blue_size;
			uint8_t rsvd_pos, rsvd_size;
			uint32_t gbl_caps;
			uint16_t mode_attrs;
			uint16_t pad;
			uint32_t ext_lfb_base;		/* base above 4 GiB */
		} vesa_lfb;
	} u;
} dom0_vga_console_info_t;
#define xen_vga_console_info	dom0_vga_console_info
#define xen_vga_console_info_t	dom0_vga_console_info_t
#define XEN_VGATYPE_TEXT_MODE_3	0x03
#define XEN_VGATYPE_VESA_LFB	0x23
#define XEN_VGATYPE_EFI_LFB	0x70

/* A bitmap in the caller's memory: CPUs, nodes.  nr_bits is its capacity. */
struct xenctl_bitmap {
	XEN_GUEST_HANDLE_64(uint8) bitmap;
	uint32_t nr_bits;
};
typedef struct xenctl_bitmap xenctl_bitmap_t;

/* A UUID by value, in the order it is printed. */
typedef struct {
	uint8_t a[16];
} xen_uuid_t;
#define XEN_UUID_BYTE_(x, shift) (((x) >> (shift)) & 0xFF)
#define XEN_DEFINE_UUID_(a, b, c, d, e1, e2, e3, e4, e5, e6) \
	{ { XEN_UUID_BYTE_(a, 24), XEN_UUID_BYTE_(a, 16), \
	    XEN_UUID_BYTE_(a, 8), XEN_UUID_BYTE_(a, 0), \
	    XEN_UUID_BYTE_(b, 8), XEN_UUID_BYTE_(b, 0), \
	    XEN_UUID_BYTE_(c, 8), XEN_UUID_BYTE_(c, 0), \
	    XEN_UUID_BYTE_(d, 8), XEN_UUID_BYTE_(d, 0), \
	    e1, e2, e3, e4, e5, e6 } }
#define XEN_DEFINE_UUID(a, b, c, d, e1, e2, e3, e4, e5, e6) \
	((xen_uuid_t)XEN_DEFINE_UUID_(a, b, c, d, e1, e2, e3, e4, e5, e6))

#endif /* !__ASSEMBLY__ */
#endif
