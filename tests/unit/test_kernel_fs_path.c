/* SPDX-License-Identifier: MIT */
/* test_kernel_fs_path.c - names: walking them, making them, moving them.
 *
 * Rule: a path means what POSIX says, ".." never leaves the root, links end,
 * and nothing that is refused changes anything.
 */
#include "kernel.h"

static long opened(long fd)
{
	if (fd >= 0)
		sys_close(U(fd));
	return fd < 0 ? fd : 0;
}

static void plain_names(void **state)
{
	char cwd[64];

	assert_int_equal(fake_mkdir("/p"), 0);
	assert_int_equal(fake_mkdir("/p/q"), 0);
	fake_put_file("/p/q/f", "x", 1);
	assert_int_equal(opened(fake_open("//p/./q//../q/f", O_RDONLY)), 0);
	assert_int_equal(opened(fake_open("/../../p/q/f", O_RDONLY)), 0);
	assert_int_equal(fake_open("/p/q/f/", O_RDONLY), -ENOTDIR);
	assert_int_equal(fake_open("/p/q/f/.", O_RDONLY), -ENOTDIR);
	assert_int_equal(fake_open("/p/none/f", O_RDONLY), -ENOENT);
	assert_int_equal(fake_open("", O_RDONLY), -ENOENT);
	assert_int_equal(sys_chdir(U("/p/q")), 0);
	assert_int_equal(sys_getcwd(U(cwd), sizeof(cwd)), 5);
	assert_string_equal(cwd, "/p/q");
	assert_int_equal(opened(fake_open("../q/f", O_RDONLY)), 0);
	assert_int_equal(sys_getcwd(U(cwd), 4), -ERANGE);
	assert_int_equal(sys_chdir(U("/p/q/f")), -ENOTDIR);
}

static void a_removed_directory_keeps_its_parent(void **state)
{
	char cwd[64];

	assert_int_equal(fake_mkdir("/gone"), 0);
	assert_int_equal(sys_chdir(U("/gone")), 0);
	assert_int_equal(sys_rmdir(U("/gone")), 0);
	assert_int_equal(sys_getcwd(U(cwd), sizeof(cwd)), -ENOENT);
	assert_int_equal(fake_open("new", O_CREAT | O_RDWR), -ENOENT);
	assert_int_equal(opened(fake_open("../p", O_RDONLY)), 0);
	assert_int_equal(sys_chdir(U("..")), 0);
	assert_int_equal(sys_getcwd(U(cwd), sizeof(cwd)), 2);
}

static void long_names(void **state)
{
	char name[300], path[5000];

	memset(name, 'n', sizeof(name));
	name[0] = '/';
	name[256] = '\0';	/* 255 bytes and the slash */
	assert_int_equal(opened(fake_open(name, O_CREAT | O_RDWR)), 0);
	assert_int_equal(sys_unlink(U(name)), 0);
	name[256] = 'n';
	name[257] = '\0';
	assert_int_equal(fake_open(name, O_CREAT | O_RDWR), -ENAMETOOLONG);
	memset(path, '/', sizeof(path));
	path[4999] = '\0';
	assert_int_equal(fake_open(path, O_RDONLY), -ENAMETOOLONG);
	assert_int_equal(sys_open(8, O_RDONLY, 0), -EFAULT);
}

static void links(void **state)
{
	char buf[64];

	assert_int_equal(fake_mkdir("/l"), 0);
	fake_put_file("/l/f", "data", 4);
	assert_int_equal(sys_symlink(U("f"), U("/l/s")), 0);
	assert_int_equal(sys_symlink(U("/l/s"), U("/l/t")), 0);
	assert_int_equal(sys_symlink(U("../l"), U("/l/d")), 0);
	assert_true(fake_file_is("/l/t", "data", 4));
	assert_true(fake_file_is("/l/d/d/d/s", "data", 4));
	assert_int_equal(sys_readlink(U("/l/t"), U(buf), 64), 4);
	assert_int_equal(sys_readlink(U("/l/t"), U(buf), 2), 2);
	assert_int_equal(sys_readlink(U("/l/f"), U(buf), 64), -EINVAL);
	assert_int_equal(fake_open("/l/s", O_RDONLY | O_NOFOLLOW), -ELOOP);
	assert_int_equal(fake_open("/l/s/", O_RDONLY), -ENOTDIR);
	assert_int_equal(sys_symlink(U("b"), U("/l/a")), 0);
	assert_int_equal(sys_symlink(U("a"), U("/l/b")), 0);
	assert_int_equal(fake_open("/l/a", O_RDONLY), -ELOOP);
	assert_int_equal(sys_symlink(U(""), U("/l/e")), -ENOENT);
	/* through a dangling link a file is made where it points */
	assert_int_equal(sys_symlink(U("made"), U("/l/dangling")), 0);
	assert_int_equal(fake_open("/l/dangling", O_CREAT | O_EXCL | O_RDWR), -EEXIST);
	assert_int_equal(opened(fake_open("/l/dangling", O_CREAT | O_RDWR)), 0);
	assert_int_equal(opened(fake_open("/l/made", O_RDONLY)), 0);
}

/* A chain of 40 links is followed, one of 41 is not. */
static void link_depth(void **state)
{
	char name[16], target[16];

	assert_int_equal(fake_mkdir("/deep"), 0);
	assert_int_equal(sys_chdir(U("/deep")), 0);
	fake_put_file("0", "x", 1);
	for (int i = 1; i <= SYMLINK_DEPTH + 1; i++) {
		snprintf(name, sizeof(name), "%d", i);
		snprintf(target, sizeof(target), "%d", i - 1);
		assert_int_equal(sys_symlink(U(target), U(name)), 0);
	}
	assert_int_equal(opened(fake_open("40", O_RDONLY)), 0);
	assert_int_equal(fake_open("41", O_RDONLY), -ELOOP);
}

static void hard_links(void **state)
{
	struct linux_stat st;

	fake_put_file("/h1", "one", 3);
	assert_int_equal(sys_link(U("/h1"), U("/h2")), 0);
	assert_int_equal(sys_link(U("/h1"), U("/h2")), -EEXIST);
	assert_int_equal(sys_link(U("/dev"), U("/h3")), -EPERM);
	assert_int_equal(sys_link(U("/h1"), U("/dev/h3")), -EXDEV);
	assert_int_equal(sys_stat(U("/h2"), U(&st)), 0);
	assert_int_equal(st.st_nlink, 2);
	assert_int_equal(sys_unlink(U("/h1")), 0);
	assert_true(fake_file_is("/h2", "one", 3));
	assert_int_equal(sys_unlink(U("/h2")), 0);
	assert_int_equal(sys_unlink(U("/h2")), -ENOENT);
}

static void removing(void **state)
{
	assert_int_equal(fake_mkdir("/r"), 0);
	assert_int_equal(fake_mkdir("/r/sub"), 0);
	assert_int_equal(sys_rmdir(U("/r")), -ENOTEMPTY);
	assert_int_equal(sys_unlink(U("/r/sub")), -EISDIR);
	assert_int_equal(sys_rmdir(U("/r/sub/")), 0);
	fake_put_file("/r/f", "", 0);
	assert_int_equal(sys_rmdir(U("/r/f")), -ENOTDIR);
	assert_int_equal(sys_rmdir(U("/dev")), -EBUSY);
	assert_int_equal(sys_rmdir(U("/")), -EBUSY);
	assert_int_equal(sys_unlinkat(AT, U("/r/f"), 0), 0);
	assert_int_equal(sys_rmdir(U("/r")), 0);
}

static void renaming(void **state)
{
	assert_int_equal(fake_mkdir("/m"), 0);
	assert_int_equal(fake_mkdir("/m/a"), 0);
	assert_int_equal(fake_mkdir("/m/a/b"), 0);
	fake_put_file("/m/f", "f", 1);
	fake_put_file("/m/g", "gg", 2);
	assert_int_equal(sys_rename(U("/m/a"), U("/m/a/b/c")), -EINVAL);
	assert_int_equal(sys_rename(U("/m/f"), U("/m/a")), -EISDIR);
	assert_int_equal(sys_rename(U("/m/a"), U("/m/f")), -ENOTDIR);
	assert_int_equal(sys_rename(U("/m/f"), U("/dev/f")), -EXDEV);
	assert_int_equal(sys_rename(U("/dev"), U("/m/dev")), -EBUSY);
	assert_int_equal(sys_renameat2(AT, U("/m/f"), AT, U("/m/g"),
				       RENAME_NOREPLACE), -EEXIST);
	assert_int_equal(sys_rename(U("/m/f"), U("/m/g")), 0);
	assert_true(fake_file_is("/m/g", "f", 1));
	assert_int_equal(fake_open("/m/f", O_RDONLY), -ENOENT);
	assert_int_equal(fake_mkdir("/m/empty"), 0);
	assert_int_equal(sys_rename(U("/m/empty"), U("/m/a")), -ENOTEMPTY);
	assert_int_equal(sys_rename(U("/m/a/b"), U("/m/empty")), 0);
	assert_int_equal(sys_rmdir(U("/m/empty")), 0);
	assert_int_equal(sys_rmdir(U("/m/a")), 0);
}

static void creating(void **state)
{
	assert_int_equal(opened(fake_open("/c", O_CREAT | O_EXCL | O_RDWR)), 0);
	assert_int_equal(fake_open("/c", O_CREAT | O_EXCL | O_RDWR), -EEXIST);
	assert_int_equal(fake_open("/c", O_RDONLY | O_DIRECTORY), -ENOTDIR);
	assert_int_equal(fake_open("/new/", O_CREAT | O_RDWR), -EISDIR);
	assert_int_equal(fake_open("/dev", O_WRONLY), -EISDIR);
	assert_int_equal(fake_open("/dev", O_RDONLY | O_CREAT), -EISDIR);
	assert_int_equal(fake_mkdir("/c"), -EEXIST);
	assert_int_equal(fake_mkdir("/"), -EEXIST);
	assert_int_equal(sys_mknod(U("/ff"), S_IFIFO | 0600, 0), 0);
	assert_int_equal(sys_mknod(U("/no"), S_IFDIR, 0), -EINVAL);
}

static void mounting(void **state)
{
	int fd;

	assert_int_equal(fake_mkdir("/mnt"), 0);
	fake_put_file("/mnt/under", "u", 1);
	assert_int_equal(sys_mount(U("none"), U("/mnt"), U("tmpfs"), 0, 0), 0);
	assert_int_equal(fake_open("/mnt/under", O_RDONLY), -ENOENT);
	fake_put_file("/mnt/over", "o", 1);
	assert_true(fake_file_is("/mnt/../mnt/over", "o", 1));
	assert_int_equal(sys_rmdir(U("/mnt")), -EBUSY);
	fd = fake_open("/mnt/over", O_RDONLY);
	assert_int_equal(sys_umount2(U("/mnt"), 0), -EBUSY);
	sys_close(U(fd));
	assert_int_equal(sys_chdir(U("/mnt")), 0);
	assert_int_equal(sys_umount2(U("/mnt"), 0), -EBUSY);
	assert_int_equal(sys_chdir(U("/")), 0);
	assert_int_equal(sys_umount2(U("/mnt"), 0), 0);
	assert_true(fake_file_is("/mnt/under", "u", 1));
	assert_int_equal(sys_umount2(U("/mnt"), 0), -EINVAL);
	assert_int_equal(sys_mount(U("x"), U("/mnt"), U("ext4"), 0, 0), -ENODEV);
	assert_int_equal(sys_mount(U("x"), U("/dev"), U("devtmpfs"), 0, 0), 0);
}

/* The process's root is the end of "..", also for the kernel's own mounts. */
static void a_changed_root(void **state)
{
	fake_mkdir("/jail");
	fake_put_file("/outside", "o", 1);
	assert_int_equal(sys_mount(U("n"), U("/jail"), U("tmpfs"), 0, 0), 0);
	fake_put_file("/jail/inside", "i", 1);
	assert_int_equal(sys_chdir(U("/jail")), 0);
	assert_int_equal(sys_chroot(U("/jail")), 0);
	assert_int_equal(fake_open("../outside", O_RDONLY), -ENOENT);
	assert_int_equal(fake_open("/../outside", O_RDONLY), -ENOENT);
	assert_int_equal(opened(fake_open("/../inside", O_RDONLY)), 0);
	fake_mkdir("/deeper");
	assert_int_equal(sys_chroot(U("/deeper")), 0);
	assert_int_equal(fake_open("/../inside", O_RDONLY), -ENOENT);
	fake_boot(state);
	assert_int_equal(opened(fake_open("/outside", O_RDONLY)), 0);
}

/* Names inside /proc are made while one looks: they must go again. */
static void proc_names(void **state)
{
	unsigned long before;
	char buf[64];
	int fd;

	fake_mkdir("/proc");
	assert_int_equal(sys_mount(U("proc"), U("/proc"), U("proc"), 0, 0), 0);
	before = fake_objects;
	assert_int_equal(sys_readlink(U("/proc/self"), U(buf), 64), 1);
	assert_int_equal(opened(fake_open("/proc/self/stat", O_RDONLY)), 0);
	assert_int_equal(opened(fake_open("/proc/7/../7/status", O_RDONLY)), 0);
	assert_int_equal(fake_open("/proc/8/stat", O_RDONLY), -ENOENT);
	assert_int_equal(fake_open("/proc/07/stat", O_RDONLY), -ENOENT);
	assert_int_equal(sys_readlink(U("/proc/self/fd/0"), U(buf), 64), 12);
	assert_memory_equal(buf, "/dev/console", 12);
	assert_int_equal(fake_mkdir("/proc/x"), -EROFS);
	assert_int_equal(sys_unlink(U("/proc/uptime")), -EPERM);
	fd = fake_open("/proc/self/fd", O_RDONLY);
	assert_true(sys_getdents64(U(fd), U(buf), 64) > 0);
	sys_close(U(fd));
	assert_int_equal(fake_objects, before);
}

static void listing(void **state)
{
	char buf[200];
	long n, total = 0;
	int fd;

	fake_mkdir("/list");
	for (char c = 'a'; c <= 'z'; c++) {
		char name[8] = { '/', 'l', 'i', 's', 't', '/', c, 0 };

		fake_put_file(name, "", 0);
	}
	fd = fake_open("/list", O_RDONLY);
	assert_int_equal(sys_getdents64(U(fd), U(buf), 10), -EINVAL);
	while ((n = sys_getdents64(U(fd), U(buf), sizeof(buf))) > 0)
		for (long at = 0; at < n; at += *(uint16_t *)(buf + at + 16)) {
			char name[16] = "/list/";

			strlcpy(name + 6, buf + at + 19, 4);
			total++;
			/* removing what was read must not skip what was not */
			if (buf[at + 19] != '.')
				assert_int_equal(sys_unlink(U(name)), 0);
		}
	assert_int_equal(n, 0);
	assert_int_equal(total, 28);
	assert_int_equal(sys_getdents64(U(fd), 8, 100), 0);
	sys_close(U(fd));
	assert_int_equal(sys_rmdir(U("/list")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_names),
		cmocka_unit_test(a_removed_directory_keeps_its_parent),
		cmocka_unit_test(long_names),
		cmocka_unit_test(links),
		cmocka_unit_test(link_depth),
		cmocka_unit_test(hard_links),
		cmocka_unit_test(removing),
		cmocka_unit_test(renaming),
		cmocka_unit_test(creating),
		cmocka_unit_test(mounting),
		cmocka_unit_test(a_changed_root),
		cmocka_unit_test(proc_names),
		cmocka_unit_test(listing),
	};

	return cmocka_run_group_tests(tests, fake_boot, NULL);
}
