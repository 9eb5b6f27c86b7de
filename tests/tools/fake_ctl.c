/* SPDX-License-Identifier: MIT */
/* fake_ctl.c - a hypervisor of a few megabytes, for the domain builder. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fake_ctl.h"

struct fake_machine *fake_state;

static void *shared_memory(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

void fake_reset(uint64_t frames)
{
	uint8_t *memory;

	if (!fake_state) {
		fake_state = shared_memory(sizeof(fake));
		fake.memory = shared_memory(FAKE_FRAMES * FRAME_SIZE);
	}
	memory = fake.memory;
	memset(&fake, 0, sizeof(fake));
	fake.memory = memory;
	/* what earlier owners left */
	memset(fake.memory, 0xee, FAKE_FRAMES * FRAME_SIZE);
	memset(fake_frame(FAKE_GRANTS), 0, FRAME_SIZE);
	fake.free_frames = frames;
	fake.claimed_free = frames;
	fake.fail = -1;
	fake.share.weight = 256;
}

uint8_t *fake_frame(uint64_t mfn)
{
	if (mfn >= FAKE_FRAMES)
		abort();
	return fake.memory + mfn * FRAME_SIZE;
}

/* A permutation: an odd factor modulo a power of two. */
uint64_t fake_mfn(uint64_t index)
{
	return (index * 2741 + 99) % FAKE_FRAMES;
}

static bool fails(void)
{
	return fake.calls++ == fake.fail;
}

int ctl_physinfo(struct ctl *c, struct xen_sysctl_physinfo *info)
{
	if (fails())
		return fake.error;
	memset(info, 0, sizeof(*info));
	info->free_pages = fake.claimed_free;
	info->nr_cpus = FAKE_CPUS;
	info->max_cpu_id = FAKE_CPUS - 1;
	return 0;
}

int ctl_domain_share(struct ctl *c, domid_t id,
		     struct xen_domctl_sched_credit2 *share)
{
	*share = fake.share;
	return fails() ? fake.error : 0;
}

int ctl_domain_set_share(struct ctl *c, domid_t id,
			 const struct xen_domctl_sched_credit2 *share)
{
	fake.share = *share;
	return fails() ? fake.error : 0;
}

int ctl_domain_set_tsc_mode(struct ctl *c, domid_t id, uint32_t mode)
{
	fake.tsc_mode = mode;
	return fails() ? fake.error : 0;
}

int ctl_vcpu_pin(struct ctl *c, domid_t id, uint32_t vcpu,
		 const struct cpu_set *hard, const struct cpu_set *soft,
		 bool force)
{
	if (vcpu >= fake.vcpus)
		return -EINVAL;
	if (hard)
		fake.hard[vcpu] = *hard;
	if (soft)
		fake.soft[vcpu] = *soft;
	return fails() ? fake.error : 0;
}

int ctl_version_field(struct ctl *c, unsigned int command, void *out,
		      size_t size)
{
	struct xen_feature_info *info = out;

	if (fails())
		return fake.error;
	info->submap = fake.features;
	return 0;
}

int ctl_domain_create(struct ctl *c, const struct ctl_domain_limits *limits)
{
	if (fails())
		return fake.error;
	fake.exists = true;
	fake.flags = XEN_DOMINF_paused;
	memcpy(fake.handle, limits->handle, sizeof(fake.handle));
	fake.vcpus = limits->vcpus;
	fake.event_channels = limits->event_channels;
	return FAKE_DOMID;
}

int ctl_domain_destroy(struct ctl *c, domid_t id)
{
	if (!fake.exists || id != FAKE_DOMID || fake.mappings)
		abort();
	if (fake.lingers) {
		fake.flags |= XEN_DOMINF_dying;
		return 0;
	}
	fake.exists = false;
	for (unsigned int i = 0; i < FAKE_FRAMES; i++) {
		fake.free_frames += fake.owner[i] != 0;
		fake.owner[i] = 0;
	}
	return 0;
}

int ctl_domain_max_mem(struct ctl *c, domid_t id, uint64_t kib)
{
	fake.max_kib = kib;
	return fails() ? fake.error : 0;
}

int ctl_memory_set_map(struct ctl *c, domid_t id, uint64_t bytes)
{
	fake.map_bytes = bytes;
	return fails() ? fake.error : 0;
}

int64_t ctl_memory_populate(struct ctl *c, domid_t id, uint64_t first,
			    uint64_t count, uint64_t *mfns)
{
	uint64_t i;

	if (fails())
		return fake.error;
	for (i = 0; i < count && fake.free_frames; i++) {
		mfns[i] = fake_mfn(first + i);
		fake.owner[mfns[i]] = id;
		fake.free_frames--;
	}
	return (int64_t)i;
}

int ctl_domain_alloc_port(struct ctl *c, domid_t id)
{
	return fails() ? fake.error : ++fake.ports;
}

int ctl_domain_info(struct ctl *c, domid_t id,
		    struct xen_domctl_getdomaininfo *info)
{
	if (fails())
		return fake.error;
	if (id != 0 && (id != FAKE_DOMID || !fake.exists))
		return -ESRCH;
	memset(info, 0, sizeof(*info));
	info->domain = id;
	if (id == 0)
		return 0;
	info->flags = fake.flags;
	memcpy(info->handle, fake.handle, sizeof(fake.handle));
	info->shared_info_frame = FAKE_SHARED_INFO;
	return 0;
}

int ctl_domain_list(struct ctl *c, domid_t first,
		    struct xen_domctl_getdomaininfo *list, unsigned int room)
{
	int calls = fake.calls, count = 0;

	/* a question, not a step of anything: it never fails */
	if (first == 0)
		count += !ctl_domain_info(c, 0, &list[count]);
	if (first <= FAKE_DOMID)
		count += !ctl_domain_info(c, FAKE_DOMID, &list[count]);
	fake.calls = calls;
	return count;
}

int ctl_domain_pause(struct ctl *c, domid_t id)
{
	fake.flags |= XEN_DOMINF_paused;
	return fake.pauses_full ? -EOVERFLOW : 0;
}

int ctl_domain_unpause(struct ctl *c, domid_t id)
{
	if (fails())
		return fake.error;
	fake.flags &= ~XEN_DOMINF_paused;
	return 0;
}

int ctl_open(struct ctl **out, struct reason *why)
{
	*out = NULL;
	return 0;
}

/* A single frame is mapped as it is. Several are copied, and written back when
 * they are unmapped: the frames are not next to each other. */
struct mapping {
	struct mapping *next;
	void *address;
	size_t count;
	uint64_t mfns[];
};

static struct mapping *mappings;

void *ctl_foreign_map(struct ctl *c, domid_t id, const uint64_t *mfns,
		      size_t count, int *errors)
{
	struct mapping *m;

	errno = -fake.error;
	if (fails())
		return NULL;
	if (count == 1) {
		fake.mappings++;
		return fake_frame(mfns[0]);
	}
	m = malloc(sizeof(*m) + count * sizeof(m->mfns[0]));
	m->address = malloc(count * FRAME_SIZE);
	m->count = count;
	memcpy(m->mfns, mfns, count * sizeof(mfns[0]));
	for (size_t i = 0; i < count; i++)
		memcpy((uint8_t *)m->address + i * FRAME_SIZE,
		       fake_frame(mfns[i]), FRAME_SIZE);
	m->next = mappings;
	mappings = m;
	fake.mappings++;
	return m->address;
}

void ctl_foreign_unmap(struct ctl *c, void *address, size_t count)
{
	struct mapping **link = &mappings;
	struct mapping *m;

	if (!address)
		return;
	if (count == 1) {
		fake.mappings--;
		return;
	}
	while ((*link)->address != address)
		link = &(*link)->next;
	m = *link;
	*link = m->next;
	for (size_t i = 0; i < m->count; i++)
		memcpy(fake_frame(m->mfns[i]),
		       (uint8_t *)m->address + i * FRAME_SIZE, FRAME_SIZE);
	free(m->address);
	free(m);
	fake.mappings--;
}

struct grant_entry_v1 *ctl_grant_table_map(struct ctl *c, domid_t id)
{
	errno = fake.no_grants ? ENOTTY : -fake.error;
	if (fails() || fake.no_grants)
		return NULL;
	fake.mappings++;
	return (struct grant_entry_v1 *)fake_frame(FAKE_GRANTS);
}

int ctl_domain_hypercall_page(struct ctl *c, domid_t id, uint64_t mfn)
{
	fake.hypercall_mfn = mfn;
	return fails() ? fake.error : 0;
}

int ctl_memory_pin_l4(struct ctl *c, domid_t id, uint64_t mfn)
{
	/* a table that is mapped writable anywhere cannot be pinned */
	if (fake.mappings)
		return -EINVAL;
	fake.pinned_mfn = mfn;
	return fails() ? fake.error : 0;
}

int ctl_domain_set_context(struct ctl *c, domid_t id, uint32_t vcpu,
			   const struct vcpu_guest_context *context)
{
	fake.context = *context;
	return fails() ? fake.error : 0;
}
