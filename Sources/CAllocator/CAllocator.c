#include "CAllocator.h"

#if defined(__GLIBC__) || __has_include(<malloc.h>)
#include <malloc.h>
#endif

void callocator_settle(int large_block, int heaps) {
#if defined(M_ARENA_MAX)
    // Any of these set by hand also ends the learning.
    mallopt(M_MMAP_THRESHOLD, large_block);
    mallopt(M_TRIM_THRESHOLD, large_block);
    mallopt(M_ARENA_MAX, heaps);
#endif
}
