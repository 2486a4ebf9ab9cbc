#pragma once
// Counts what a thread allocates: malloc and its kin are replaced by functions that count and hand on to the C
// library's own. Only snowline-bench links it; nothing that is tested or shipped to a site does.
#include <stdint.h>

/// Whether allocations are counted: not under a sanitizer, which needs malloc itself, and not without glibc.
int allocation_count_works(void);

/// How many times the calling thread asked for memory since it began.
uint64_t allocation_count(void);

/// Bytes of the C library's heap that are in use by the whole program, large blocks included; 0 where they are not known.
uint64_t allocation_bytes_held(void);
