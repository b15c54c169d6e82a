/* SPDX-License-Identifier: Apache-2.0
 * What arrives at an interface: packets and octets, and how many of the packets are of which kind. */
#include "chain.h"
#include "packet.h"

struct traffic { __u64 packets, octets, tcp, syn, udp, icmp; };

struct {
	number(type, PERCPU_ARRAY);
	number(max_entries, 1);
	kind(key, __u32);
	kind(value, struct traffic);
} arrived SEC(".maps");

SEC("xdp") int musa_interface(struct xdp_md *context)
{
	struct packet packet = read_packet(context);
	__u32 first = 0;
	struct traffic *traffic = map_find(&arrived, &first);

	if (traffic) {
		traffic->packets++;
		traffic->octets += packet.octets;
		traffic->tcp += packet.protocol == TCP;
		traffic->syn += packet.opens;
		traffic->udp += packet.protocol == UDP;
		traffic->icmp += packet.protocol == ICMP || packet.protocol == ICMP6;
	}
	return go_on(context);
}

char LICENSE[] SEC("license") = "Apache-2.0";
