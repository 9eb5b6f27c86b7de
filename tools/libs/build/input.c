/* SPDX-License-Identifier: MIT */
/* input.c - opening a file, and reading it to where it is wanted.
 *
 * A ramdisk may have hundreds of megabytes: its size is known first, and its
 * bytes go straight to the domain's frames, never through memory of our own.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/input.h"

void input_close(struct input *input)
{
	if (input->fd >= 0)
		close(input->fd);
	input->fd = -1;
	input->size = 0;
}

int input_open(struct input *input, const char *path, struct reason *why)
{
	struct stat st;
	int rc = 0;

	input->size = 0;
	input->path = path;
	input->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (input->fd < 0)
		return refuse_errno(why, -errno, "cannot open %s", path);
	if (fstat(input->fd, &st) < 0)
		rc = refuse_errno(why, -errno, "cannot examine %s", path);
	else if (!S_ISREG(st.st_mode))
		rc = refuse(why, -EINVAL, "%s is not a regular file", path);
	else
		input->size = (uint64_t)st.st_size;
	if (rc)
		input_close(input);
	return rc;
}

int input_read(const struct input *input, void *to, struct reason *why)
{
	uint64_t done = 0;

	while (done < input->size) {
		ssize_t got = read(input->fd, (char *)to + done,
				   input->size - done);

		if (got < 0)
			return refuse_errno(why, -errno, "cannot read %s",
					    input->path);
		if (got == 0)
			return refuse(why, -EIO,
				      "%s became shorter while it was read",
				      input->path);
		done += (uint64_t)got;
	}
	return 0;
}
