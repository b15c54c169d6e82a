/* SPDX-License-Identifier: Apache-2.0
 * What a packet says about itself: who sent it, and what it carries. IPv4 and IPv6, up to two VLAN tags (IEEE 802.1Q, 802.1ad). */
#pragma once
#include "kernel.h"

#define big16(value) ((__u16)__builtin_bswap16(value)) /* the bpf target of our builds is little-endian */

enum protocol { ICMP = 1, TCP = 6, UDP = 17, ICMP6 = 58 };
enum flag { SYN = 0x02, ACK = 0x10 };

struct ethernet { __u8 to[6], from[6]; __u16 type; };
struct tag { __u16 control, type; };
struct ipv4 { __u8 length, service; __u16 total, id, fragment; __u8 life, protocol; __u16 sum; __u32 from, to; };
struct ipv6 { __u32 flow; __u16 length; __u8 protocol, life; __u8 from[16], to[16]; };

/* An address of 16 octets; an IPv4 address as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
struct address { __u32 word[4]; };

struct packet {
	struct address from;
	__u64 octets;
	int is_ip;
	int protocol; /* 0 unless its header begins right after the IP header */
	int opens;    /* a TCP SYN without ACK */
};

static __always_inline void read_transport(struct packet *packet, __u8 *header, __u8 *end)
{
	if (packet->protocol == TCP && header + 14 <= end)
		packet->opens = (header[13] & (SYN | ACK)) == SYN;
}

static __always_inline void read_ipv4(struct packet *packet, __u8 *header, __u8 *end)
{
	struct ipv4 *ip = (void *)header;

	if (header + sizeof(*ip) > end || ip->length >> 4 != 4)
		return;
	packet->is_ip = 1;
	packet->from.word[2] = __builtin_bswap32(0xffff);
	packet->from.word[3] = ip->from;
	if (ip->fragment & big16(0x1fff)) /* a later fragment has no transport header */
		return;
	packet->protocol = ip->protocol;
	read_transport(packet, header + (ip->length & 15) * 4, end);
}

static __always_inline void read_ipv6(struct packet *packet, __u8 *header, __u8 *end)
{
	struct ipv6 *ip = (void *)header;

	if (header + sizeof(*ip) > end)
		return;
	packet->is_ip = 1;
	__builtin_memcpy(&packet->from, ip->from, 16);
	packet->protocol = ip->protocol;
	read_transport(packet, header + sizeof(*ip), end);
}

static __always_inline struct packet read_packet(struct xdp_md *context)
{
	__u8 *data = (void *)(long)context->data, *end = (void *)(long)context->data_end;
	struct ethernet *frame = (void *)data;
	struct packet packet = {.octets = end - data};
	__u8 *header = data + sizeof(*frame);
	__u16 type;

	if (header > end)
		return packet;
	type = frame->type;
#pragma unroll
	for (int i = 0; i < 2; i++) {
		struct tag *tag = (void *)header;

		if ((type != big16(0x8100) && type != big16(0x88a8)) || header + sizeof(*tag) > end)
			break;
		type = tag->type;
		header += sizeof(*tag);
	}
	if (type == big16(0x0800))
		read_ipv4(&packet, header, end);
	else if (type == big16(0x86dd))
		read_ipv6(&packet, header, end);
	return packet;
}
