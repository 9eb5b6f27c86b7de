/* SPDX-License-Identifier: MIT */
/* grants.c - /dev/xen/gntalloc and gntdev, one domain on both sides.
 *
 * Run in a domain whose id is 0, or the first argument; a line a check.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define PAGE 4096
#define IOC(nr, size) ((unsigned long)(size) << 16 | 'G' << 8 | (nr))
#define MAP_GRANT_REF IOC(0, 24)
#define UNMAP_GRANT_REF IOC(1, 16)
#define OFFSET_FOR_VADDR IOC(2, 24)
#define SET_MAX_GRANTS IOC(3, 4)
#define ALLOC_GREF IOC(5, 24)
#define DEALLOC_GREF IOC(6, 16)
#define SET_UNMAP_NOTIFY IOC(7, 16)
#define BIND_INTERDOMAIN ((unsigned long)8 << 16 | 'E' << 8 | 1)
#define BIND_UNBOUND ((unsigned long)4 << 16 | 'E' << 8 | 2)

struct alloc { uint16_t domid, flags; uint32_t count; uint64_t index; uint32_t ref[4]; };
struct dealloc { uint64_t index; uint32_t count, pad; };
struct map { uint32_t count, pad; uint64_t index; struct { uint32_t domid, ref; } of[4]; };
struct offset { uint64_t vaddr, offset; uint32_t count, pad; };
struct notify { uint64_t index; uint32_t action, port; };

static uint16_t self;

static int error(int rc)
{
	return rc < 0 ? errno : 0;
}

static char *map_at(int fd, uint64_t index, int pages, int prot)
{
	void *p = mmap(NULL, (size_t)pages * PAGE, prot, MAP_SHARED, fd, (off_t)index);

	return p == MAP_FAILED ? NULL : p;
}

static struct alloc give(int fd, uint32_t count, int writable)
{
	struct alloc a = { .domid = self, .flags = (uint16_t)writable, .count = count };

	check("alloc", ioctl(fd, ALLOC_GREF, &a) == 0 && a.ref[0] >= 8);
	return a;
}

static struct map name(int fd, const struct alloc *a, uint32_t count)
{
	struct map m = { .count = count };

	for (uint32_t i = 0; i < count; i++) {
		m.of[i].domid = self;
		m.of[i].ref = a->ref[i];
	}
	check("map_grant_ref", ioctl(fd, MAP_GRANT_REF, &m) == 0);
	return m;
}

static void two_views_of_a_page(int gives, int takes)
{
	struct alloc a = give(gives, 2, 1);
	struct map m = name(takes, &a, 2);
	char *mine = map_at(gives, a.index, 2, PROT_READ | PROT_WRITE);
	char *its = map_at(takes, m.index, 2, PROT_READ | PROT_WRITE);
	struct offset o = { .vaddr = (uint64_t)its };

	check("both map", mine && its);
	strcpy(mine + PAGE, "through a grant");
	check("what one writes the other reads", !strcmp(its + PAGE, "through a grant"));
	strcpy(its, "and back");
	check("and the other way", !strcmp(mine, "and back"));
	check("a second mmap of the index", !map_at(takes, m.index, 2, PROT_READ));
	check("the first still stands", !strcmp(its, "and back"));
	check("offset for an address", ioctl(takes, OFFSET_FOR_VADDR, &o) == 0 &&
	      o.offset == m.index && o.count == 2);
	o.vaddr += PAGE;
	check("not for one inside", error(ioctl(takes, OFFSET_FOR_VADDR, &o)) == EINVAL);
	check("munmap of a part", munmap(its, PAGE) == 0 &&
	      !strcmp(its + PAGE, "through a grant"));
	check("munmap of the rest", munmap(its + PAGE, PAGE) == 0);
	its = map_at(takes, m.index, 2, PROT_READ);
	check("mapped again, to read", its && !strcmp(its, "and back"));
	check("unmap ioctl leaves the mapping",
	      ioctl(takes, UNMAP_GRANT_REF, &(struct dealloc){ m.index, 2, 0 }) == 0 &&
	      !strcmp(its, "and back"));
	check("its index is gone", error(ioctl(takes, UNMAP_GRANT_REF,
	      &(struct dealloc){ m.index, 2, 0 })) == ENOENT);
	munmap(its, 2 * PAGE);
	check("dealloc", ioctl(gives, DEALLOC_GREF, &(struct dealloc){ a.index, 2, 0 }) == 0);
	check("dealloc twice", error(ioctl(gives, DEALLOC_GREF,
	      &(struct dealloc){ a.index, 2, 0 })) == EINVAL);
	check("the giver's mapping lives on", !strcmp(mine, "and back"));
	munmap(mine, 2 * PAGE);
}

static void refusals(int gives, int takes)
{
	struct alloc a = give(gives, 1, 0);
	struct map m = name(takes, &a, 1);
	struct map bad = { .count = 0 };
	uint32_t limit = 1;
	void *room = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check("a read-only grant is not writable",
	      !map_at(takes, m.index, 1, PROT_READ | PROT_WRITE));
	check("but readable", mmap(room, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, takes,
	      (off_t)m.index) == room && munmap(room, PAGE) == 0);
	check("mmap of more than the index has, where it was",
	      mmap(room, 4 * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, takes,
		   (off_t)m.index) == MAP_FAILED && errno == EINVAL);
	check("which takes nothing from it", map_at(takes, m.index, 1, PROT_READ) != NULL);
	check("no grants", error(ioctl(takes, MAP_GRANT_REF, &bad)) == EINVAL);
	bad.count = 1u << 30;
	check("too many grants", error(ioctl(takes, MAP_GRANT_REF, &bad)) == EINVAL);
	bad = (struct map){ .count = 1, .of = { { self, 4000000 } } };
	check("a ref that does not exist has an index",
	      ioctl(takes, MAP_GRANT_REF, &bad) == 0);
	check("but no mapping", !map_at(takes, bad.index, 1, PROT_READ));
	bad = (struct map){ .count = 1, .of = { { 0x7ff7, 8 } } };
	check("nor has a domain that does not exist", ioctl(takes, MAP_GRANT_REF, &bad) == 0 &&
	      !map_at(takes, bad.index, 1, PROT_READ));
	check("mmap beyond every index", !map_at(takes, 1ul << 40, 1, PROT_READ));
	check("mmap of more than the index has", !map_at(takes, bad.index, 3, PROT_READ));
	check("a private mapping", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, takes,
	      (off_t)bad.index) == MAP_FAILED);
	check("bad pointer", error(ioctl(takes, MAP_GRANT_REF, (void *)8)) == EFAULT &&
	      error(ioctl(gives, ALLOC_GREF, (void *)8)) == EFAULT);
	check("unknown ioctl", error(ioctl(takes, IOC(99, 0), NULL)) == ENOTTY &&
	      error(ioctl(gives, IOC(99, 0), NULL)) == ENOTTY);
	check("lower limit", ioctl(takes, SET_MAX_GRANTS, &limit) == 0 &&
	      error(ioctl(takes, MAP_GRANT_REF, &bad)) == EINVAL);
	check("alloc of none", error(ioctl(gives, ALLOC_GREF, &(struct alloc){ 0 })) == EINVAL);
	check("alloc of too many", error(ioctl(gives, ALLOC_GREF,
	      &(struct alloc){ .count = 1u << 31 })) == ENOSPC);
	check("mmap of a page not given", !map_at(gives, a.index + PAGE, 1, PROT_READ));
}

/* What the mapper set goes to the giver when it ends, however it ends. */
static void notices(int gives)
{
	struct alloc a = give(gives, 1, 1);
	volatile char *mine = map_at(gives, a.index, 1, PROT_READ | PROT_WRITE);
	int events = open("/dev/xen/evtchn", O_RDWR | O_NONBLOCK), near, far, status;
	uint32_t arg[2] = { 0x7ff0, 0 };
	struct pollfd pfd = { .fd = events, .events = POLLIN };
	pid_t pid;

	near = ioctl(events, BIND_UNBOUND, arg);
	arg[1] = (uint32_t)near;
	far = ioctl(events, BIND_INTERDOMAIN, arg);
	check("a channel to ourselves", near > 0 && far > 0);
	while (poll(&pfd, 1, 50) == 1) {
		(void)!read(events, arg, 4);
		(void)!write(events, arg, 4);
	}
	mine[100] = 1;
	pid = fork();
	if (pid == 0) {
		int takes = open("/dev/xen/gntdev", O_RDWR);
		struct map m = name(takes, &a, 1);
		struct notify n = { m.index + 100, 3, (uint32_t)far };
		volatile char *its = map_at(takes, m.index, 1, PROT_READ | PROT_WRITE);

		check("set_unmap_notify", ioctl(takes, SET_UNMAP_NOTIFY, &n) == 0);
		n.port = 4000;
		check("of a port nobody has", error(ioctl(takes, SET_UNMAP_NOTIFY, &n)) == EINVAL);
		n = (struct notify){ m.index, 4, 0 };
		check("of an unknown kind", error(ioctl(takes, SET_UNMAP_NOTIFY, &n)) == EINVAL);
		check("the byte stands meanwhile", its[100] == 1);
		fflush(stdout);
		kill(getpid(), 9);
	}
	waitpid(pid, &status, 0);
	check("the mapper was killed", WIFSIGNALED(status));
	check("its end cleared the byte", mine[100] == 0);
	check("and sent the event", poll(&pfd, 1, 1000) == 1);
	close(events);
}

/* A grant that is still mapped must outlive the giver's file. */
static void giver_ends_first(int takes)
{
	int gives = open("/dev/xen/gntalloc", O_RDWR);
	struct alloc a = give(gives, 1, 1);
	struct map m = name(takes, &a, 1);
	char *its = map_at(takes, m.index, 1, PROT_READ | PROT_WRITE);
	int status;

	strcpy(its, "kept");
	close(gives);
	if (fork() == 0) {
		volatile char *all = mmap(NULL, 1ul << 30, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (;; all += PAGE)	/* until there is no page left */
			*all = 'x';
	}
	wait(&status);
	check("the page is not given to others", !strcmp(its, "kept"));
	if (fork() == 0)
		_exit(*its);
	wait(&status);
	check("a child has no granted page", WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	munmap(its, PAGE);
}

/* More than the table would hold if one were lost each time. */
static void nothing_leaks(int gives)
{
	int ok = 1;

	for (int i = 0; i < 1100 && ok; i++) {
		struct alloc a = { .domid = self, .flags = 1, .count = 2 };

		ok = ioctl(gives, ALLOC_GREF, &a) == 0 &&
		     ioctl(gives, DEALLOC_GREF, &(struct dealloc){ a.index, 2, 0 }) == 0;
	}
	check("1,100 times two pages", ok);
}

int main(int argc, char **argv)
{
	int gives = open("/dev/xen/gntalloc", O_RDWR);
	int takes = open("/dev/xen/gntdev", O_RDWR);

	self = argc > 1 ? (uint16_t)atoi(argv[1]) : 0;
	check("device files open", gives >= 0 && takes >= 0);
	two_views_of_a_page(gives, takes);
	giver_ends_first(takes);
	notices(gives);
	nothing_leaks(gives);
	refusals(gives, takes);
	return finish();
}
