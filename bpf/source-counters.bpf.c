/* SPDX-License-Identifier: Apache-2.0
 * Who sends how much: packets, octets and TCP openings (SYN) by source address. The least recently seen source leaves when all places are taken. */
#include "chain.h"
#include "packet.h"

struct traffic { __u64 packets, octets, syn; };

struct {
	number(type, LRU_PERCPU_HASH);
	number(max_entries, 4096);
	kind(key, struct address);
	kind(value, struct traffic);
} by_source SEC(".maps");

static __always_inline struct traffic *traffic_of(struct address *source)
{
	struct traffic nothing = {}, *found = map_find(&by_source, source);

	if (!found) {
		map_put(&by_source, source, &nothing, NOEXIST); /* if another processor was first, its entry is ours too */
		found = map_find(&by_source, source);
	}
	return found;
}

SEC("xdp") int musa_source(struct xdp_md *context)
{
	struct packet packet = read_packet(context);
	struct traffic *traffic = packet.is_ip ? traffic_of(&packet.from) : 0;

	if (traffic) {
		traffic->packets++;
		traffic->octets += packet.octets;
		traffic->syn += packet.opens;
	}
	return go_on(context);
}

char LICENSE[] SEC("license") = "Apache-2.0";
