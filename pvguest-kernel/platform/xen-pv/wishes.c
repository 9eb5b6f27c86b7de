/* SPDX-License-Identifier: MIT */
/* wishes.c - what the toolstack asks of this domain through the store: to end,
 * to answer a key, to live with more or less memory.
 *
 * One thread of the kernel's own does it all, so that it may wait; what fires
 * meanwhile is remembered as a bit. A wish is taken out of its node in a
 * transaction: one that is written at the same time is not lost.
 * Not here: how memory comes and goes (balloon.c).
 */
#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/printk.h"
#include "core/sched.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "platform/platform.h"
#include "platform/xen-pv/balloon.h"
#include "platform/xen-pv/xen.h"
#include "platform/xen-pv/xenbus.h"

#define TARGET "memory/target"
#define SHUTDOWN "control/shutdown"
#define SYSRQ "control/sysrq"
#define VALUE_MAX 32		/* longer ones are no wish we know */
#define RETRY NSEC_PER_SEC	/* while memory does not come or go */

static struct waitq something = WAITQ_INIT(something);

enum { WISH_SHUTDOWN, WISH_SYSRQ, WISH_TARGET, WISH_COUNT };

static struct wish {
	struct xenbus_watch w;
	bool fired;
} wishes[WISH_COUNT] = {
	[WISH_SHUTDOWN] = { .w.path = SHUTDOWN },
	[WISH_SYSRQ] = { .w.path = SYSRQ },
	[WISH_TARGET] = { .w.path = TARGET },
};

/* --- asking the store, and waiting --- */

struct question {
	bool answered;
	struct waitq done;
	int error;
	char value[VALUE_MAX];
};

static void question_answered(struct xenbus_request *r, const struct xsd_sockmsg *hdr,
			      const char *body)
{
	struct question *q = r->owner;

	if (hdr->type == XS_ERROR)
		q->error = strcmp(body, "EAGAIN") ? -EIO : -EAGAIN;
	else
		strlcpy(q->value, body, sizeof(q->value));
	q->answered = true;
	waitq_wake(&q->done);
	kfree(r);
}

/* `value` may be NULL, or room for VALUE_MAX. */
static int ask(uint32_t type, uint32_t tx, const char *body, size_t len, char *value)
{
	struct xenbus_request *r = xenbus_request_new(type, tx, body, len);
	struct question q = { .answered = false };

	if (!r)
		return -ENOMEM;
	waitq_init(&q.done);
	r->done = question_answered;
	r->owner = &q;
	xenbus_send(r);
	while (!q.answered)
		waitq_wait_uninterruptible(&q.done);
	if (value)
		strlcpy(value, q.value, VALUE_MAX);
	return q.error;
}

static int read_node(uint32_t tx, const char *path, char *value)
{
	value[0] = '\0';
	return ask(XS_READ, tx, path, strlen(path) + 1, value);
}

static int write_node(uint32_t tx, const char *path, const char *value)
{
	char body[64];
	int n = snprintf(body, sizeof(body), "%s%c%s", path, 0, value);

	return ask(XS_WRITE, tx, body, (size_t)n, NULL);
}

/* What the node says, which is empty afterwards. */
static void take(const char *path, char *value)
{
	char id[VALUE_MAX];
	uint32_t tx;
	bool any;

	do {
		value[0] = '\0';
		if (ask(XS_TRANSACTION_START, 0, "", 1, id))
			return;
		tx = (uint32_t)strtou64(id, NULL, 10);
		any = !read_node(tx, path, value) && value[0] && !write_node(tx, path, "");
	} while (ask(XS_TRANSACTION_END, tx, any ? "T" : "F", 2, NULL) == -EAGAIN);
}

/* --- the wishes --- */

static void shut_down(void)
{
	char how[VALUE_MAX];

	take(SHUTDOWN, how);
	if (!how[0])
		return;
	printk("the toolstack asks for: %s\n", how);
	if (!strcmp(how, "poweroff") || !strcmp(how, "halt"))
		platform_end(PLATFORM_POWER_OFF);
	if (!strcmp(how, "reboot"))
		platform_end(PLATFORM_REBOOT);
	printk("that is not offered here\n");
}

static void show_memory(void)
{
	printk("%lu of %lu KiB are free\n", page_free_count * 4, page_total_count * 4);
}

static void system_request(void)
{
	char key[VALUE_MAX];

	take(SYSRQ, key);
	if (!key[0])
		return;
	printk("sysrq: %c\n", key[0]);
	switch (key[0]) {
	case 'b':
		platform_end(PLATFORM_REBOOT);
	case 'c':
		panic("a crash was asked for");
	case 'm':
		show_memory();
		break;
	case 'o':
		platform_end(PLATFORM_POWER_OFF);
	case 's':
	case 'u':
		printk("all files are in memory: nothing to do\n");
		break;
	default:
		printk("b reboot, c crash, h help, m memory, o power off, s sync, u unmount\n");
	}
}

static uint64_t read_target(uint64_t before)
{
	const char *end;
	char value[VALUE_MAX];
	uint64_t kib;

	if (read_node(0, TARGET, value) || !value[0])
		return before;
	kib = strtou64(value, &end, 10);
	return *end ? before : kib / 4;
}

static void fire(struct xenbus_watch *w, const char *path)
{
	container_of(w, struct wish, w)->fired = true;
	waitq_wake(&something);
}

/* A toolstack that made a node for it may know by this what we understand. */
static void tell_features(void)
{
	write_node(0, "control/feature-poweroff", "1");
	write_node(0, "control/feature-reboot", "1");
	write_node(0, "control/feature-sysrq", "1");
}

static void watch_wishes(void)
{
	for (unsigned i = 0; i < WISH_COUNT; i++) {
		struct xenbus_request *r;

		wishes[i].w.fired = fire;
		xenbus_watch_add(&wishes[i].w);
		r = xenbus_watch_request(XS_WATCH, &wishes[i].w);
		if (r)
			xenbus_send(r);
	}
}

static bool has_fired(unsigned i)
{
	bool fired = wishes[i].fired;

	wishes[i].fired = false;
	return fired;
}

static bool some_fired(void)
{
	for (unsigned i = 0; i < WISH_COUNT; i++)
		if (wishes[i].fired)
			return true;
	return false;
}

/* As long as memory moves, one step at a time beside everybody else; when it
 * does not, from time to time. Whatever ends the wait, all is looked at. */
static void wait_or_move(uint64_t target)
{
	if (some_fired())
		return;
	if (balloon_step(target)) {
		interrupts_poll();
		sched_yield();
	} else if (waitq_wait(&something,
			      balloon_is_at(target) ? NO_DEADLINE : clock_now() + RETRY)) {
		return;
	}
}

static void serve_wishes(void)
{
	uint64_t target = start_info->nr_pages;

	sched_after_switch();
	watch_wishes();
	tell_features();
	for (;;) {
		if (has_fired(WISH_SHUTDOWN))
			shut_down();
		if (has_fired(WISH_SYSRQ))
			system_request();
		if (has_fired(WISH_TARGET))
			target = read_target(target);
		wait_or_move(target);
	}
}

void wishes_init(void)
{
	if (xenbus_exists() && !kernel_thread_start(serve_wishes))
		panic("no memory for the kernel's own thread");
}
