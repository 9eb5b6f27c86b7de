/* SPDX-License-Identifier: MIT */
/* test_calls.c - hypercalls in words: whatever a guest put into its registers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/errno.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "calls/calls.h"
#include "cmocka_all.h"
#include "strace.h"

static struct paravane_trace_record one(uint32_t call, uint64_t a, uint64_t b,
					uint64_t c, uint64_t d)
{
	return (struct paravane_trace_record){
		.call = call, .arg = { a, b, c, d },
	};
}

/* The same with what its pointer points to. */
static struct paravane_trace_record with(struct paravane_trace_record r,
					 const void *item, size_t size)
{
	memcpy(r.item, item, size < sizeof(r.item) ? size : sizeof(r.item));
	r.flags = PARAVANE_TRACE_ITEM;
	return r;
}

static void expect(struct paravane_trace_record r, const char *text)
{
	char said[CALL_TEXT_ROOM];

	record_call(&r, said);
	assert_string_equal(said, text);
}

static void registers_have_names(void **state)
{
	expect(one(__HYPERVISOR_update_va_mapping, 0x1000, 0x67, 6, 0),
	       "update_va_mapping(0x1000, 0x67, UVMF_INVLPG|UVMF_ALL)");
	expect(one(__HYPERVISOR_update_va_mapping, 0, 0, 0x5008 | 3, 0),
	       "update_va_mapping(0, 0, 3|0x5008)");
	expect(one(__HYPERVISOR_set_segment_base, 2, 0x7000, 0, 0),
	       "set_segment_base(SEGBASE_GS_KERNEL, 0x7000)");
	expect(one(__HYPERVISOR_set_segment_base, 9, 0, 0, 0),
	       "set_segment_base(9, 0)");
	expect(one(__HYPERVISOR_vm_assist, 1, 32, 0, 0),
	       "vm_assist(disable, m2p_strict)");
	expect(one(__HYPERVISOR_vm_assist, 0, 31, 0, 0), "vm_assist(enable, 31)");
	expect(one(__HYPERVISOR_iret, 1, 2, 3, 4), "iret()");
	expect(one(__HYPERVISOR_mmu_update, 0, 3, 0x9000, DOMID_IO),
	       "mmu_update(NULL, 3, 0x9000, DOMID_IO)");
	expect(one(__HYPERVISOR_mmu_update, 0x8000, 1, 0, 7),
	       "mmu_update(0x8000, 1, NULL, 7)");
	expect(one(__HYPERVISOR_mmu_update, 0, 0, 0, 0x57ff0),
	       "mmu_update(NULL, 0, NULL, 0x57ff0)");
	expect(one(60, 1, 2, 3, 0), "call 60(0x1, 0x2, 0x3, 0)");
}

static void structures_have_members(void **state)
{
	struct evtchn_bind_virq virq = { .virq = 3, .vcpu = 1, .port = 9 };
	struct vcpu_set_singleshot_timer timer = { 123456789012, 1 };
	struct gnttab_map_grant_ref map = { .host_addr = 0x5000, .flags = 2,
					    .ref = 8, .dom = 1, .status = -3 };
	struct xen_memory_reservation r = { .nr_extents = 512, .extent_order = 0,
					    .domid = DOMID_SELF };

	expect(with(one(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, 0x10,
			0, 0), &virq, sizeof(virq)),
	       "event_channel_op(EVTCHNOP_bind_virq, {virq=3, vcpu=1, port=9})");
	expect(with(one(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 2, 0x10,
			0), &timer, sizeof(timer)),
	       "vcpu_op(VCPUOP_set_singleshot_timer, 2, "
	       "{timeout_abs_ns=123456789012, flags=0x1})");
	expect(with(one(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, 0x10,
			2, 0), &map, sizeof(map)),
	       "grant_table_op(GNTTABOP_map_grant_ref, [{host_addr=0x5000, "
	       "flags=0x2, ref=8, dom=1, status=-3, handle=0}, ...], 2)");
	expect(with(one(__HYPERVISOR_memory_op,
			XENMEM_decrease_reservation | 5 << 6, 0x10, 0, 0),
		    &r, sizeof(r)),
	       "memory_op(XENMEM_decrease_reservation, {nr_extents=512, "
	       "extent_order=0, domid=DOMID_SELF})");
	/* one whose members nobody wrote down; and one that could not be read */
	expect(with(one(__HYPERVISOR_xen_version, 5, 0x10, 0, 0), "x", 1),
	       "xen_version(XENVER_platform_parameters, 0x10)");
	expect(one(__HYPERVISOR_event_channel_op, EVTCHNOP_send, 0x10, 0, 0),
	       "event_channel_op(EVTCHNOP_send, 0x10)");
	expect(one(__HYPERVISOR_event_channel_op, 1000, 0x10, 0, 0),
	       "event_channel_op(command 1000, 0x10)");
}

static void lists_show_what_is_known(void **state)
{
	struct mmu_update two[2] = {
		{ 0x5000 | MMU_PT_UPDATE_PRESERVE_AD, 0x67 },
		{ 0x6008 | MMU_MACHPHYS_UPDATE, 5 },
	};
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = 0x99 };
	struct mmuext_op flush = { .cmd = MMUEXT_TLB_FLUSH_ALL };
	struct mmuext_op odd = { .cmd = 99 };

	expect(with(one(__HYPERVISOR_mmu_update, 0x10, 2, 0, DOMID_SELF), two,
		    sizeof(two)),
	       "mmu_update([{MMU_PT_UPDATE_PRESERVE_AD, ptr=0x5002, val=0x67}, "
	       "{MMU_MACHPHYS_UPDATE, ptr=0x6009, val=0x5}], 2, NULL, DOMID_SELF)");
	/* the length as a call that goes on has it */
	expect(with(one(__HYPERVISOR_mmuext_op, 0x10, 0x80000003, 0, DOMID_SELF),
		    &pin, sizeof(pin)),
	       "mmuext_op([{MMUEXT_PIN_L4_TABLE, mfn=0x99}, ...], 3, NULL, "
	       "DOMID_SELF)");
	expect(with(one(__HYPERVISOR_mmuext_op, 0x10, 1, 0, DOMID_SELF), &flush,
		    sizeof(flush)),
	       "mmuext_op([{MMUEXT_TLB_FLUSH_ALL}], 1, NULL, DOMID_SELF)");
	expect(with(one(__HYPERVISOR_mmuext_op, 0x10, 1, 0, DOMID_SELF), &odd,
		    sizeof(odd)),
	       "mmuext_op([{command 99}], 1, NULL, DOMID_SELF)");
	expect(with(one(__HYPERVISOR_mmuext_op, 0x10, 0, 0, DOMID_SELF), &odd,
		    sizeof(odd)),
	       "mmuext_op(0x10, 0, NULL, DOMID_SELF)");
}

static void text_is_printable(void **state)
{
	char said[] = "a\n\"\\\x1b\xff" "bcdefghijklmnopqrstuvwxyz";

	expect(with(one(__HYPERVISOR_console_io, 0, 6, 0x10, 0), said,
		    sizeof(said)),
	       "console_io(CONSOLEIO_write, 6, \"a\\n\\\"\\\\\\x1b\\xff\")");
	expect(with(one(__HYPERVISOR_console_io, 0, 100, 0x10, 0), said, 32),
	       "console_io(CONSOLEIO_write, 100, "
	       "\"a\\n\\\"\\\\\\x1b\\xff" "bcdefghijklmnopqrstuvwxyz\\x00\"...)");
}

static void results_have_names(void **state)
{
	static const struct {
		int64_t result;
		const char *text;
		bool failed;
	} rows[] = {
		{ 0, "0", false },
		{ 65535, "65535", false },
		{ 0x40011, "0x40011", false },
		{ -XEN_EINVAL, "-EINVAL", true },
		{ -XEN_ENOSYS, "-ENOSYS", true },
		{ -4000, "-4000", true },
		{ -4096, "0xfffffffffffff000", false },
		{ -XEN_ERESTART, "?", false },
		{ (int64_t)PARAVANE_TRACE_NONE, "?", false },
	};
	char text[CALL_RESULT_ROOM];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct paravane_trace_record r = {
			.result = (uint64_t)rows[i].result,
		};

		record_result(&r, text);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(record_failed(&r), rows[i].failed);
	}
}

/* Each row of hypercalls.def is known here, by as many letters as it has
 * arguments: the text has a comma less. */
static void every_call_has_its_arguments(void **state)
{
	static const struct {
		uint32_t number;
		const char *name;
		unsigned int arguments;
	} calls[] = {
#define HYPERCALL(number, name, front, arguments, caller, purpose) \
		{ number, #name, arguments },
#include <abi/hypercalls.def>
	};
	char text[CALL_TEXT_ROOM];

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct paravane_trace_record r = one(calls[i].number, 0, 0, 0, 0);
		unsigned int commas = 0;

		record_call(&r, text);
		assert_memory_equal(text, calls[i].name, strlen(calls[i].name));
		for (const char *at = text; *at; at++)
			commas += *at == ',';
		if (calls[i].arguments)
			assert_int_equal(commas + 1, calls[i].arguments);
		else
			assert_non_null(strstr(text, "()"));
	}
}

/* Noise in every field: the sanitizers watch. */
static void noise_stays_within_its_room(void **state)
{
	char text[CALL_TEXT_ROOM], name[CALL_NAME_ROOM], command[CALL_NAME_ROOM];
	struct paravane_trace_record r;
	uint8_t *bytes = (uint8_t *)&r;

	srand(1);
	for (unsigned int i = 0; i < 200000; i++) {
		for (size_t n = 0; n < sizeof(r); n++)
			bytes[n] = rand() % 4 ? (uint8_t)rand() : 0xff;
		r.call %= 64;
		if (i & 1)
			r.arg[0] %= 32;
		if (i & 2)
			memset(r.item, '\x1b', sizeof(r.item));
		if (i & 4)
			r.item[0] %= 100;
		record_call(&r, text);
		record_name(&r, name, command);
		assert_true(strlen(text) < sizeof(text) - 1);
		for (const char *at = text; *at; at++)
			assert_true(*at >= ' ' && *at < 0x7f);
	}
}

static void filters(void **state)
{
	struct paravane_trace_record send =
		one(__HYPERVISOR_event_channel_op, EVTCHNOP_send, 0, 0, 0);
	struct paravane_trace_record close =
		one(__HYPERVISOR_event_channel_op, EVTCHNOP_close, 0, 0, 0);
	struct paravane_trace_record unknown = one(1000, 0, 0, 0, 0);
	uint64_t events = 1UL << __HYPERVISOR_event_channel_op;
	struct reason why = { 0 };
	struct filter f;

	assert_int_equal(filter_parse(NULL, &f, &why), 0);
	assert_int_equal(filter_calls(&f), ~0UL);
	assert_true(filter_wants(&f, &unknown));

	assert_int_equal(filter_parse("trace=iret,EVTCHNOP_send", &f, &why), 0);
	assert_int_equal(filter_calls(&f), events | 1UL << __HYPERVISOR_iret);
	assert_true(filter_wants(&f, &send));
	assert_false(filter_wants(&f, &close));
	assert_false(filter_wants(&f, &unknown));

	assert_int_equal(filter_parse("!EVTCHNOP_send,iret", &f, &why), 0);
	assert_int_equal(filter_calls(&f), ~(1UL << __HYPERVISOR_iret));
	assert_false(filter_wants(&f, &send));
	assert_true(filter_wants(&f, &close));

	assert_int_equal(filter_parse("", &f, &why), -EINVAL);
	assert_int_equal(filter_parse("iret,", &f, &why), -EINVAL);
	reason_clear(&why);
	assert_int_equal(filter_parse("iret,iretx", &f, &why), -EINVAL);
	assert_says(why, "\"iretx\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_have_names),
		cmocka_unit_test(structures_have_members),
		cmocka_unit_test(lists_show_what_is_known),
		cmocka_unit_test(text_is_printable),
		cmocka_unit_test(results_have_names),
		cmocka_unit_test(every_call_has_its_arguments),
		cmocka_unit_test(noise_stays_within_its_room),
		cmocka_unit_test(filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
