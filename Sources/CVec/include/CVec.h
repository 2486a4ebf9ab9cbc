#pragma once
// Vector primitives for the kernels: target-neutral clang vector extensions that lower to whatever instruction
// set the Swift module that imports them is built for. Swift's own SIMD operators are used only for `&+ &-`:
// other operators on more than 16 lanes become byte loops or calls of weak specialisations, which must not be
// shared between modules of different instruction sets.
#include <stdint.h>
#include <string.h>

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef uint8_t vec32_u8 __attribute__((vector_size(32)));
typedef int8_t vec32_i8 __attribute__((vector_size(32)));

#define CVEC static inline __attribute__((always_inline, nodebug))

CVEC vec32_u8 vec32_load(const uint8_t *p) {
    vec32_u8 v;
    memcpy(&v, p, sizeof v);
    return v;
}
CVEC void vec32_store(uint8_t *p, vec32_u8 v) { memcpy(p, &v, sizeof v); }
CVEC vec32_u8 vec32_fill(uint8_t value) { return (vec32_u8){0} + value; }

/// |a - b|
CVEC vec32_u8 vec32_distance(vec32_u8 a, vec32_u8 b) {
    return __builtin_elementwise_max(a, b) - __builtin_elementwise_min(a, b);
}
CVEC vec32_u8 vec32_min(vec32_u8 a, vec32_u8 b) { return __builtin_elementwise_min(a, b); }
/// 255 where a <= b, else 0.
CVEC vec32_u8 vec32_at_most(vec32_u8 a, vec32_u8 b) { return (vec32_u8)(a <= b); }
/// 255 where a < b, else 0.
CVEC vec32_u8 vec32_below(vec32_u8 a, vec32_u8 b) { return (vec32_u8)(a < b); }
/// a where mask is 255, b where it is 0.
CVEC vec32_u8 vec32_select(vec32_u8 mask, vec32_u8 a, vec32_u8 b) { return (a & mask) | (b & ~mask); }
/// a and not b, bit by bit.
CVEC vec32_u8 vec32_without(vec32_u8 a, vec32_u8 b) { return a & ~b; }
/// Lane i of the answer is bit i: 1 where a < b.
CVEC uint32_t vec32_bits_below(vec32_u8 a, vec32_u8 b) {
    typedef _Bool flags __attribute__((ext_vector_type(32)));
    union {
        flags lanes;
        uint32_t bits;
    } u;
    u.lanes = __builtin_convertvector((vec32_i8)(a < b), flags);
    return u.bits;
}
/// 255 in lane i where bit i is set, else 0.
CVEC vec32_u8 vec32_expand(uint32_t bits) {
    typedef _Bool flags __attribute__((ext_vector_type(32)));
    union {
        flags lanes;
        uint32_t bits;
    } u;
    u.bits = bits;
    return (vec32_u8)(-__builtin_convertvector(u.lanes, vec32_i8));
}

#undef CVEC
#pragma clang diagnostic pop
