/* SPDX-License-Identifier: MIT */
/* sigframe.c - the record a handler gets on its stack, and the way back.
 *
 * The layout is Linux's for x86-64: return address, ucontext, siginfo; the
 * extended state lies above it, where the ucontext points.
 */
#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/syscall.h"
#include "lib/string.h"
#include "mm/user.h"
#include "platform/cpu.h"
#include "platform/platform.h"
#include "platform/regs.h"

#define SA_ONSTACK 0x08000000
#define SA_RESTORER 0x04000000
#define SS_ONSTACK 1
#define RED_ZONE 128
#define MINSIGSTKSZ 2048

struct stack_user {
	uint64_t sp;
	int32_t flags;
	uint32_t pad;
	uint64_t size;
};

struct mcontext {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t err, trapno, oldmask, cr2, fpstate;
	uint64_t reserved[8];
};

struct sigframe {
	uint64_t return_address;
	uint64_t uc_flags, uc_link;
	struct stack_user stack;
	struct mcontext mc;
	uint64_t mask;
	int32_t signo, errno_, code, pad;
	uint64_t addr;
	uint64_t info_rest[13];
};

_Static_assert(offsetof(struct sigframe, signo) == 8 + 304, "Linux's ucontext");
_Static_assert(sizeof(struct sigframe) == 8 + 304 + 128, "Linux's siginfo");

static bool on_altstack(const struct thread *t, uint64_t sp)
{
	return sp - t->altstack_base < t->altstack_size;
}

static void save_registers(struct mcontext *mc, const struct user_regs *r)
{
	*mc = (struct mcontext){
		.r8 = r->r8, .r9 = r->r9, .r10 = r->r10, .r11 = r->r11,
		.r12 = r->r12, .r13 = r->r13, .r14 = r->r14, .r15 = r->r15,
		.rdi = r->rdi, .rsi = r->rsi, .rbp = r->rbp, .rbx = r->rbx,
		.rdx = r->rdx, .rax = r->rax, .rcx = r->rcx, .rsp = r->rsp,
		.rip = r->rip, .rflags = r->rflags, .cs = (uint16_t)r->cs, .ss = (uint16_t)r->ss,
		.err = r->vector < 32 ? r->error : 0, .trapno = r->vector < 32 ? r->vector : 0,
		.cr2 = current->fault_addr,
	};
}

static void load_registers(struct user_regs *r, const struct mcontext *mc)
{
	r->r8 = mc->r8;
	r->r9 = mc->r9;
	r->r10 = mc->r10;
	r->r11 = mc->r11;
	r->r12 = mc->r12;
	r->r13 = mc->r13;
	r->r14 = mc->r14;
	r->r15 = mc->r15;
	r->rdi = mc->rdi;
	r->rsi = mc->rsi;
	r->rbp = mc->rbp;
	r->rbx = mc->rbx;
	r->rdx = mc->rdx;
	r->rax = mc->rax;
	r->rcx = mc->rcx;
	r->rsp = mc->rsp;
	r->rip = mc->rip;
	r->rflags = mc->rflags;
	r->vector = VECTOR_INTERRUPT;
	platform_user_regs_sanitize(r);
}

int sigframe_push(struct user_regs *regs, int sig, const struct sigaction *act)
{
	struct thread *t = current;
	uint64_t sp = regs->rsp - RED_ZONE, fp_at, frame_at;
	struct sigframe frame = {
		.return_address = act->restorer,
		.stack = { t->altstack_base, (int32_t)t->altstack_flags, 0, t->altstack_size },
		.mask = t->restore_blocked ? t->saved_blocked : t->blocked,
		.signo = sig, .code = t->fault_code, .addr = t->fault_addr,
	};

	if (!(act->flags & SA_RESTORER))
		return -EFAULT;
	if ((act->flags & SA_ONSTACK) && !(t->altstack_flags & SS_DISABLE) &&
	    !on_altstack(t, regs->rsp))
		sp = t->altstack_base + t->altstack_size;
	fp_at = ALIGN_DOWN(sp - fpu_size(), 64);
	frame_at = ALIGN_DOWN(fp_at - sizeof(frame), 16) - 8;
	save_registers(&frame.mc, regs);
	frame.mc.fpstate = fp_at;
	fpu_save(t->fpu);
	if (copy_to_user(fp_at, t->fpu, fpu_size()) ||
	    copy_to_user(frame_at, &frame, sizeof(frame)))
		return -EFAULT;
	t->fault_code = 0;
	t->fault_addr = 0;
	regs->rsp = frame_at;
	regs->rip = act->handler;
	regs->rdi = (uint64_t)sig;
	regs->rsi = frame_at + offsetof(struct sigframe, signo);
	regs->rdx = frame_at + offsetof(struct sigframe, uc_flags);
	regs->rax = 0;
	regs->rflags &= ~0x500ul;	/* no direction, no trap flag */
	regs->vector = VECTOR_INTERRUPT;
	return 0;
}

long sys_rt_sigreturn(void)
{
	struct thread *t = current;
	struct user_regs *regs = t->regs;
	struct sigframe frame;

	/* The handler's ret has taken the return address off. */
	if (copy_from_user(&frame, regs->rsp - 8, sizeof(frame)))
		goto bad;
	if (frame.mc.fpstate) {
		if (copy_from_user(t->fpu, frame.mc.fpstate, fpu_size()))
			goto bad;
		if (!fpu_restore(t->fpu))
			goto bad;
	}
	load_registers(regs, &frame.mc);
	t->blocked = frame.mask & ~UNBLOCKABLE;
	return (long)regs->rax;
bad:
	fpu_reset(t->fpu);
	fpu_restore(t->fpu);
	signal_force(SIGSEGV, 0, 0);
	return 0;
}

long sys_sigaltstack(uint64_t unew, uint64_t uold)
{
	struct thread *t = current;
	bool active = !(t->altstack_flags & SS_DISABLE) && on_altstack(t, t->regs->rsp);
	struct stack_user old = {
		t->altstack_base, active ? SS_ONSTACK : (int32_t)t->altstack_flags, 0,
		t->altstack_size,
	}, new;

	if (unew && get_user(new, unew))
		return -EFAULT;
	if (unew) {
		if (active)
			return -EPERM;
		if (new.flags & ~(SS_DISABLE | SS_ONSTACK))
			return -EINVAL;
		if (!(new.flags & SS_DISABLE) && new.size < MINSIGSTKSZ)
			return -ENOMEM;
		t->altstack_flags = (uint32_t)new.flags & SS_DISABLE;
		t->altstack_base = new.flags & SS_DISABLE ? 0 : new.sp;
		t->altstack_size = new.flags & SS_DISABLE ? 0 : new.size;
	}
	return uold ? put_user(old, uold) : 0;
}
