/* SPDX-License-Identifier: MIT */
/* count.c - counts the instructions of a whole machine: a plugin of QEMU's TCG.
 *
 * Each executed instruction is the hypervisor's, a kernel's or a program's, by
 * its address alone, and belongs to the domain whose page tables were loaded
 * last. Slots 256-271 of the top-level tables are the hypervisor's in every
 * domain, on Paravane and on upstream Xen alike.
 *
 * What lies between two marks is one part; the first begins when a domain
 * executes the instruction at `first` for the `nth` time. A mark is a no-op of
 * eight bytes with MARK and a number in it, which any program can execute at no
 * cost. With `blocks=on`, what each block of the hypervisor's instructions cost in
 * each part follows, for ./hot. A block counts as a whole when it is entered, even
 * if a fault ends it early.
 *
 * The domain in question is the one that executed `first`. Tables whose frame had
 * been loaded before that are others': no new program may start in any other
 * domain while this one is counted.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* QEMU's plugin interface, as much as is used of it. */
struct tb;
struct insn;
struct scoreboard;
struct entry {
	struct scoreboard *score;
	size_t offset;
};
struct reg {
	void *handle;
	const char *name, *feature;
};
struct array {
	void *data;
	unsigned int len;
};
typedef void for_cpu(uint64_t id, unsigned int cpu);
typedef void on_insn(unsigned int cpu, void *data);
enum { ADD = 0, READS_REGS = 1 };

size_t qemu_plugin_tb_n_insns(const struct tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct tb *tb);
struct insn *qemu_plugin_tb_get_insn(const struct tb *tb, size_t i);
size_t qemu_plugin_insn_data(const struct insn *in, void *to, size_t len);
uint64_t qemu_plugin_insn_vaddr(const struct insn *in);
void qemu_plugin_register_vcpu_init_cb(uint64_t id, for_cpu *f);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
		void (*f)(uint64_t id, struct tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct insn *in, on_insn *f,
		int flags, void *data);
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct tb *tb, int op,
		struct entry e, uint64_t n);
struct scoreboard *qemu_plugin_scoreboard_new(size_t size);
uint64_t qemu_plugin_u64_sum(struct entry e);
uint64_t qemu_plugin_u64_get(struct entry e, unsigned int cpu);
struct array *qemu_plugin_get_registers(void);
int qemu_plugin_read_register(void *handle, struct array *to);
struct array *g_byte_array_new(void);
struct array *g_byte_array_set_size(struct array *a, unsigned int size);

/* And what it looks for in a plugin. */
extern int qemu_plugin_version;
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

int qemu_plugin_version = 4;

enum { HYPERVISOR, KERNEL, PROGRAM, KINDS };
#define MARK 0x50415200u	/* in the no-op's last four bytes */
#define CPUS 8
#define BLOCKS 65536
#define FRAMES (1u << 24)	/* of the machine */

static struct scoreboard *score;
static const char *out_name;
static bool with_blocks;
static uint64_t first;
static unsigned int nth;
static int part = -1;			/* -1: before the first */

static struct {
	uint64_t at, n, before;
} blocks[BLOCKS];
static unsigned int nr_blocks;

static struct {
	void *regs[16];
	bool guest;			/* whose tables are loaded */
	uint64_t frame;			/* and which */
	uint64_t seen[KINDS];
} cpus[CPUS];
static unsigned int nr_cpus;
static struct array *bytes;
static uint64_t sums[2][KINDS];		/* of this part: others', the guest's */
static uint8_t others[FRAMES / 8];	/* a bit for each frame loaded before */

static struct entry kind_entry(int kind)
{
	return (struct entry){ score, (BLOCKS + kind) * sizeof(uint64_t) };
}

static struct entry block_entry(unsigned int i)
{
	return (struct entry){ score, i * sizeof(uint64_t) };
}

/* What this CPU executed since the last time goes to whose tables it had. */
static void settle(unsigned int cpu)
{
	for (int kind = 0; kind < KINDS; kind++) {
		uint64_t now = qemu_plugin_u64_get(kind_entry(kind), cpu);

		sums[cpus[cpu].guest][kind] += now - cpus[cpu].seen[kind];
		cpus[cpu].seen[kind] = now;
	}
}

static void report(FILE *f)
{
	fprintf(f, "part %d guest %lu %lu %lu other %lu %lu %lu\n",
		part, sums[1][HYPERVISOR], sums[1][KERNEL], sums[1][PROGRAM],
		sums[0][HYPERVISOR], sums[0][KERNEL], sums[0][PROGRAM]);
	for (unsigned int i = 0; i < nr_blocks; i++) {
		uint64_t now = qemu_plugin_u64_sum(block_entry(i));

		if (now > blocks[i].before && part >= 0)
			fprintf(f, "block %d %lx %lu %lu\n", part, blocks[i].at,
				blocks[i].n, now - blocks[i].before);
		blocks[i].before = now;
	}
}

/* Ends a part and begins the next. */
static void begin_part(int next)
{
	FILE *f = fopen(out_name, part < 0 ? "w" : "a");

	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		settle(cpu);
	if (!f)
		abort();
	report(f);
	fclose(f);
	memset(sums, 0, sizeof(sums));
	part = next;
}

static void at_mark(unsigned int cpu, void *data)
{
	if (part >= 0)
		begin_part((int)(intptr_t)data);
}

/* Whose tables this CPU has now. */
static void tables_loaded(unsigned int cpu, uint64_t frame)
{
	const uint8_t bit = 1 << frame % 8;
	uint8_t *byte;

	if (frame >= FRAMES)
		abort();
	byte = &others[frame / 8];
	if (part < 0)
		*byte |= bit;
	settle(cpu);
	cpus[cpu].frame = frame;
	cpus[cpu].guest = part >= 0 && !(*byte & bit);
}

static void at_first(unsigned int cpu, void *data)
{
	static unsigned int times;

	if (++times != nth)
		return;
	begin_part(0);
	others[cpus[cpu].frame / 8] &= ~(1 << cpus[cpu].frame % 8);
	cpus[cpu].guest = true;
}

static void at_cr3(unsigned int cpu, void *data)
{
	uint64_t value;

	g_byte_array_set_size(bytes, 0);
	if (qemu_plugin_read_register(cpus[cpu].regs[(intptr_t)data], bytes) != 8)
		abort();
	memcpy(&value, bytes->data, 8);
	tables_loaded(cpu, value >> 12 & 0xfffffffffful);
}

static void at_cpu(uint64_t id, unsigned int cpu)
{
	static const char *const names[16] = {
		"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
		"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
	};
	struct array *all = qemu_plugin_get_registers();
	const struct reg *reg = all->data;

	if (cpu >= CPUS)
		abort();
	for (unsigned int i = 0; i < all->len; i++)
		for (int j = 0; j < 16; j++)
			if (!strcmp(reg[i].name, names[j]))
				cpus[cpu].regs[j] = reg[i].handle;
	if (cpu >= nr_cpus)
		nr_cpus = cpu + 1;
	if (!bytes)
		bytes = g_byte_array_new();
}

static int kind_of(uint64_t at)
{
	if (at >= 0xffff800000000000 && at < 0xffff880000000000)
		return HYPERVISOR;
	return at >> 63 ? KERNEL : PROGRAM;
}

static unsigned int block_index(uint64_t at, uint64_t n)
{
	static unsigned int table[4 * BLOCKS];	/* index + 1 */
	unsigned int h = (at * 31 + n) * 0x9e3779b97f4a7c15 >> 46;

	for (;; h = (h + 1) % (4 * BLOCKS)) {
		unsigned int i = table[h];

		if (i && blocks[i - 1].at == at && blocks[i - 1].n == n)
			return i - 1;
		if (i)
			continue;
		if (nr_blocks == BLOCKS)
			abort();
		blocks[nr_blocks].at = at;
		blocks[nr_blocks].n = n;
		table[h] = nr_blocks + 1;
		return nr_blocks++;
	}
}

static void look_at(struct insn *in)
{
	uint8_t b[8] = { 0 };
	uint32_t word;
	size_t n = qemu_plugin_insn_data(in, b, sizeof(b));
	size_t rex = n == 4 && b[0] == 0x41;

	memcpy(&word, b + 4, 4);
	/* a mark: a no-op with a displacement of four bytes */
	if (n == 8 && b[0] == 0x0f && b[1] == 0x1f && b[2] == 0x84 &&
	    (word & ~0xffu) == MARK)
		qemu_plugin_register_vcpu_insn_exec_cb(in, at_mark, 0,
				(void *)(intptr_t)(word & 0xff));
	/* mov to CR3, from any register */
	if (n == 3 + rex && b[rex] == 0x0f && b[rex + 1] == 0x22 &&
	    (b[rex + 2] & 0x38) == 0x18)
		qemu_plugin_register_vcpu_insn_exec_cb(in, at_cr3, READS_REGS,
				(void *)(intptr_t)((b[rex + 2] & 7) + 8 * rex));
	if (qemu_plugin_insn_vaddr(in) == first)
		qemu_plugin_register_vcpu_insn_exec_cb(in, at_first, 0, NULL);
}

static void translated(uint64_t id, struct tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);
	uint64_t at = qemu_plugin_tb_vaddr(tb);
	struct entry e = kind_entry(kind_of(at));

	for (size_t i = 0; i < n; i++)
		look_at(qemu_plugin_tb_get_insn(tb, i));
	qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, ADD, e, n);
	if (with_blocks && kind_of(at) == HYPERVISOR)
		qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, ADD,
				block_entry(block_index(at, n)), n);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (!value)
			return -1;
		*value++ = '\0';
		if (!strcmp(argv[i], "out"))
			out_name = strdup(value);
		else if (!strcmp(argv[i], "first"))
			first = strtoul(value, NULL, 0);
		else if (!strcmp(argv[i], "nth"))
			nth = strtoul(value, NULL, 0);
		else if (!strcmp(argv[i], "blocks"))
			with_blocks = !strcmp(value, "on");
		else
			return -1;
	}
	if (!out_name || !first)
		return -1;
	score = qemu_plugin_scoreboard_new((BLOCKS + KINDS) * sizeof(uint64_t));
	qemu_plugin_register_vcpu_init_cb(id, at_cpu);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
