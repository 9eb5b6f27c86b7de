/* SPDX-License-Identifier: MIT */
/* fake_hv.c - hv.h without a hypervisor: domains are files in a folder.
 *
 * The folder is FAKE_XEN_DIR, with the same files as fake_xen.c has for
 * Debian's daemon: `ring-N` is domain N's ring page, and the domain lives as
 * long as the file does; it has shut down once `shutdown-N` exists. Whoever
 * plays a domain writes its port (uint32_t, the domain's id + 1; 0 when a
 * domain came to its end) to the pipe `events`. Its page survives the daemon,
 * as a real one does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hv.h"

#define PAGE_BYTES 4096

struct hv {
	const char *folder;
	int events;
};

static void file_path(const struct hv *hv, char path[256], const char *what,
		      uint32_t id)
{
	snprintf(path, 256, "%s/%s-%u", hv->folder, what, id);
}

struct hv *hv_open(struct reason *why)
{
	struct hv *hv = calloc(1, sizeof(*hv));
	char path[256];

	if (!hv || !getenv("FAKE_XEN_DIR")) {
		refuse(why, -ENODEV, "FAKE_XEN_DIR names no folder");
		free(hv);
		return NULL;
	}
	hv->folder = getenv("FAKE_XEN_DIR");
	snprintf(path, sizeof(path), "%s/events", hv->folder);
	mkfifo(path, 0600);
	hv->events = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return hv;
}

void hv_close(struct hv *hv)
{
	if (!hv)
		return;
	close(hv->events);
	free(hv);
}

struct hv_domain hv_domain(struct hv *hv, uint32_t id)
{
	struct hv_domain state = { 0 };
	char path[256];
	struct stat st;

	file_path(hv, path, "ring", id);
	if (stat(path, &st) < 0)
		return state;
	state.alive = true;
	memcpy(state.handle, &st.st_ino, sizeof(st.st_ino));
	file_path(hv, path, "shutdown", id);
	state.shutdown = access(path, F_OK) == 0;
	return state;
}

void hv_look(struct hv *hv)
{
	(void)hv;
}

struct hv_domain hv_seen(struct hv *hv, uint32_t id)
{
	return hv_domain(hv, id);
}

struct xenstore_domain_interface *hv_map(struct hv *hv, uint32_t id,
					 uint64_t gfn, uint32_t *port)
{
	char path[256];
	void *page;
	int fd;

	file_path(hv, path, "ring", id);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
	close(fd);
	return page == MAP_FAILED ? NULL : page;
}

void hv_unmap(struct hv *hv, struct xenstore_domain_interface *page)
{
	munmap(page, PAGE_BYTES);
}

int hv_bind(struct hv *hv, uint32_t id, uint32_t remote_port)
{
	return (int)id + 1;
}

void hv_unbind(struct hv *hv, int port)
{
}

void hv_notify(struct hv *hv, int port)
{
}

int hv_fd(struct hv *hv)
{
	return hv->events;
}

int hv_next(struct hv *hv)
{
	uint32_t port;

	if (read(hv->events, &port, sizeof(port)) != sizeof(port))
		return -EAGAIN;
	return port ? (int)port : HV_DOMAINS;
}
