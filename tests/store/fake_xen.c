/* SPDX-License-Identifier: MIT */
/* fake_xen.c - lets Debian's xenstored serve domains that do not exist.
 *
 * Preloaded into Debian's own daemon on the build host. It stands in for
 * libxenctrl, libxenevtchn and libxengnttab with a folder, FAKE_XEN_DIR:
 * `ring-N` is domain N's ring page, and the domain exists as long as the
 * file does; it has shut down once `shutdown-N` exists. Whoever plays a
 * domain writes its port number (uint32_t, the domain's id + 1; 0 for the
 * VIRQ) to the pipe `events`. Notifications to domains are not sent: the
 * player polls its page.
 *
 * The structures are those of Xen 4.17's public library headers.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>

#define PORT_FILE "/proc/xen/xsd_port"
#define PAGE_FILE "/proc/xen/xsd_kva"

static int events = -1;
static int dummy;

static const char *fake_path(char path[256], const char *what, unsigned int n)
{
	const char *dir = getenv("FAKE_XEN_DIR");

	snprintf(path, 256, "%s/%s-%u", dir ? dir : ".", what, n);
	return path;
}

static int fake_open(const char *name, int flags)
{
	char path[256];

	if (!strcmp(name, PAGE_FILE))
		return openat(AT_FDCWD, fake_path(path, "ring", 0), O_RDWR);
	if (!strcmp(name, PORT_FILE))
		return openat(AT_FDCWD, fake_path(path, "port", 0), O_RDONLY);
	return openat(AT_FDCWD, name, flags, 0666);
}

int open(const char *name, int flags, ...)
{
	return fake_open(name, flags);
}

int open64(const char *name, int flags, ...)
{
	return fake_open(name, flags);
}

static int exists(const char *what, unsigned int n)
{
	char path[256];

	return access(fake_path(path, what, n), F_OK) == 0;
}

xc_interface *xc_interface_open(xentoollog_logger *logger,
				xentoollog_logger *dombuild, unsigned flags)
{
	return (xc_interface *)&dummy;
}

int xc_interface_close(xc_interface *xch)
{
	return 0;
}

/* Like the hypervisor's: the first domain with this id or a higher one. */
int xc_domain_getinfo(xc_interface *xch, uint32_t first, unsigned int max,
		      xc_dominfo_t *info)
{
	int found = 0;

	for (unsigned int n = first; n < 256 && (unsigned int)found < max; n++) {
		if (!exists("ring", n))
			continue;
		memset(&info[found], 0, sizeof(info[found]));
		info[found].domid = n;
		info[found].shutdown = exists("shutdown", n);
		found++;
	}
	if (!found)
		errno = ESRCH;
	return found ? found : -1;
}

static int events_fd(void)
{
	char path[256];
	const char *dir = getenv("FAKE_XEN_DIR");

	if (events < 0) {
		snprintf(path, sizeof(path), "%s/events", dir ? dir : ".");
		mkfifo(path, 0600);
		events = openat(AT_FDCWD, path, O_RDWR | O_NONBLOCK);
	}
	return events;
}

xenevtchn_handle *xenevtchn_open(xentoollog_logger *logger, unsigned int flags)
{
	return (xenevtchn_handle *)&dummy;
}

xenevtchn_handle *xenevtchn_fdopen(xentoollog_logger *logger, int fd,
				   unsigned int flags)
{
	return (xenevtchn_handle *)&dummy;
}

int xenevtchn_fd(xenevtchn_handle *xce)
{
	return events_fd();
}

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
	return 0;
}

xenevtchn_port_or_error_t
xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
			   evtchn_port_t remote_port)
{
	return (int)domid + 1;
}

xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce,
					      unsigned int virq)
{
	return 1000;
}

int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port)
{
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce)
{
	uint32_t port;

	if (read(events_fd(), &port, sizeof(port)) != sizeof(port))
		return -1;
	return port ? (int)port : 1000;
}

int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
	return 0;
}

xengnttab_handle *xengnttab_open(xentoollog_logger *logger, unsigned flags)
{
	return (xengnttab_handle *)&dummy;
}

int xengnttab_close(xengnttab_handle *xgt)
{
	return 0;
}

int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t nr)
{
	return 0;
}

void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid,
			      uint32_t ref, int prot)
{
	char path[256];
	int fd = openat(AT_FDCWD, fake_path(path, "ring", domid), O_RDWR);
	void *page;

	if (fd < 0)
		return NULL;
	page = mmap(NULL, 4096, prot, MAP_SHARED, fd, 0);
	close(fd);
	return page == MAP_FAILED ? NULL : page;
}

int xengnttab_unmap(xengnttab_handle *xgt, void *start, uint32_t count)
{
	return munmap(start, 4096);
}
