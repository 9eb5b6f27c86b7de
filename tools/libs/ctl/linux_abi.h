/* SPDX-License-Identifier: MIT */
/* linux_abi.h - the ioctls of /dev/xen/privcmd, evtchn and gntdev.
 *
 * Linux's user ABI, which our control-domain kernel offers too. Numbers are
 * _IOC(none, letter, number, size) although the structures carry data both
 * ways: that is how the ABI spells them.
 */
#ifndef TOOLS_CTL_LINUX_ABI_H
#define TOOLS_CTL_LINUX_ABI_H

#include <stdint.h>
#include <sys/ioctl.h>
#include <xen/xen.h>

struct privcmd_hypercall {
	uint64_t op;
	uint64_t arg[5];
};

/* Maps `count` frames of `domain` at `address`, which lies in a mapping of
 * the device; `errors` gets 0 or a negative errno for each frame. */
struct privcmd_mmap_batch {
	uint32_t count;
	domid_t domain;
	uint64_t address;
	const uint64_t *frames;
	int *errors;
};

/* Maps `count` frames of a resource of `domain` at `address`. */
struct privcmd_mmap_resource {
	domid_t domain;
	uint32_t type;
	uint32_t id;
	uint32_t index;
	uint64_t count;
	uint64_t address;
};

#define PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))
#define PRIVCMD_MMAPBATCH_V2 _IOC(_IOC_NONE, 'P', 4, sizeof(struct privcmd_mmap_batch))
#define PRIVCMD_MMAP_RESOURCE _IOC(_IOC_NONE, 'P', 7, sizeof(struct privcmd_mmap_resource))

struct evtchn_bind_interdomain_request {
	uint32_t remote_domain;
	uint32_t remote_port;
};

#define EVTCHN_BIND_VIRQ _IOC(_IOC_NONE, 'E', 0, sizeof(uint32_t))
#define EVTCHN_BIND_INTERDOMAIN \
	_IOC(_IOC_NONE, 'E', 1, sizeof(struct evtchn_bind_interdomain_request))
#define EVTCHN_UNBIND _IOC(_IOC_NONE, 'E', 3, sizeof(uint32_t))
#define EVTCHN_NOTIFY _IOC(_IOC_NONE, 'E', 4, sizeof(uint32_t))

/* Makes room for mappings of `count` grants; `offset` is where mmap finds
 * them. */
struct gntdev_map_request {
	uint32_t count;
	uint32_t padding;
	uint64_t offset;
	struct {
		uint32_t domain;
		uint32_t reference;
	} grants[1];
};

struct gntdev_unmap_request {
	uint64_t offset;
	uint32_t count;
	uint32_t padding;
};

#define GNTDEV_MAP _IOC(_IOC_NONE, 'G', 0, sizeof(struct gntdev_map_request))
#define GNTDEV_UNMAP _IOC(_IOC_NONE, 'G', 1, sizeof(struct gntdev_unmap_request))

#endif
