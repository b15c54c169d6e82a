/* SPDX-License-Identifier: Apache-2.0
 * Drops what blocked sources send, counts it, and forgets a source by itself when its time is over: nobody needs to be alive for that. */
#include "chain.h"
#include "packet.h"

struct traffic { __u64 packets, octets; };

struct { /* source -> when the block ends, by the boot clock */
	number(type, HASH);
	number(max_entries, 1024);
	kind(key, struct address);
	kind(value, __u64);
} blocked SEC(".maps");

struct { /* beside it, so that a block can be prolonged without losing a count */
	number(type, PERCPU_HASH);
	number(max_entries, 1024);
	kind(key, struct address);
	kind(value, struct traffic);
} dropped SEC(".maps");

const volatile __u32 longest = 86400;

SEC("xdp") int musa_drop(struct xdp_md *context)
{
	struct packet packet = read_packet(context);
	__u64 *until = packet.is_ip ? map_find(&blocked, &packet.from) : 0;
	struct traffic *traffic;

	if (!until)
		return go_on(context);
	/* An end further away than any block may last is a mistake or an attack on us: both are over. */
	if (*until - boot_clock() - 1 >= longest * 1000000000ull) {
		map_forget(&blocked, &packet.from);
		return go_on(context);
	}
	traffic = map_find(&dropped, &packet.from);
	if (traffic) {
		traffic->packets++;
		traffic->octets += packet.octets;
	}
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Apache-2.0";
