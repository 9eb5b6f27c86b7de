/* SPDX-License-Identifier: MIT */
/* kernel.c - the guest kernel's core and memory, as far as files see them. */
#include "kernel.h"

#include "core/console.h"
#include "core/printk.h"
#include "core/random.h"
#include "core/wait.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/user.h"

/* of the C library, whose headers clash with the kernel's */
void *malloc(size_t n);
void free(void *p);
void abort(void) NORETURN;

/* Leaks are counted by the tests themselves; each fake_boot drops a process. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

unsigned long fake_objects, fake_fail_at;
void (*fake_while_asleep)(void);
unsigned long fake_signal_every;
int fake_signal, fake_signal_group;
char fake_console[4096], fake_log[4096];
size_t fake_console_len;

static struct process the_process;
static struct thread the_thread;
struct thread *current = &the_thread;
struct list process_list = LIST_INIT(process_list);

static bool fails_now(void)
{
	return fake_fail_at && --fake_fail_at == 0;
}

void *kmalloc(size_t n)
{
	void *p = fails_now() ? NULL : malloc(n);

	if (p) {
		memset(p, 0xa5, n);
		fake_objects++;
	}
	return p;
}

void *kzalloc(size_t n)
{
	void *p = kmalloc(n);

	return p ? memset(p, 0, n) : NULL;
}

void kfree(void *p)
{
	if (p)
		fake_objects--;
	free(p);
}

struct page page_array[POOL_PAGES];
char page_pool[POOL_PAGES][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
uint64_t page_free_count = POOL_PAGES, page_total_count = POOL_PAGES;

static bool run_is_free(uint64_t first, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		if (page_array[first + i].refs)
			return false;
	return true;
}

struct page *page_alloc(unsigned order)
{
	uint64_t n = 1ul << order;

	if (fails_now() || page_free_count < n)
		return NULL;
	for (uint64_t at = 0; at + n <= POOL_PAGES; at += n) {
		if (!run_is_free(at, n))
			continue;
		for (uint64_t i = 0; i < n; i++)
			page_array[at + i].refs = 1;
		page_array[at].order = order;
		page_free_count -= n;
		memset(page_pool[at], 0xa5, n * PAGE_SIZE);
		return &page_array[at];
	}
	return NULL;
}

struct page *page_alloc_zero(void)
{
	struct page *p = page_alloc(0);

	if (p)
		memset(page_virt(p), 0, PAGE_SIZE);
	return p;
}

void page_get(struct page *p)
{
	p->refs++;
}

void page_put(struct page *p)
{
	uint64_t n = 1ul << p->order;

	if (p->refs == 0)
		abort();
	if (p->refs > 1) {
		p->refs--;
		return;
	}
	for (uint64_t i = 0; i < n; i++)
		p[i].refs = 0;
	page_free_count += n;
}

static bool bad(uint64_t addr, size_t n)
{
	return n && addr < PAGE_SIZE;
}

int copy_from_user(void *dst, uint64_t src, size_t n)
{
	if (bad(src, n))
		return -EFAULT;
	memcpy(dst, (void *)src, n);
	return 0;
}

int copy_to_user(uint64_t dst, const void *src, size_t n)
{
	if (bad(dst, n))
		return -EFAULT;
	memcpy((void *)dst, src, n);
	return 0;
}

int clear_user(uint64_t dst, size_t n)
{
	if (bad(dst, n))
		return -EFAULT;
	memset((void *)dst, 0, n);
	return 0;
}

ssize_t strncpy_from_user(char *dst, uint64_t src, size_t size)
{
	size_t n;

	if (bad(src, 1))
		return -EFAULT;
	n = strnlen((char *)src, size);
	if (n == size)
		return -ENAMETOOLONG;
	memcpy(dst, (void *)src, n + 1);
	return (ssize_t)n;
}

size_t mm_read(struct mm *mm, uint64_t addr, void *buf, size_t len)
{
	return 0;
}

void waitq_init(struct waitq *q)
{
	list_init(&q->waiters);
	q->seq = 0;
}

void waitq_add(struct waitq *q, struct waiter *w)
{
	w->thread = current;
	list_push_back(&q->waiters, &w->node);
}

void waiter_remove(struct waiter *w)
{
	list_remove(&w->node);
}

void waitq_wake(struct waitq *q)
{
	q->seq++;
	while (!list_empty(&q->waiters))
		list_remove(q->waiters.next);
}

int thread_sleep(uint64_t deadline)
{
	static unsigned long sleeps;
	void (*hook)(void) = fake_while_asleep;

	fake_while_asleep = NULL;
	if (hook)
		hook();
	else if (deadline == NO_DEADLINE || (fake_signal_every && ++sleeps % fake_signal_every == 0))
		return -EINTR;
	else
		return -ETIMEDOUT;
	return 0;
}

int waitq_wait(struct waitq *q, uint64_t deadline)
{
	struct waiter w;
	int rc;

	waitq_add(q, &w);
	rc = thread_sleep(deadline);
	waiter_remove(&w);
	return rc;
}

uint64_t clock_now(void)
{
	static uint64_t now;

	return now += NSEC_PER_USEC;
}

uint64_t clock_wall(void)
{
	return 1000 * NSEC_PER_SEC + clock_now();
}

int timespec_from_user(uint64_t *ns, uint64_t uaddr)
{
	const struct timespec *ts = (void *)uaddr;

	*ns = (uint64_t)ts->tv_sec * NSEC_PER_SEC + (uint64_t)ts->tv_nsec;
	return 0;
}

int signal_group(int pgid, int sig)
{
	fake_signal_group = pgid;
	fake_signal = sig;
	return 0;
}

void signal_thread(struct thread *t, int sig)
{
	fake_signal = sig;
}

bool signal_blocked_or_ignored(int sig)
{
	return false;
}

int signal_mask_during_sleep(uint64_t uaddr, uint64_t size)
{
	return 0;
}

struct process *process_find(int pid)
{
	return pid == the_process.pid ? &the_process : NULL;
}

char process_state_letter(const struct process *p)
{
	return 'R';
}

void process_times(const struct process *p, uint64_t *user, uint64_t *system)
{
	*user = *system = 0;
}

void console_write(const char *buf, size_t len)
{
	for (size_t i = 0; i < len && fake_console_len < sizeof(fake_console); i++)
		fake_console[fake_console_len++] = buf[i];
}

void random_bytes(void *buf, size_t len)
{
	memset(buf, 4, len);
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fake_log, sizeof(fake_log), fmt, ap);
	va_end(ap);
}

size_t klog_read(uint64_t *pos, char *buf, size_t len)
{
	return 0;
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fake_log, sizeof(fake_log), fmt, ap);
	va_end(ap);
	print_error("panic: %s\n", fake_log);
	abort();
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t n = strlen(src);
	size_t keep = n < size ? n : size - 1;

	memcpy(dst, src, keep);
	dst[keep] = '\0';
	return n;
}

uint64_t strtou64(const char *s, const char **end, unsigned base)
{
	uint64_t n = 0;

	while (*s >= '0' && *s <= '9')
		n = n * base + (uint64_t)(*s++ - '0');
	if (end)
		*end = s;
	return n;
}

int fake_boot(void **state)
{
	static bool up;

	fake_fail_at = 0;
	fake_while_asleep = NULL;
	fake_signal = fake_signal_group = 0;
	if (!up) {
		up = true;
		fs_init();
	}
	list_init(&process_list);
	the_process = (struct process){ .pid = 7, .pgid = 7, .sid = 7 };
	list_init(&the_process.threads);
	list_push_back(&process_list, &the_process.node);
	the_thread.process = &the_process;
	the_process.fs = fs_context_create_initial();
	the_process.files = files_create_initial();
	fake_console_len = 0;
	return 0;
}

int fake_open(const char *path, int flags)
{
	return (int)sys_open(U(path), (uint64_t)flags, 0644);
}

long fake_mkdir(const char *path)
{
	return sys_mkdir(U(path), 0755);
}

void fake_put_file(const char *path, const void *bytes, size_t n)
{
	int fd = fake_open(path, O_CREAT | O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(sys_write(U(fd), U(bytes), n), n);
	assert_int_equal(sys_close(U(fd)), 0);
}

bool fake_file_is(const char *path, const void *bytes, size_t n)
{
	static char buf[1 << 20];
	int fd = fake_open(path, O_RDONLY);
	long got;

	if (fd < 0)
		return false;
	got = sys_read(U(fd), U(buf), sizeof(buf));
	sys_close(U(fd));
	return got == (long)n && memcmp(buf, bytes, n) == 0;
}
