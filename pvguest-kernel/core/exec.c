/* SPDX-License-Identifier: MIT */
/* exec.c - a process becomes another program.
 *
 * The strings are copied out of the old address space first; the new one is
 * complete before the old one is given up, so a failure changes nothing.
 */
#include "core/elf.h"
#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/random.h"
#include "core/sched.h"
#include "core/syscall.h"
#include "fs/file.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/user.h"
#include "platform/cpu.h"
#include "platform/platform.h"
#include "platform/regs.h"

#define STACK_TOP (USER_TOP - 16 * PAGE_SIZE)
#define STACK_INITIAL (64 * PAGE_SIZE)
#define STRINGS_MAX (32 * PAGE_SIZE)
#define SCRIPT_DEPTH 4
#define SCRIPT_LINE 256

/* argv and envp as one run of zero-terminated strings, filled from the end so
 * that a script's interpreter can be put in front. */
struct strings {
	char *buf;
	size_t start;		/* buf[start] is argv[0] */
	unsigned argc, envc;
	char path[PATH_MAX];	/* the program as named: AT_EXECFN */
};

static int push_front(struct strings *s, const char *text)
{
	size_t len = strlen(text) + 1;

	if (len > s->start)
		return -E2BIG;
	s->start -= len;
	memcpy(s->buf + s->start, text, len);
	return 0;
}

static void drop_front(struct strings *s)
{
	s->start += strlen(s->buf + s->start) + 1;
}

/* --- collecting the strings --- */

/* From `at` on, in order; they are moved to the end when all are there. */
static int collect_user(struct strings *s, uint64_t uvector, size_t *at, unsigned *count)
{
	for (*count = 0; uvector; uvector += 8, (*count)++) {
		uint64_t uaddr;
		ssize_t len;

		if (get_user(uaddr, uvector))
			return -EFAULT;
		if (!uaddr)
			break;
		len = strncpy_from_user(s->buf + *at, uaddr, STRINGS_MAX - *at);
		if (len < 0)
			return len == -ENAMETOOLONG ? -E2BIG : (int)len;
		*at += (size_t)len + 1;
	}
	return 0;
}

static int collect_kernel(struct strings *s, const char *const *vector, size_t *at,
			  unsigned *count)
{
	for (*count = 0; vector[*count]; (*count)++) {
		size_t len = strlcpy(s->buf + *at, vector[*count], STRINGS_MAX - *at);

		if (len >= STRINGS_MAX - *at)
			return -E2BIG;
		*at += len + 1;
	}
	return 0;
}

static void move_to_end(struct strings *s, size_t used)
{
	s->start = STRINGS_MAX - used;
	memmove(s->buf + s->start, s->buf, used);
}

/* --- scripts --- */

/* "#! interpreter [argument]": both go in front, the script's path replaces
 * its argv[0]. 1: *file is now the interpreter; 0: not a script. */
static int script(struct strings *s, struct file **file)
{
	char line[SCRIPT_LINE + 1], *interp, *word;
	ssize_t n = file_read_kernel(*file, line, SCRIPT_LINE, 0);
	struct file *next;
	int rc;

	if (n < 3 || line[0] != '#' || line[1] != '!')
		return 0;
	line[n] = '\0';
	word = strchr(line, '\n');
	if (!word)
		return -ENOEXEC;
	while (word > line && (*word == '\n' || *word == ' ' || *word == '\t' || *word == '\r'))
		*word-- = '\0';
	for (interp = line + 2; *interp == ' ' || *interp == '\t'; interp++)
		;
	for (word = interp; *word && *word != ' ' && *word != '\t'; word++)
		;
	if (*word)
		*word++ = '\0';
	while (*word == ' ' || *word == '\t')
		word++;
	if (s->argc)
		drop_front(s);
	else
		s->argc = 1;
	rc = push_front(s, s->path);
	if (!rc && *word) {
		rc = push_front(s, word);
		s->argc++;
	}
	if (!rc)
		rc = push_front(s, interp);
	s->argc++;
	if (!rc)
		rc = file_open_kernel(interp, O_RDONLY, &next);
	if (rc)
		return rc;
	file_put(*file);
	*file = next;
	strlcpy(s->path, interp, sizeof(s->path));
	rc = file_may_exec(next);
	return rc ? rc : 1;
}

/* --- the first stack --- */

enum {
	AT_NULL = 0, AT_PHDR = 3, AT_PHENT = 4, AT_PHNUM = 5, AT_PAGESZ = 6, AT_BASE = 7,
	AT_FLAGS = 8, AT_ENTRY = 9, AT_UID = 11, AT_EUID = 12, AT_GID = 13, AT_EGID = 14,
	AT_HWCAP = 16, AT_CLKTCK = 17, AT_SECURE = 23, AT_RANDOM = 25, AT_EXECFN = 31,
};

static int put_pointers(uint64_t *slot, uint64_t *text, const struct strings *s, size_t *at,
			unsigned count)
{
	uint64_t zero = 0;

	for (; count; count--, *slot += 8) {
		size_t len = strlen(s->buf + *at) + 1;

		if (put_user(*text, *slot))
			return -EFAULT;
		*text += len;
		*at += len;
	}
	*slot += 8;
	return put_user(zero, *slot - 8);
}

static int build_stack(struct mm *mm, const struct strings *s, const struct elf_program *prog)
{
	size_t text_len = STRINGS_MAX - s->start, path_len = strlen(s->path) + 1, at = s->start;
	uint64_t path = STACK_TOP - 16 - path_len;
	uint64_t text = path - text_len;
	uint64_t random = ALIGN_DOWN(text - 16, 16);
	uint64_t seed[2], argc = s->argc, aux_at, slot;
	const uint64_t aux[][2] = {
		{ AT_PHDR, prog->phdr }, { AT_PHENT, sizeof(struct elf_segment) },
		{ AT_PHNUM, prog->phnum }, { AT_PAGESZ, PAGE_SIZE }, { AT_BASE, 0 },
		{ AT_FLAGS, 0 }, { AT_ENTRY, prog->entry }, { AT_UID, 0 }, { AT_EUID, 0 },
		{ AT_GID, 0 }, { AT_EGID, 0 }, { AT_HWCAP, 0 }, { AT_CLKTCK, 100 },
		{ AT_SECURE, 0 }, { AT_RANDOM, random }, { AT_EXECFN, path }, { AT_NULL, 0 },
	};
	uint64_t sp = random - sizeof(aux) - (1ul + s->argc + 1 + s->envc + 1) * 8;

	sp = ALIGN_DOWN(sp, 16);
	random_bytes(seed, sizeof(seed));
	mm->arg_start = text;
	slot = sp + 8;
	if (copy_to_user(path, s->path, path_len) ||
	    copy_to_user(text, s->buf + s->start, text_len) ||
	    copy_to_user(random, seed, sizeof(seed)) || put_user(argc, sp) ||
	    put_pointers(&slot, &text, s, &at, s->argc))
		return -ENOMEM;
	mm->arg_end = mm->env_start = text;
	aux_at = slot + (s->envc + 1ul) * 8;
	if (put_pointers(&slot, &text, s, &at, s->envc) ||
	    copy_to_user(aux_at, aux, sizeof(aux)))
		return -ENOMEM;
	mm->env_end = text;
	current->regs->rsp = sp;
	return 0;
}

/* --- the change itself --- */

static int fill(struct mm *mm, struct file *file, const struct strings *s,
		struct elf_program *prog)
{
	int rc = vma_create(mm, STACK_TOP - STACK_INITIAL, STACK_TOP,
			    VMA_READ | VMA_WRITE | VMA_STACK, NULL, 0, NULL);

	if (!rc)
		rc = elf_load(file, mm, prog);
	if (!rc)
		rc = build_stack(mm, s, prog);
	mm->brk_start = mm->brk = ALIGN_UP(prog->end, PAGE_SIZE);
	return rc;
}

static void reset_thread(const struct elf_program *prog)
{
	struct thread *t = current;
	struct user_regs *regs = t->regs;
	uint64_t rsp = regs->rsp;

	memset(regs, 0, sizeof(*regs));
	platform_user_regs_init(regs);
	regs->rip = prog->entry;
	regs->rsp = rsp;
	regs->vector = VECTOR_INTERRUPT;
	t->fs_base = t->gs_base = 0;
	t->clear_tid = 0;
	t->altstack_flags = SS_DISABLE;
	t->altstack_size = 0;
	fpu_reset(t->fpu);
	fpu_restore(t->fpu);
	platform_use_segments(0, 0);
}

static void set_name(const char *path)
{
	const char *base = strrchr(path, '/');

	strlcpy(current->comm, base ? base + 1 : path, COMM_LEN);
	memcpy(current->process->comm, current->comm, COMM_LEN);
}

/* The words that would tell of the others' end lie in the old memory, where
 * nobody looks any more; at their addresses is now the new program. */
static void become_only_thread(struct process *p)
{
	struct thread *t;

	list_for_each(t, &p->threads, node)
		t->clear_tid = 0;
	process_end_other_threads(p);
	while (p->threads.next != p->threads.prev)
		waitq_wait_uninterruptible(&p->exec_or_exit);
	current->tid = p->pid;
}

static int change_program(struct file *file, const struct strings *s)
{
	struct process *p = current->process;
	struct mm *old = p->mm, *new = mm_create();
	uint64_t old_rsp = current->regs->rsp;
	struct elf_program prog = { .end = 0 };
	int rc;

	if (!new)
		return -ENOMEM;
	p->mm = new;
	sched_use_mm(new);
	rc = fill(new, file, s, &prog);
	if (rc) {
		current->regs->rsp = old_rsp;
		p->mm = old;
		sched_use_mm(old);
		mm_put(new);
		return rc;
	}
	become_only_thread(p);
	set_name(s->path);
	if (old)
		mm_put(old);
	reset_thread(&prog);
	signals_exec(p);
	files_close_on_exec(p->files);
	p->execed = true;
	waitq_wake(&p->exec_or_exit);
	return 0;
}

static int exec_strings(struct strings *s)
{
	struct file *file;
	int rc = file_open_kernel(s->path, O_RDONLY, &file);

	if (rc)
		return rc;
	rc = file_may_exec(file);
	for (int depth = 0; !rc; depth++) {
		rc = script(s, &file);
		if (rc <= 0)
			break;
		rc = depth < SCRIPT_DEPTH ? 0 : -ELOOP;
	}
	if (!rc)
		rc = elf_check(file);
	if (!rc)
		rc = change_program(file, s);
	file_put(file);
	return rc;
}

static struct strings *strings_create(void)
{
	struct strings *s = kzalloc(sizeof(*s));

	if (s)
		s->buf = kmalloc(STRINGS_MAX);
	if (!s || !s->buf) {
		kfree(s);
		return NULL;
	}
	return s;
}

static void strings_destroy(struct strings *s)
{
	kfree(s->buf);
	kfree(s);
}

int exec_kernel(const char *path, const char *const *argv, const char *const *envp)
{
	struct strings *s = strings_create();
	size_t used = 0;
	int rc;

	if (!s)
		return -ENOMEM;
	strlcpy(s->path, path, sizeof(s->path));
	rc = collect_kernel(s, argv, &used, &s->argc);
	if (!rc)
		rc = collect_kernel(s, envp, &used, &s->envc);
	if (!rc) {
		move_to_end(s, used);
		rc = exec_strings(s);
	}
	strings_destroy(s);
	return rc;
}

long sys_execve(uint64_t upath, uint64_t uargv, uint64_t uenvp)
{
	struct strings *s = strings_create();
	size_t used = 0;
	ssize_t len;
	int rc;

	if (!s)
		return -ENOMEM;
	len = strncpy_from_user(s->path, upath, sizeof(s->path));
	rc = len < 0 ? (int)len : 0;
	if (!rc)
		rc = collect_user(s, uargv, &used, &s->argc);
	if (!rc)
		rc = collect_user(s, uenvp, &used, &s->envc);
	if (!rc) {
		move_to_end(s, used);
		rc = exec_strings(s);
	}
	strings_destroy(s);
	return rc;
}
