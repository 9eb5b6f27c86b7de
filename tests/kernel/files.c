/* SPDX-License-Identifier: MIT */
/* files.c - files, descriptors and mappings of files. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static char buf[8192];

static int refused(long rc, int error)
{
	return rc == -1 && errno == error;
}

static void opening(void)
{
	int fd = open("f", O_CREAT | O_EXCL | O_RDWR, 0640);
	struct stat st;

	check("a new file", fd >= 0);
	check("O_EXCL refuses an old one", refused(open("f", O_CREAT | O_EXCL, 0), EEXIST));
	check("its mode", fstat(fd, &st) == 0 && st.st_mode == (S_IFREG | 0640));
	check("a missing folder", refused(open("none/f", O_CREAT | O_RDWR, 0), ENOENT));
	check("a file is no folder", refused(open("f/x", O_RDONLY), ENOTDIR));
	check("a folder is not written", refused(open("/", O_WRONLY), EISDIR));
	check("a bad path pointer", refused(open((char *)8, O_RDONLY), EFAULT));
	check("a bad buffer", refused(write(fd, (char *)8, 5), EFAULT));
	close(fd);
	check("a closed descriptor", refused(write(fd, "x", 1), EBADF));
	unlink("f");
}

static void moving_bytes(void)
{
	int fd = open("g", O_CREAT | O_RDWR | O_TRUNC, 0600), out;
	struct iovec v[3] = { { "one", 3 }, { "", 0 }, { "two", 3 } };
	off_t at = 1;

	check("writev", writev(fd, v, 3) == 6);
	check("pwrite beyond the end", pwrite(fd, "end", 3, 5000) == 3);
	check("the hole is zero", pread(fd, buf, 3, 2500) == 3 && !memcmp(buf, "\0\0", 3));
	check("lseek to the end", lseek(fd, 0, SEEK_END) == 5003);
	check("lseek before the start", refused(lseek(fd, -1, SEEK_SET), EINVAL));
	out = open("h", O_CREAT | O_RDWR | O_TRUNC, 0600);
	check("sendfile", sendfile(out, fd, &at, 4) == 4 && at == 5);
	check("what it moved", pread(out, buf, 9, 0) == 4 && !memcmp(buf, "netw", 4));
	check("ftruncate", ftruncate(fd, 2) == 0 && ftruncate(fd, 10) == 0);
	check("what was cut is zero", pread(fd, buf, 20, 0) == 10 && !memcmp(buf, "on\0\0", 4));
	check("rename over", rename("g", "h") == 0 && access("g", F_OK) == -1);
	check("the replaced one lives on", pread(out, buf, 9, 0) == 4);
	close(fd);
	close(out);
	unlink("h");
}

static void mapping(void)
{
	int fd = open("m", O_CREAT | O_RDWR | O_TRUNC, 0600), status;
	char *shared, *private;
	pid_t child;

	ftruncate(fd, 12000);
	shared = mmap(NULL, 12000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	private = mmap(NULL, 12000, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	check("two mappings", shared != MAP_FAILED && private != MAP_FAILED);
	shared[9000] = 'S';
	check("a shared write is in the file", pread(fd, buf, 1, 9000) == 1 && *buf == 'S');
	check("and in a private mapping not yet written", private[9000] == 'S');
	private[9000] = 'P';
	check("a private write is not in the file", shared[9000] == 'S');
	check("a write to the file is in the mapping",
	      pwrite(fd, "W", 1, 9001) == 1 && shared[9001] == 'W');
	child = fork();
	if (!child) {
		shared[1] = 'c';
		private[9000] = 'c';
		_exit(0);
	}
	waitpid(child, &status, 0);
	check("a child shares", shared[1] == 'c');
	check("and keeps to itself", private[9000] == 'P');
	munmap(shared, 12000);
	munmap(private, 12000);
	close(fd);
	unlink("m");
}

static void descriptors(void)
{
	int n = 0, fd = fcntl(0, F_DUPFD_CLOEXEC, 100);

	check("F_DUPFD starts where asked", fd == 100 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	check("dup2 clears close-on-exec", dup2(fd, 101) == 101 && fcntl(101, F_GETFD) == 0);
	close(fd);
	close(101);
	while (dup(0) >= 0)
		n++;
	check("they run out", errno == EMFILE && n > 900);
	check("and come back", close_range(3, ~0u, 0) == 0 && dup(0) == 3);
	close(3);
}

static void folders(void)
{
	int n = 0;
	DIR *dir;

	check("mkdir", mkdir("d", 0755) == 0 && refused(mkdir("d", 0755), EEXIST));
	for (int i = 0; i < 500; i++) {
		snprintf(buf, sizeof(buf), "d/%d", i);
		close(open(buf, O_CREAT | O_WRONLY, 0600));
	}
	dir = opendir("d");
	while (readdir(dir)) {
		snprintf(buf, sizeof(buf), "d/%d", n++);
		unlink(buf);	/* some already seen, some not yet */
	}
	closedir(dir);
	check("listing while removing ends", n <= 502);
	for (int i = 0; i < 500; i++) {
		snprintf(buf, sizeof(buf), "d/%d", i);
		unlink(buf);
	}
	check("rmdir", rmdir("d") == 0);
	symlink("loop", "loop");
	check("a link to itself", refused(open("loop", O_RDONLY), ELOOP));
	unlink("loop");
	check("/proc/self/fd/0 is a link", readlink("/proc/self/fd/0", buf, 100) > 0);
}

int main(void)
{
	char folder[] = "/tmp/files-XXXXXX";

	if (!mkdtemp(folder) || chdir(folder))
		return 2;
	opening();
	moving_bytes();
	mapping();
	descriptors();
	folders();
	chdir("/");
	check("nothing was left behind", rmdir(folder) == 0);
	return finish();
}
