/* SPDX-License-Identifier: MIT */
/* teardown.c - every frame of a dying domain goes back.
 *
 * Guards: a frame is freed only when nothing refers to it; what others still
 * map stays the dying domain's until they let go.
 * Restartable: roots first, then one walk of the frame list, each visited
 * frame moved behind the others, so the walk ends after as many steps as
 * there were frames. Others may let go of frames meanwhile, and take new
 * mappings of them; new frames and pins are refused (owner.c, roots.c).
 */
#include "base/errno.h"
#include "base/log.h"
#include "mm/map.h"
#include "mm/roots.h"

/* Budget units of a frame's return; of a vCPU's descriptor tables. */
#define FRAME_UNITS	7
#define VCPU_UNITS	100

/* mm_domain.teardown_step */
enum { STEP_VCPUS, STEP_FRAMES, STEP_DONE };

static int drop_roots(struct vcpu *v)
{
	int rc = finish_dropping(v);
	mfn_t *root;

	while (!rc) {
		if (!mfn_eq(v->mm.kernel_root, MFN_NONE))
			root = &v->mm.kernel_root;
		else if (!mfn_eq(v->mm.user_root, MFN_NONE))
			root = &v->mm.user_root;
		else
			return 0;
		v->mm.dropping = *root;
		*root = MFN_NONE;
		v->mm.cr3_kernel = mfn_eq(v->mm.kernel_root, MFN_NONE) ? 0 : v->mm.cr3_kernel;
		v->mm.cr3_user = mfn_eq(v->mm.user_root, MFN_NONE) ? 0 : v->mm.cr3_user;
		rc = finish_dropping(v);
	}
	return rc;
}

static int drop_vcpus(struct domain *d)
{
	for (; d->mm.teardown_left < MAX_VCPUS; d->mm.teardown_left++) {
		struct vcpu *v = d->vcpu[d->mm.teardown_left];

		if (!v)
			continue;
		if (!budget_left(VCPU_UNITS) || drop_roots(v))
			return -ERESTART;
		mm_vcpu_drop(v);
	}
	return 0;
}

/* The reference that a pin or a half-validated table holds on itself. Its
 * flag goes with it: once the count is zero, the record may be others'. */
static int drop_self(struct frame *f)
{
	if (!(f->use & (USE_PINNED | USE_SELF)) || !type_is_table(use_type(f->use)))
		return 0;
	if ((f->use & USE_COUNT) > 1) {
		f->use = (f->use & ~(USE_PINNED | USE_SELF)) - 1;
	} else {
		if (f->use & USE_PINNED)
			f->use = (f->use & ~USE_PINNED) | USE_SELF;
		if (type_put(f))
			return -ERESTART;
	}
	frame_put(f);
	return 0;
}

static int drop_frame(struct domain *d, struct frame *f)
{
	int rc;

	if (!frame_get(f, d->mm.slot))
		return 0;
	spin_lock(&d->mm.pt_lock);
	rc = drop_self(f);
	spin_unlock(&d->mm.pt_lock);
	if (rc)
		domain_frame_first(d, f);
	else
		(void)frame_disown(f);
	frame_put(f);
	return rc;
}

static int drop_frames(struct domain *d)
{
	while (d->mm.teardown_left) {
		struct frame *f = domain_frame_rotate(d);

		if (!f)
			break;
		if (drop_frame(d, f))
			return -ERESTART;
		d->mm.teardown_left--;
		if (!budget_left(FRAME_UNITS) && d->mm.teardown_left)
			return -ERESTART;
	}
	return 0;
}

int mm_domain_teardown(struct domain *d)
{
	int rc = 0;

	if (d->mm.teardown_step == STEP_VCPUS) {
		rc = drop_vcpus(d);
		if (rc)
			return rc;
		/* What gets into the list after this does so no more: owner.c. */
		spin_lock(&d->mm.list_lock);
		d->mm.teardown_left = d->mm.frames;
		spin_unlock(&d->mm.list_lock);
		d->mm.teardown_step = STEP_FRAMES;
	}
	if (d->mm.teardown_step == STEP_FRAMES) {
		rc = drop_frames(d);
		if (!rc)
			d->mm.teardown_step = STEP_DONE;
	}
	return rc;
}
