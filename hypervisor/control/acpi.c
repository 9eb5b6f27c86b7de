/* SPDX-License-Identifier: MIT */
/* acpi.c - finding ACPI's tables, and power-off and reset in them.
 *
 * Guards: every table is looked at only within its checked length and only
 * where the direct map reaches; firmware that lies costs us the feature,
 * not the machine. `_S5_` is found by scanning the DSDT for its name and
 * package, since nothing else here would need an interpreter.
 * Not here: using what was found (poweroff.c), processors (acpi_madt.c).
 */
#include "base/string.h"
#include "control/acpi.h"

struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;		/* revision 2 from here */
	uint64_t xsdt;
	uint8_t extended_checksum, reserved[3];
} PACKED;
#define RSDP_V1_SIZE	20

/* Offsets in the FADT. */
#define FADT_DSDT		40
#define FADT_SMI_COMMAND	48
#define FADT_ACPI_ENABLE	52
#define FADT_PM1A_CONTROL	64
#define FADT_PM1B_CONTROL	68
#define FADT_FLAGS		112
#define FADT_RESET_REGISTER	116
#define FADT_RESET_VALUE	128
#define FADT_X_DSDT		140
#define FLAG_RESET_SUPPORTED	(1u << 10)
#define SPACE_IO		1

#define TABLE_MAX	0x400000U	/* no table of use is larger */
#define EBDA_POINTER	0x40e
#define BIOS_START	0xe0000
#define BIOS_END	0x100000

#define AML_ZERO	0x00
#define AML_ONE		0x01
#define AML_NAME	0x08
#define AML_BYTE	0x0a
#define AML_PACKAGE	0x12

static bool checksum_ok(const void *p, size_t n)
{
	const uint8_t *b = p;
	uint8_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + b[i]);
	return !sum;
}

/* The whole table at a machine address, or NULL. */
static const struct acpi_table *table_at(uint64_t addr)
{
	const struct acpi_table *t = acpi_map(addr, sizeof(*t));

	if (!t || t->length < sizeof(*t) || t->length > TABLE_MAX)
		return NULL;
	t = acpi_map(addr, t->length);
	return t && checksum_ok(t, t->length) ? t : NULL;
}

static bool is_rsdp(uint64_t addr)
{
	const struct rsdp *r = acpi_map(addr, sizeof(*r));

	return r && !memcmp(r->signature, "RSD PTR ", 8) && checksum_ok(r, RSDP_V1_SIZE);
}

/* Page by page: to ask for every place it may be at takes longer than all the
 * rest of boot's reading. */
static const struct rsdp *rsdp_in(uint64_t start, uint64_t end)
{
	while (start < end) {
		uint64_t stop = MIN(end, ROUND_DOWN(start, PAGE_SIZE) + PAGE_SIZE);
		const char *p = acpi_map(start, stop - start);

		for (; p && start < stop; start += 16, p += 16)
			if (*p == 'R' && is_rsdp(start))
				return acpi_map(start, sizeof(struct rsdp));
		start = stop;
	}
	return NULL;
}

static const struct rsdp *find_rsdp(void)
{
	const uint16_t *segment = acpi_map(EBDA_POINTER, sizeof(*segment));
	const struct rsdp *r = NULL;

	if (segment && *segment)
		r = rsdp_in((uint64_t)*segment << 4, ((uint64_t)*segment << 4) + 1024);
	return r ? r : rsdp_in(BIOS_START, BIOS_END);
}

/* Entry i of the list at the root: 4 bytes each in an RSDT, 8 in an XSDT. */
static const struct acpi_table *root_entry(const struct acpi_table *root,
					     size_t width, size_t i)
{
	uint64_t addr = 0;

	memcpy(&addr, (const uint8_t *)(root + 1) + i * width, width);
	return table_at(addr);
}

const struct acpi_table *acpi_find(const char signature[4])
{
	const struct rsdp *r = find_rsdp();
	const struct acpi_table *root = NULL;
	size_t width = 8, n;

	if (!r)
		return NULL;
	if (r->revision >= 2)
		root = table_at(r->xsdt);
	if (!root) {
		root = table_at(r->rsdt);
		width = 4;
	}
	if (!root)
		return NULL;
	n = (root->length - sizeof(*root)) / width;
	for (size_t i = 0; i < n; i++) {
		const struct acpi_table *t = root_entry(root, width, i);

		if (t && !memcmp(t->signature, signature, 4))
			return t;
	}
	return NULL;
}

/* `n` bytes of a table as a number, 0 beyond its end. */
static uint64_t field(const struct acpi_table *t, size_t offset, size_t n)
{
	uint64_t v = 0;

	if (offset + n <= t->length)
		memcpy(&v, (const uint8_t *)t + offset, n);
	return v;
}

/* One element of the package: a small constant. */
static const uint8_t *aml_constant(const uint8_t *p, const uint8_t *end, uint8_t *v)
{
	if (p < end && (*p == AML_ZERO || *p == AML_ONE)) {
		*v = *p;
		return p + 1;
	}
	if (p + 1 < end && *p == AML_BYTE) {
		*v = p[1];
		return p + 2;
	}
	return NULL;
}

/* Name (_S5_, Package () { a, b, ... }) */
bool acpi_find_s5(const uint8_t *aml, size_t length, uint8_t type[2])
{
	const uint8_t *end = aml + length;

	for (const uint8_t *p = aml + 2; p + 8 < end; p++) {
		const uint8_t *q = p + 5;

		if (memcmp(p, "_S5_", 4) || p[4] != AML_PACKAGE)
			continue;
		if (p[-1] != AML_NAME && !(p[-1] == '\\' && p[-2] == AML_NAME))
			continue;
		q += 1 + (*q >> 6);	/* package length: 1 to 4 bytes */
		q++;			/* number of elements */
		q = aml_constant(q, end, &type[0]);
		if (q && aml_constant(q, end, &type[1]))
			return true;
	}
	return false;
}

bool acpi_find_power(struct acpi_power *out)
{
	const struct acpi_table *fadt = acpi_find("FACP"), *dsdt = NULL;

	*out = (struct acpi_power){ 0 };
	if (!fadt)
		return false;
	out->pm1a = (uint16_t)field(fadt, FADT_PM1A_CONTROL, 4);
	out->pm1b = (uint16_t)field(fadt, FADT_PM1B_CONTROL, 4);
	out->smi_command = (uint16_t)field(fadt, FADT_SMI_COMMAND, 4);
	out->acpi_enable = (uint8_t)field(fadt, FADT_ACPI_ENABLE, 1);
	if (field(fadt, FADT_FLAGS, 4) & FLAG_RESET_SUPPORTED &&
	    field(fadt, FADT_RESET_REGISTER, 1) == SPACE_IO) {
		out->reset_port = (uint16_t)field(fadt, FADT_RESET_REGISTER + 4, 8);
		out->reset_value = (uint8_t)field(fadt, FADT_RESET_VALUE, 1);
	}
	if (field(fadt, FADT_X_DSDT, 8))
		dsdt = table_at(field(fadt, FADT_X_DSDT, 8));
	if (!dsdt)
		dsdt = table_at(field(fadt, FADT_DSDT, 4));
	out->s5_known = dsdt && out->pm1a &&
			acpi_find_s5((const uint8_t *)(dsdt + 1),
				     dsdt->length - sizeof(*dsdt), out->s5_type);
	return true;
}
