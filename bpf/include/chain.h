/* SPDX-License-Identifier: Apache-2.0
 * Several programs on one interface: each ends by jumping to the next, which the loader puts in or takes out while packets flow. */
#pragma once
#include "kernel.h"

struct {
	number(type, PROG_ARRAY);
	number(max_entries, 1);
	kind(key, __u32);
	kind(value, __u32);
} next SEC(".maps");

static __always_inline int go_on(struct xdp_md *context)
{
	tail_call(context, &next, 0); /* comes back only if there is none */
	return XDP_PASS;
}
