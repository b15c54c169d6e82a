/* SPDX-License-Identifier: Apache-2.0
 * What our programs use of the kernel, and no more: types, helpers by number, map kinds (enum bpf_map_type, enum bpf_func_id in linux/bpf.h). */
#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;

#define SEC(name) __attribute__((section(name), used))
#define __always_inline inline __attribute__((always_inline))

/* How BTF tells the loader what a map is: numbers as array bounds, types as pointers. */
#define number(name, value) int (*name)[value]
#define kind(name, value) value *name

enum map_kind { HASH = 1, PROG_ARRAY = 3, PERCPU_HASH = 5, PERCPU_ARRAY = 6, LRU_PERCPU_HASH = 10 };
enum map_update { ANY = 0, NOEXIST = 1 };
enum verdict { XDP_DROP = 1, XDP_PASS = 2 };

/* CO-RE: the loader finds these fields in the running kernel's own types, by name; the rest of the struct is of no concern. */
struct xdp_md {
	__u32 data;
	__u32 data_end;
} __attribute__((preserve_access_index));

static void *(*const map_find)(void *map, const void *key) = (void *)1;
static long (*const map_put)(void *map, const void *key, const void *value, __u64 how) = (void *)2;
static long (*const map_forget)(void *map, const void *key) = (void *)3;
static long (*const tail_call)(void *context, void *programs, __u32 index) = (void *)12;
static __u64 (*const boot_clock)(void) = (void *)125; /* nanoseconds since boot, sleep included; Linux 5.8 */
