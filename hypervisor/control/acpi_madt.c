/* SPDX-License-Identifier: MIT */
/* acpi_madt.c - ACPI's list of processors and interrupt controllers.
 *
 * Guards: entries are looked at only within the table's checked length, and
 * one that is too short for its kind is skipped; a processor listed twice
 * counts once. Firmware that lies costs us processors, not the machine.
 * Not here: starting them (boot/smp.c), the controllers (cpu/apic.c).
 */
#include "base/string.h"
#include "control/acpi.h"

struct madt {
	struct acpi_table header;
	uint32_t local_apic, flags;
} PACKED;

struct entry { uint8_t type, length; } PACKED;

struct local_apic {
	struct entry e;
	uint8_t processor, id;
	uint32_t flags;
} PACKED;
struct io_apic {
	struct entry e;
	uint8_t id, reserved;
	uint32_t address, first_gsi;
} PACKED;
struct override {
	struct entry e;
	uint8_t bus, irq;
	uint32_t gsi;
	uint16_t flags;
} PACKED;
struct local_x2apic {
	struct entry e;
	uint16_t reserved;
	uint32_t id, flags, processor;
} PACKED;
enum { LOCAL_APIC = 0, IO_APIC = 1, OVERRIDE = 2, LOCAL_X2APIC = 9 };

#define CPU_ENABLED	1u
/* An override's flags: 0 is the bus's own habit (high, edge), else 1 or 3. */
#define POLARITY_LOW	3u
#define TRIGGER_LEVEL	3u
#define IOAPIC_USUAL	0xfec00000U
#define ID_NONE		0xffffffffU	/* and 0xff in the short form: nobody */

/* What the walk collects besides the result. */
struct walk {
	struct acpi_processors *out;
	uint32_t gsi[ISA_LINES];
	uint32_t first_gsi;		/* of the I/O APIC taken so far */
	bool have_ioapic;
};

static void add_processor(struct acpi_processors *out, uint32_t id, uint32_t flags)
{
	if (!(flags & CPU_ENABLED) || id == ID_NONE)
		return;
	for (unsigned i = 0; i < out->cpus; i++)
		if (out->apic_id[i] == id)
			return;
	if (out->cpus == MAX_CPUS)
		out->left_out++;
	else
		out->apic_id[out->cpus++] = id;
}

/* The one with the lowest lines: the ISA bus's. */
static void add_ioapic(struct walk *w, const struct io_apic *a)
{
	if (w->have_ioapic && a->first_gsi >= w->first_gsi)
		return;
	w->have_ioapic = true;
	w->first_gsi = a->first_gsi;
	w->out->ioapic = a->address;
}

static void add_override(struct walk *w, const struct override *o)
{
	if (o->bus || o->irq >= ISA_LINES)
		return;
	w->gsi[o->irq] = o->gsi;
	w->out->isa[o->irq].low = (o->flags & 3) == POLARITY_LOW;
	w->out->isa[o->irq].level = (o->flags >> 2 & 3) == TRIGGER_LEVEL;
}

static void add_entry(struct walk *w, const struct entry *e)
{
	const struct local_apic *a = (const void *)e;
	const struct local_x2apic *x = (const void *)e;

	if (e->type == LOCAL_APIC && e->length >= sizeof(*a))
		add_processor(w->out, a->id == 0xff ? ID_NONE : a->id, a->flags);
	else if (e->type == LOCAL_X2APIC && e->length >= sizeof(*x))
		add_processor(w->out, x->id, x->flags);
	else if (e->type == IO_APIC && e->length >= sizeof(struct io_apic))
		add_ioapic(w, (const void *)e);
	else if (e->type == OVERRIDE && e->length >= sizeof(struct override))
		add_override(w, (const void *)e);
}

bool acpi_find_processors(struct acpi_processors *out)
{
	const struct madt *m = (const void *)acpi_find("APIC");
	struct walk w = { .out = out };
	const uint8_t *p, *end;

	memset(out, 0, sizeof(*out));
	out->ioapic = IOAPIC_USUAL;
	for (unsigned i = 0; i < ISA_LINES; i++)
		w.gsi[i] = i;
	if (m && m->header.length >= sizeof(*m)) {
		p = (const uint8_t *)(m + 1);
		end = (const uint8_t *)m + m->header.length;
		while ((size_t)(end - p) >= sizeof(struct entry)) {
			const struct entry *e = (const void *)p;

			if (e->length < sizeof(*e) || e->length > end - p)
				break;
			add_entry(&w, e);
			p += e->length;
		}
	}
	for (unsigned i = 0; i < ISA_LINES; i++)
		out->isa[i].pin = w.gsi[i] - w.first_gsi;
	return m;
}
