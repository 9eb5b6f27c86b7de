/* SPDX-License-Identifier: MIT */
/* backtrace.c - how a guest's vCPUs came to where they are.
 *
 * Guests are built without frame pointers as a rule, so the stack is searched:
 * a word that points behind a call instruction is a return address, and one
 * whose call goes to the function found before is surely the caller. Others may
 * be left over from earlier calls, or be calls through a pointer: they get a
 * question mark, as in Linux's own traces.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "debug/debug.h"
#include "debug/symbols.h"
#include "debug/view.h"

#define STACK_BYTES	16384U
#define LINES_MAX	32
#define CALL_RELATIVE	5
/* The longest call instruction. */
#define CALL_BYTES	7

struct trace {
	struct view view;
	struct symbols symbols;
	bool named;
	FILE *out;
};

static void print_place(const struct trace *t, const char *before,
			uint64_t address, uint64_t inside)
{
	const struct symbol *s = symbols_find(&t->symbols, inside);

	fprintf(t->out, "%s%016" PRIx64, before, address);
	if (s)
		fprintf(t->out, " %s+0x%" PRIx64, s->name, address - s->address);
	fprintf(t->out, "\n");
}

enum certainty { NO_CALL, PERHAPS, SURELY };

/* Does a call end at `address`, and does it go to `callee`? */
static enum certainty is_return(struct trace *t, uint64_t address,
				uint64_t callee)
{
	uint8_t code[CALL_BYTES];
	const struct symbol *to;
	int32_t distance;

	if (t->named && !symbols_is_code(&t->symbols, address - 1))
		return NO_CALL;
	if (view_read(&t->view, address - CALL_BYTES, code, sizeof(code)) !=
	    sizeof(code))
		return NO_CALL;
	if (code[CALL_BYTES - CALL_RELATIVE] == 0xe8) {
		memcpy(&distance, code + CALL_BYTES - CALL_RELATIVE + 1,
		       sizeof(distance));
		to = symbols_find(&t->symbols, address + (uint64_t)(int64_t)distance);
		if (to && to == symbols_find(&t->symbols, callee))
			return SURELY;
		return PERHAPS;
	}
	/* call *register or *memory: FF /2, of 2 to 7 bytes */
	for (int bytes = 2; bytes <= CALL_BYTES; bytes++)
		if (code[CALL_BYTES - bytes] == 0xff &&
		    (code[CALL_BYTES - bytes + 1] & 0x38) == 0x10)
			return PERHAPS;
	return NO_CALL;
}

static void print_calls(struct trace *t, const struct cpu_user_regs *regs)
{
	uint64_t at = regs->rsp & ~7ULL, last = regs->rip, word;
	int lines = 0;

	fprintf(t->out, "  calls, the latest first:\n");
	print_place(t, "    ", regs->rip, regs->rip);
	for (uint64_t end = at + STACK_BYTES; at < end && lines < LINES_MAX;
	     at += sizeof(word)) {
		enum certainty sure;

		if (view_read(&t->view, at, &word, sizeof(word)) != sizeof(word))
			break;
		sure = is_return(t, word, last);
		if (sure == NO_CALL)
			continue;
		/* The instruction before it may be its function's last one. */
		print_place(t, sure == SURELY ? "    " : "  ? ", word, word - 1);
		if (sure == SURELY || !t->named)
			last = word - 1;
		lines++;
	}
}

static void print_registers(const struct trace *t,
			    const struct vcpu_guest_context *context)
{
	const struct cpu_user_regs *r = &context->user_regs;
	const struct {
		const char *name;
		uint64_t value;
	} all[] = {
		{ "rip", r->rip }, { "rsp", r->rsp }, { "rfl", r->rflags },
		{ "rax", r->rax }, { "rbx", r->rbx }, { "rcx", r->rcx },
		{ "rdx", r->rdx }, { "rsi", r->rsi }, { "rdi", r->rdi },
		{ "rbp", r->rbp }, { "r8 ", r->r8 }, { "r9 ", r->r9 },
		{ "r10", r->r10 }, { "r11", r->r11 }, { "r12", r->r12 },
		{ "r13", r->r13 }, { "r14", r->r14 }, { "r15", r->r15 },
		{ "cr2", context->ctrlreg[2] }, { "cr3", context->ctrlreg[3] },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		fprintf(t->out, "%s%s %016" PRIx64 "%s", i % 3 ? "" : "  ",
			all[i].name, all[i].value, i % 3 == 2 ? "\n" : "  ");
	fprintf(t->out, "\n");
}

static int print_vcpu(struct trace *t, struct ctl *c, domid_t id, uint32_t vcpu)
{
	struct xen_domctl_getvcpuinfo info;
	struct vcpu_guest_context context;
	bool kernel;
	int rc = ctl_vcpu_info(c, id, vcpu, &info);

	if (rc || !info.online)
		return rc == -ESRCH ? 0 : rc;
	rc = ctl_domain_context(c, id, vcpu, &context);
	if (rc)
		return rc == -ENODATA ? 0 : rc;
	kernel = context.flags & VGCF_in_kernel;
	fprintf(t->out, "vCPU %u of domain %u, in guest %s mode:\n", vcpu, id,
		kernel ? "kernel" : "user");
	print_registers(t, &context);
	if (!kernel)
		return 0;
	view_open(&t->view, c, id, context.ctrlreg[3]);
	print_calls(t, &context.user_regs);
	view_close(&t->view);
	return 0;
}

int debug_backtrace(struct ctl *c, domid_t id, const char *kernel, FILE *out,
		    struct reason *why)
{
	struct xen_domctl_getdomaininfo info;
	struct trace t = { .out = out };
	struct reason unnamed = { 0 };
	int rc = ctl_domain_info(c, id, &info);

	if (rc)
		return refuse_errno(why, rc, "cannot examine domain %u", id);
	if (kernel && symbols_load(&t.symbols, kernel, &unnamed))
		fprintf(out, "no names: %s\n", unnamed.text);
	t.named = t.symbols.count;
	for (uint32_t i = 0; !rc && info.max_vcpu_id != XEN_INVALID_MAX_VCPU_ID &&
			     i <= info.max_vcpu_id; i++)
		rc = print_vcpu(&t, c, id, i);
	symbols_free(&t.symbols);
	return rc ? refuse_errno(why, rc, "cannot read the registers of domain %u",
				 id) : 0;
}
