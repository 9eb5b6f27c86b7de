/* SPDX-License-Identifier: MIT */
/* user-mode - the other half of a PV guest: its table, its segment bases, what
 * is refused to it, 32-bit code in it, and events that interrupt it.
 */
#include "user.h"

const char suite_name[] = "user-mode";

PAGE uint8_t low_page[4096], user_page[4096], kernel_page[4096];

void suite_main(void)
{
	rule("MMUEXT_NEW_USER_BASEPTR takes a top table that is pinned");
	want(user_open(), 0);
	map_low(LOW, low_page, BOTH_HALVES);
	map_low(USER_PAGE, user_page, USER_ONLY);
	map_low(KERNEL_PAGE, kernel_page, KERNEL_ONLY);
	bases();
	selectors();
	refused();
	tables();
	narrow();
	interrupted();
}
