/* SPDX-License-Identifier: MIT */
/* test_kernel_fs_tmpfs.c - the bytes of files in memory.
 *
 * Rule: a file holds what was written and zeros elsewhere, old bytes never
 * come back, lack of memory is an error and leaks nothing, and what is removed
 * gives its pages back.
 */
#include "kernel.h"
#include "mm/kmalloc.h"

static char buf[64 * 1024];

static void holes_read_as_zeros(void **state)
{
	uint64_t before = page_free_count;
	int fd = fake_open("/hole", O_CREAT | O_RDWR);

	assert_int_equal(sys_pwrite64(U(fd), U("end"), 3, 300000), 3);
	assert_true(before - page_free_count <= 4);
	memset(buf, 1, sizeof(buf));
	assert_int_equal(sys_pread64(U(fd), U(buf), 10000, 295000), 5003);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(buf[i], 0);
	assert_memory_equal(buf + 5000, "end", 3);
	assert_int_equal(sys_pread64(U(fd), U(buf), 10, 300003), 0);
	assert_int_equal(sys_lseek(U(fd), 0, SEEK_END), 300003);
	assert_int_equal(sys_lseek(U(fd), U(-300004), SEEK_CUR), -EINVAL);
	sys_close(U(fd));
	assert_int_equal(sys_unlink(U("/hole")), 0);
	assert_int_equal(page_free_count, before);
}

static void old_bytes_never_come_back(void **state)
{
	int fd = fake_open("/cut", O_CREAT | O_RDWR);

	memset(buf, 'x', sizeof(buf));
	assert_int_equal(sys_write(U(fd), U(buf), sizeof(buf)), sizeof(buf));
	assert_int_equal(sys_ftruncate(U(fd), 5000), 0);
	assert_int_equal(sys_ftruncate(U(fd), 60000), 0);
	assert_int_equal(sys_pread64(U(fd), U(buf), sizeof(buf), 0), 60000);
	assert_int_equal(buf[4999], 'x');
	for (int i = 5000; i < 60000; i++)
		assert_int_equal(buf[i], 0);
	assert_int_equal(sys_ftruncate(U(fd), U(-1)), -EINVAL);
	assert_int_equal(sys_ftruncate(U(fd), 1ul << 40), -EFBIG);
	assert_int_equal(sys_pwrite64(U(fd), U("x"), 1, 1ul << 40), -EFBIG);
	assert_int_equal(sys_pwrite64(U(fd), U("x"), 1, U(-1)), -EINVAL);
	sys_close(U(fd));
	sys_unlink(U("/cut"));
}

static void appending(void **state)
{
	int a, b;

	fake_put_file("/app", "0", 1);
	a = fake_open("/app", O_WRONLY | O_APPEND);
	b = fake_open("/app", O_WRONLY | O_APPEND);
	assert_int_equal(sys_write(U(a), U("1"), 1), 1);
	assert_int_equal(sys_write(U(b), U("2"), 1), 1);
	assert_int_equal(sys_write(U(a), U("3"), 1), 1);
	assert_int_equal(sys_read(U(a), U(buf), 1), -EBADF);
	sys_close(U(a));
	sys_close(U(b));
	assert_true(fake_file_is("/app", "0123", 4));
}

/* Shared pages: what one sees the other sees; a cut-off page stays the
 * mapping's own. */
static void pages_for_mappings(void **state)
{
	struct page *page;
	uint64_t before = page_free_count;
	struct file *f;
	int fd;

	fake_put_file("/map", "abc", 3);
	fd = fake_open("/map", O_RDWR);
	f = file_from_fd(fd);
	assert_int_equal(f->ops->get_page(f, 0, &page), 0);
	assert_int_equal(page->refs, 2);
	assert_int_equal(f->ops->get_page(f, 1, &(struct page *){ 0 }), -ENXIO);
	((char *)page_virt(page))[1] = 'B';
	assert_true(fake_file_is("/map", "aBc", 3));
	file_put(f);
	sys_close(U(fd));
	sys_unlink(U("/map"));
	assert_int_equal(page->refs, 1);
	assert_memory_equal(page_virt(page), "aBc", 4);
	page_put(page);
	assert_int_equal(page_free_count, before);
}

static void an_open_file_outlives_its_name(void **state)
{
	uint64_t before = page_free_count;
	unsigned long objects;
	int fd = fake_open("/alive", O_CREAT | O_RDWR);

	objects = fake_objects;
	assert_int_equal(sys_unlink(U("/alive")), 0);
	assert_int_equal(sys_write(U(fd), U("still"), 5), 5);
	assert_int_equal(sys_pread64(U(fd), U(buf), 9, 0), 5);
	sys_close(U(fd));
	assert_int_equal(page_free_count, before);
	assert_true(fake_objects < objects);
}

static void a_full_machine(void **state)
{
	uint64_t before = page_free_count;
	int fd = fake_open("/big", O_CREAT | O_RDWR);
	long n, total = 0;

	while ((n = sys_write(U(fd), U(buf), sizeof(buf))) > 0)
		total += n;
	assert_int_equal(n, -ENOSPC);
	assert_true(total > (long)(POOL_PAGES - 300) * 4096);
	assert_true(page_free_count > POOL_PAGES / 64);
	assert_int_equal(fake_open("/more", O_CREAT | O_RDWR), -ENOSPC);
	assert_int_equal(fake_mkdir("/more"), -ENOSPC);
	sys_close(U(fd));
	assert_int_equal(sys_unlink(U("/big")), 0);
	assert_int_equal(page_free_count, before);
}

/* Everything once, with the n-th allocation failing, for every n. */
static void try_everything(void)
{
	int fd = fake_open("/t/f", O_CREAT | O_RDWR);

	if (fd >= 0) {
		sys_pwrite64(U(fd), U("x"), 1, 100000);
		sys_close(U(fd));
	}
	fake_mkdir("/t/d");
	sys_symlink(U("/t/f"), U("/t/s"));
	sys_link(U("/t/f"), U("/t/h"));
	sys_rename(U("/t/f"), U("/t/d/f"));
	fd = fake_open("/t/s", O_RDONLY);
	if (fd >= 0)
		sys_close(U(fd));
	sys_mount(U("n"), U("/t/d"), U("tmpfs"), 0, 0);
	sys_umount2(U("/t/d"), 0);
	fd = (int)sys_epoll_create1(0);
	if (fd >= 0) {
		int pipe[2];

		if (sys_pipe2(U(pipe), 0) == 0) {
			char event[12] = { 1 };

			sys_epoll_ctl(U(fd), 1, U(pipe[0]), U(event));
			sys_epoll_wait(U(fd), U(buf), 4, 0);
			sys_close(U(pipe[0]));
			sys_close(U(pipe[1]));
		}
		sys_close(U(fd));
	}
	fd = fake_open("/dev/ptmx", O_RDWR);
	if (fd >= 0)
		sys_close(U(fd));
	fd = (int)sys_socket(1, 1, 0);
	if (fd >= 0)
		sys_close(U(fd));
	sys_getcwd(U(buf), 100);
}

static void clean(void)
{
	fake_fail_at = 0;
	sys_umount2(U("/t/d"), 0);
	sys_unlink(U("/t/d/f"));
	sys_unlink(U("/t/f"));
	sys_unlink(U("/t/s"));
	sys_unlink(U("/t/h"));
	sys_rmdir(U("/t/d"));
}

static void nothing_leaks_when_memory_ends(void **state)
{
	unsigned long objects;
	uint64_t pages;

	assert_int_equal(fake_mkdir("/t"), 0);
	try_everything();
	clean();
	objects = fake_objects;
	pages = page_free_count;
	for (unsigned long n = 1; n < 90; n++) {
		fake_fail_at = n;
		try_everything();
		clean();
		assert_int_equal(fake_objects, objects);
		assert_int_equal(page_free_count, pages);
	}
	/* 90 is beyond the last allocation, or the loop proves too little */
	fake_fail_at = 90;
	try_everything();
	assert_true(fake_fail_at > 0);
	clean();
}

static void an_unmounted_tree_is_gone(void **state)
{
	unsigned long objects;
	uint64_t pages;

	fake_mkdir("/u");
	objects = fake_objects;
	pages = page_free_count;
	assert_int_equal(sys_mount(U("n"), U("/u"), U("tmpfs"), 0, 0), 0);
	fake_mkdir("/u/a");
	fake_mkdir("/u/a/b");
	fake_put_file("/u/a/b/f", buf, 50000);
	fake_put_file("/u/g", buf, 5);
	assert_int_equal(sys_link(U("/u/g"), U("/u/a/h")), 0);
	assert_int_equal(sys_umount2(U("/u"), 0), 0);
	assert_int_equal(fake_objects, objects);
	assert_int_equal(page_free_count, pages);
}

static void descriptors(void **state)
{
	int n = 0;
	long fd;

	while ((fd = sys_dup(0)) >= 0)
		n++;
	assert_int_equal(fd, -EMFILE);
	assert_int_equal(n, FD_LIMIT - 3);
	assert_int_equal(fake_open("/dev/null", O_RDONLY), -EMFILE);
	assert_int_equal(sys_close_range(3, U(UINT32_MAX), 0), 0);
	assert_int_equal(sys_dup2(0, 2000), -EBADF);
	assert_int_equal(sys_dup2(99, 5), -EBADF);
	assert_int_equal(sys_dup3(0, 0, 0), -EINVAL);
	assert_int_equal(sys_dup3(0, 700, O_CLOEXEC), 700);
	assert_int_equal(sys_fcntl(700, F_GETFD, 0), FD_CLOEXEC);
	files_close_on_exec(current->process->files);
	assert_int_equal(sys_close(700), -EBADF);
	assert_int_equal(sys_close(U(-1)), -EBADF);
	assert_int_equal(sys_write(1, 8, 5), -EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holes_read_as_zeros),
		cmocka_unit_test(old_bytes_never_come_back),
		cmocka_unit_test(appending),
		cmocka_unit_test(pages_for_mappings),
		cmocka_unit_test(an_open_file_outlives_its_name),
		cmocka_unit_test(a_full_machine),
		cmocka_unit_test(nothing_leaks_when_memory_ends),
		cmocka_unit_test(an_unmounted_tree_is_gone),
		cmocka_unit_test(descriptors),
	};

	return cmocka_run_group_tests(tests, fake_boot, NULL);
}
