/* SPDX-License-Identifier: MIT */
/* state_file.c - one file of the state: header, then records.
 *
 * Guards: a record counts when it is whole and its checksum is right; what
 * follows the first that is not is left out. So a daemon that was killed
 * while it wrote leaves a file that ends before that record.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "record.h"
#include "state_file.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* Domains end with the machine, and so does what is said of them. */
struct header {
	char format[16];
	char boot[48];
};

struct frame {
	uint32_t length;
	uint32_t checksum;
};

static void this_header(struct header *h)
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);

	memset(h, 0, sizeof(*h));
	strcpy(h->format, "paravane-store1");
	if (fd < 0)
		return;
	if (read(fd, h->boot, sizeof(h->boot) - 1) < 0)
		h->boot[0] = '\0';
	close(fd);
}

static uint32_t checksum(const char *bytes, size_t count)
{
	uint64_t sum = 0x243f6a8885a308d3ULL + count;
	uint64_t word;

	for (; count >= sizeof(word); count -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		bytes += sizeof(word);
		sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
		sum ^= sum >> 29;
	}
	word = 0;
	for (size_t i = 0; i < count; i++)
		word = word << 8 | (unsigned char)bytes[i];
	sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
	return (uint32_t)(sum >> 32);
}

void state_name(char name[STATE_NAME_ROOM], const char *kind, uint64_t number,
		const char *after)
{
	snprintf(name, STATE_NAME_ROOM, "%s.%" PRIu64 "%s", kind, number,
		 after);
}

int state_create(int dir, const char *name, uint64_t *size)
{
	struct header h;
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
			0600);
	int rc;

	if (fd < 0)
		return -errno;
	this_header(&h);
	if (write(fd, &h, sizeof(h)) != sizeof(h)) {
		rc = errno ? -errno : -ENOSPC;
		close(fd);
		return rc;
	}
	*size = sizeof(h);
	return fd;
}

int state_add(int file, struct pack *record, uint64_t *size)
{
	struct frame f = {
		.length = (uint32_t)record->used,
		.checksum = checksum(record->bytes, record->used),
	};
	struct iovec parts[2] = {
		{ &f, sizeof(f) },
		{ record->bytes, record->used },
	};
	ssize_t length = (ssize_t)(sizeof(f) + record->used);
	bool whole = !record->failed;
	int rc = -ENOMEM;

	if (whole) {
		errno = 0;
		whole = writev(file, parts, 2) == length;
		rc = errno ? -errno : -ENOSPC;
	}
	record->used = 0;
	record->failed = false;
	if (whole) {
		*size += (uint64_t)length;
		return 0;
	}
	if (ftruncate(file, (off_t)*size) == 0)
		lseek(file, (off_t)*size, SEEK_SET);
	return rc;
}

/* The whole file in memory; NULL with errno. */
static char *load(int file, size_t *size)
{
	struct stat st;
	char *bytes;
	size_t got = 0;

	if (fstat(file, &st) < 0)
		return NULL;
	bytes = malloc((size_t)st.st_size + 1);
	while (bytes && got < (size_t)st.st_size) {
		ssize_t more = pread(file, bytes + got,
				     (size_t)st.st_size - got, (off_t)got);

		if (more <= 0)
			break;
		got += (size_t)more;
	}
	*size = got;
	return bytes;
}

/* True if a whole record is next. */
static bool next_record(struct unpack *u, struct unpack *items)
{
	const char *frame = unpack_bytes(u, sizeof(struct frame));
	struct frame f;

	if (!frame)
		return false;
	memcpy(&f, frame, sizeof(f));
	items->bytes = unpack_bytes(u, f.length);
	items->left = f.length;
	items->failed = false;
	return items->bytes && checksum(items->bytes, f.length) == f.checksum;
}

int state_read(struct store *s, int file, struct state_read *result)
{
	struct unpack u = { 0 }, items;
	struct header h;
	const char *header;
	char *bytes;
	size_t size;
	int rc = 0;

	memset(result, 0, sizeof(*result));
	bytes = load(file, &size);
	if (!bytes)
		return errno ? -errno : -ENOMEM;
	u.bytes = bytes;
	u.left = size;
	header = unpack_bytes(&u, sizeof(h));
	this_header(&h);
	result->ours = header && !memcmp(header, &h, sizeof(h));
	result->good = result->ours ? sizeof(h) : 0;
	while (!rc && result->ours && next_record(&u, &items)) {
		if (!items.left) {
			result->ended = true;
		} else {
			rc = record_replay(s, &items);
			if (rc == -EINVAL) {
				rc = 0;
				break;
			}
		}
		result->good = (uint64_t)(u.bytes - bytes);
		result->records++;
	}
	result->rest = size - result->good;
	free(bytes);
	return rc;
}
