/* SPDX-License-Identifier: MIT */
/* test_kernel_fs_storm.c - file calls in any order with any arguments.
 *
 * Rule: whatever a program does with descriptors, names and sockets, also while
 * another thread sleeps in a call on the same ones, no memory is used after it
 * was freed (the sanitizer watches) and nothing is left when all is closed.
 * The order is random but the same on every run.
 */
#include "kernel.h"

#include "core/console.h"
#include "fs/tty.h"
#include "mm/user.h"

#define STEPS	400000
#define CLOSE_ALL_EVERY	1000

/* arguments are drawn from these */
static uint64_t random_state = 42;
static char buf[70000];
static uint64_t words[16];

static uint32_t rnd(uint32_t n)
{
	random_state = random_state * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(random_state >> 33) % n;
}

static uint64_t any_fd(void)
{
	return rnd(40) == 0 ? U(-1) : rnd(24);
}

/* Names that calls may make, move and remove: all below /s, or beside it. */
static uint64_t any_name(void)
{
	static const char *const names[] = {
		"/s", "/s/a", "/s/b", "/s/c", "/s/a/x", "/s/b/y", "/s/l", "/s/l/x",
		"/s/fifo", "/s/sock", "../s/a", ".", "..", "/", "/s/a/../b", "a", "x",
		"", "/s/m", "/s/m/z", "/s/m/z/t", "/proc/self/cwd/a",
	};

	return rnd(60) == 0 ? 8 : U(names[rnd(ARRAY_SIZE(names))]);
}

/* Names to open: also devices, and descriptors by name. */
static uint64_t any_path(void)
{
	static const char *const paths[] = {
		"/dev/null", "/dev/ptmx", "/dev/pts/0", "/dev/pts/1", "/dev/tty",
		"/proc/self/fd/3", "/proc/self/fd/5", "/proc/self/fd", "/proc/7/maps",
		"/dev/fd/4", "/proc/mounts",
	};

	return rnd(3) ? any_name() : U(paths[rnd(ARRAY_SIZE(paths))]);
}

static const char *const mount_points[] = { "/s/m", "/s/b", "/s/a", "/s" };

static uint64_t any_mount_point(void)
{
	return U(mount_points[rnd(ARRAY_SIZE(mount_points))]);
}

static uint64_t any_buf(void)
{
	return rnd(50) == 0 ? 16 : U(buf);
}

static uint64_t any_len(void)
{
	static const uint32_t lens[] = { 0, 1, 3, 24, 100, 4096, 5000, 65536, 70000 };

	return lens[rnd(ARRAY_SIZE(lens))];
}

static uint64_t any_offset(void)
{
	static const uint64_t offsets[] = { 0, 1, 4095, 100000, 1u << 20, -1ul, 1ul << 62 };

	return offsets[rnd(ARRAY_SIZE(offsets))];
}

static uint64_t any_open_flags(void)
{
	static const uint32_t extra[] = { O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY,
					  O_NOFOLLOW, O_CLOEXEC, O_PATH, O_NOCTTY };
	uint32_t flags = rnd(3) | (rnd(3) ? O_NONBLOCK : 0);

	for (int i = 0; i < 3; i++)
		if (rnd(2))
			flags |= extra[rnd(ARRAY_SIZE(extra))];
	return flags;
}

static void open_step(void)
{
	uint64_t flags = any_open_flags();
	uint64_t path = flags & O_CREAT ? any_name() : any_path();

	sys_openat(rnd(4) ? AT : any_fd(), path, flags, 0644);
}

static uint64_t any_addr(void)
{
	static const struct { uint16_t family; char path[20]; } addrs[] = {
		{ 1, "/s/sock" }, { 1, "\0one" }, { 1, "\0two" }, { 1, "/s/a/sock" },
		{ 1, "" }, { 2, "x" },
	};

	return U(&addrs[rnd(ARRAY_SIZE(addrs))]);
}

static uint64_t any_type(void)
{
	static const uint32_t types[] = { 1, 2, 5 };

	return types[rnd(3)] | (rnd(3) ? O_NONBLOCK : 0);
}

static void names_step(void)
{
	switch (rnd(16)) {
	case 0: sys_mkdir(any_name(), 0755); break;
	case 1: sys_rmdir(any_name()); break;
	case 2: sys_unlink(any_name()); break;
	case 3: sys_rename(any_name(), any_name()); break;
	case 4: sys_renameat2(any_fd(), any_name(), any_fd(), any_name(), rnd(3)); break;
	case 5: sys_link(any_name(), any_name()); break;
	case 6: sys_linkat(any_fd(), any_name(), AT, any_name(), AT_EMPTY_PATH); break;
	case 7: sys_symlink(any_name(), any_name()); break;
	case 8: sys_mknod(any_name(), S_IFIFO | 0600, 0); break;
	case 9: sys_chdir(any_name()); break;
	case 10: sys_fchdir(any_fd()); break;
	case 11: sys_mount(U("n"), any_mount_point(), U(rnd(4) ? "tmpfs" : "proc"), 0, 0); break;
	case 12: sys_umount2(any_mount_point(), rnd(2) * 2); break;
	case 13: sys_truncate(any_name(), any_offset()); break;
	case 14: sys_readlink(any_name(), any_buf(), any_len()); break;
	case 15: sys_newfstatat(any_fd(), any_name(), any_buf(), AT_EMPTY_PATH); break;
	}
}

static void fds_step(void)
{
	switch (rnd(22)) {
	case 0: case 1: case 2: case 3: open_step(); break;
	case 4: case 5: sys_close(rnd(24)); break;
	case 6: sys_read(any_fd(), any_buf(), any_len()); break;
	case 7: sys_write(any_fd(), any_buf(), any_len()); break;
	case 8: sys_pread64(any_fd(), any_buf(), any_len(), any_offset()); break;
	case 9: sys_pwrite64(any_fd(), any_buf(), any_len(), any_offset()); break;
	case 10: sys_lseek(any_fd(), any_offset(), rnd(4)); break;
	case 11: sys_dup2(any_fd(), any_fd()); break;
	case 12: sys_dup(any_fd()); break;
	case 13: sys_fcntl(any_fd(), rnd(8), rnd(30)); break;
	case 14: sys_fcntl(any_fd(), F_SETFL, rnd(2) ? O_NONBLOCK : 0); break;
	case 15: sys_getdents64(any_fd(), any_buf(), any_len()); break;
	case 16: sys_sendfile(any_fd(), any_fd(), 0, any_len()); break;
	case 17: sys_ftruncate(any_fd(), any_offset()); break;
	case 18: sys_fstat(any_fd(), any_buf()); break;
	case 19: sys_ioctl(any_fd(), 0x5401 + rnd(0x30), rnd(2) ? any_buf() : rnd(3)); break;
	case 20: sys_close_range(rnd(24), rnd(24), rnd(2) * 4); break;
	case 21: sys_copy_file_range(any_fd(), 0, any_fd(), U(&words[0]), any_len(), 0); break;
	}
}

static void streams_step(void)
{
	struct { uint32_t events; uint64_t data; } __attribute__((packed)) ev = {
		rnd(2) ? 5 : rnd(2) ? 1u | 1u << 31 : 1u | 1u << 30, 7 };
	struct { int32_t fd; int16_t events, revents; } p[4];

	for (int i = 0; i < 4; i++) {
		p[i].fd = (int32_t)any_fd();
		p[i].events = (int16_t)rnd(8);
	}
	words[3] = rnd(1u << 24);
	switch (rnd(22)) {
	case 0: case 1: sys_pipe2(any_buf(), rnd(3) ? O_NONBLOCK : 0); break;
	case 2: sys_eventfd2(rnd(3), rnd(2) ? O_NONBLOCK : 1); break;
	case 3: sys_epoll_create1(0); break;
	case 4: case 5: case 6: sys_epoll_ctl(any_fd(), 1 + rnd(3), any_fd(), U(&ev)); break;
	case 7: case 8: sys_epoll_wait(any_fd(), any_buf(), 1 + rnd(5), rnd(3)); break;
	case 9: sys_poll(U(p), 4, rnd(3)); break;
	case 10: sys_select(24, U(&words[3]), 0, 0, rnd(2) ? 0 : U(&words[6])); break;
	case 11: sys_socket(1, any_type(), 0); break;
	case 12: sys_socketpair(1, any_type(), 0, any_buf()); break;
	case 13: sys_bind(any_fd(), any_addr(), 22); break;
	case 14: sys_listen(any_fd(), rnd(3)); break;
	case 15: case 16: sys_connect(any_fd(), any_addr(), 22); break;
	case 17: sys_accept4(any_fd(), 0, 0, O_NONBLOCK); break;
	case 18: sys_sendto(any_fd(), any_buf(), any_len(), rnd(2) * 0x40,
			    rnd(2) ? any_addr() : 0, 22); break;
	case 19: sys_recvfrom(any_fd(), any_buf(), any_len(), rnd(4) * 0x42, 0, 0); break;
	case 20: sys_shutdown(any_fd(), rnd(3)); break;
	case 21: tty_console_input("ab\n\x04\x03", rnd(6)); break;
	}
}

static void step(void)
{
	switch (rnd(3)) {
	case 0: names_step(); break;
	case 1: fds_step(); break;
	case 2: streams_step(); break;
	}
}

/* The other thread: a few calls, most likely closing what the sleeper uses. */
static void other_thread(void)
{
	for (uint32_t n = rnd(4); n--;)
		step();
	if (rnd(3) == 0)
		sys_close(rnd(24));
}

static void storm(int steps)
{
	for (int i = 0; i < steps; i++) {
		/* the path in buf or words may be anything by now: only /s is */
		fake_while_asleep = rnd(2) ? other_thread : NULL;
		step();
	}
	fake_while_asleep = NULL;
}

static void remove_below(const char *path)
{
	char name[300], list[4096];
	int fd = fake_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	bool progress = fd >= 0;

	while (progress) {
		long n, at;

		progress = false;
		sys_lseek(U(fd), 0, SEEK_SET);
		n = sys_getdents64(U(fd), U(list), sizeof(list));
		for (at = 0; at < n; at += *(uint16_t *)(list + at + 16)) {
			if (list[at + 19] == '.')
				continue;
			snprintf(name, sizeof(name), "%s/%s", path, list + at + 19);
			remove_below(name);
			progress |= sys_unlink(U(name)) == 0;
			progress |= sys_rmdir(U(name)) == 0;
		}
	}
	if (fd >= 0)
		sys_close(U(fd));
}

/* One of the storm's mounts, wherever it was moved to. */
static bool umount_one(void)
{
	static char text[8192];
	int fd = fake_open("/proc/mounts", O_RDONLY);
	long n = sys_read(U(fd), U(text), sizeof(text) - 1);
	bool done = false;

	sys_close(U(fd));
	text[n > 0 ? n : 0] = '\0';
	for (char *line = text; *line && !done; line++) {
		char *path = line + 2, *space;

		if (line[0] == 'n' && line[1] == ' ') {
			space = strchr(path, ' ');
			*space = '\0';
			done = sys_umount2(U(path), 2) == 0;
			*space = ' ';
		}
		line = strchr(line, '\n');
	}
	return done;
}

static void remove_all(void)
{
	/* links may lead any of the last names to the root */
	static const char *const tops[] = { "/s", "/a", "/b", "/c", "/x", "/y", "/l",
					    "/fifo", "/sock", "/m", "/z", "/t" };

	sys_chdir(U("/"));
	sys_close_range(0, 2000, 0);
	tty_session_leader_exit(current->process);
	while (umount_one())
		;
	for (size_t i = 0; i < ARRAY_SIZE(tops); i++) {
		remove_below(tops[i]);
		sys_unlink(U(tops[i]));
		sys_rmdir(U(tops[i]));
		assert_int_equal(sys_access(U(tops[i]), 0), -ENOENT);
	}
}

static void nothing_breaks_and_nothing_stays(void **state)
{
	unsigned long objects = 0;
	uint64_t pages = 0;

	int pipe[2];

	fake_signal_every = 20;
	fake_mkdir("/proc");
	sys_pipe2(U(pipe), 0);
	sys_mount(U("proc"), U("/proc"), U("proc"), 0, 0);
	for (int i = 0; i < STEPS; i += CLOSE_ALL_EVERY) {
		fake_mkdir("/s");
		storm(CLOSE_ALL_EVERY);
		remove_all();
		if (i == 0) {	/* what is made once is there now */
			objects = fake_objects;
			pages = page_free_count;
		}
		assert_int_equal(fake_objects, objects);
		assert_int_equal(page_free_count, pages);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_breaks_and_nothing_stays),
	};

	return cmocka_run_group_tests(tests, fake_boot, NULL);
}
