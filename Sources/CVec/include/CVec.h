#pragma once
// Vector primitives for the kernels: target-neutral clang vector extensions that lower to whatever instruction
// set the Swift module that imports them is built for; three name an x86 instruction where the compiler does not find it. Swift's own SIMD operators are used only for `&+ &-`:
// other operators on more than 16 lanes become byte loops or calls of weak specialisations, which must not be
// shared between modules of different instruction sets.
#include <stdint.h>
#include <string.h>

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef uint8_t vec32_u8 __attribute__((vector_size(32)));
typedef int8_t vec32_i8 __attribute__((vector_size(32)));
typedef char vec32_char __attribute__((vector_size(32)));
typedef uint16_t vec32_u16 __attribute__((vector_size(64)));
typedef int16_t vec32_i16 __attribute__((vector_size(64)));
typedef uint32_t vec8_u32 __attribute__((vector_size(32)));
typedef uint64_t vec4_u64 __attribute__((vector_size(32)));

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

/// a + b, a - b, held to 0…255.
CVEC vec32_u8 vec32_add_held(vec32_u8 a, vec32_u8 b) { return __builtin_elementwise_add_sat(a, b); }
CVEC vec32_u8 vec32_subtract_held(vec32_u8 a, vec32_u8 b) { return __builtin_elementwise_sub_sat(a, b); }
/// 255 where a = b, else 0.
CVEC vec32_u8 vec32_equal(vec32_u8 a, vec32_u8 b) { return (vec32_u8)(a == b); }
CVEC vec32_u8 vec32_and(vec32_u8 a, vec32_u8 b) { return a & b; }
CVEC vec32_u8 vec32_or(vec32_u8 a, vec32_u8 b) { return a | b; }
/// Lane i of the answer is lane i + 1; the last lane stays.
CVEC vec32_u8 vec32_next(vec32_u8 a) {
    return __builtin_shufflevector(
        a, a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
        29, 30, 31, 31);
}
/// Sum of all lanes.
CVEC uint32_t vec32_sum(vec32_u8 a) {
    typedef uint32_t wide __attribute__((vector_size(128)));
    return __builtin_reduce_add(__builtin_convertvector(a, wide));
}
/// Lane k of the answer is the sum of lanes 8k to 8k + 7.
CVEC vec4_u64 vec32_partial_sums(vec32_u8 a) {
#if defined(__AVX2__)
    return (vec4_u64)__builtin_ia32_psadbw256((vec32_char)a, (vec32_char){0});
#elif defined(__SSE2__)
    typedef char quarter __attribute__((vector_size(16)));
    typedef uint64_t sums __attribute__((vector_size(16)));
    union {
        vec32_u8 whole;
        quarter half[2];
    } u = {a};
    union {
        sums half[2];
        vec4_u64 whole;
    } r;
    r.half[0] = (sums)__builtin_ia32_psadbw128(u.half[0], (quarter){0});
    r.half[1] = (sums)__builtin_ia32_psadbw128(u.half[1], (quarter){0});
    return r.whole;
#else
    typedef uint16_t pairs __attribute__((vector_size(32)));
    typedef uint32_t fours __attribute__((vector_size(32)));
    pairs two = ((pairs)a & 0xFF) + ((pairs)a >> 8);
    fours four = ((fours)two & 0xFFFF) + ((fours)two >> 16);
    return ((vec4_u64)four & 0xFFFFFFFF) + ((vec4_u64)four >> 32);
#endif
}
CVEC vec4_u64 vec4_zero(void) { return (vec4_u64){0}; }
CVEC uint64_t vec4_sum(vec4_u64 a) { return __builtin_reduce_add(a); }
/// Lane k of the answer is the sum of the squares of lanes 4k to 4k + 3.
CVEC vec8_u32 vec32_squares(vec32_u8 a) {
    typedef uint16_t words __attribute__((vector_size(32)));
    words even = (words)a & 0xFF, odd = (words)a >> 8;
#if defined(__AVX2__)
    typedef short shorts __attribute__((vector_size(32)));
    return (vec8_u32)__builtin_ia32_pmaddwd256((shorts)even, (shorts)even)
        + (vec8_u32)__builtin_ia32_pmaddwd256((shorts)odd, (shorts)odd);
#elif defined(__SSE2__)
    typedef short shorts __attribute__((vector_size(16)));
    typedef int32_t four __attribute__((vector_size(16)));
    union {
        words whole;
        shorts half[2];
    } e = {even}, o = {odd};
    union {
        four half[2];
        vec8_u32 whole;
    } r;
    r.half[0] = __builtin_ia32_pmaddwd128(e.half[0], e.half[0]) + __builtin_ia32_pmaddwd128(o.half[0], o.half[0]);
    r.half[1] = __builtin_ia32_pmaddwd128(e.half[1], e.half[1]) + __builtin_ia32_pmaddwd128(o.half[1], o.half[1]);
    return r.whole;
#else
    words e = even * even, o = odd * odd;
    return (((vec8_u32)e & 0xFFFF) + ((vec8_u32)e >> 16)) + (((vec8_u32)o & 0xFFFF) + ((vec8_u32)o >> 16));
#endif
}
CVEC vec8_u32 vec8_zero(void) { return (vec8_u32){0}; }
CVEC uint32_t vec8_sum(vec8_u32 a) { return __builtin_reduce_add(a); }

CVEC vec32_u16 vec32w_load(const uint16_t *p) {
    vec32_u16 v;
    memcpy(&v, p, sizeof v);
    return v;
}
CVEC void vec32w_store(uint16_t *p, vec32_u16 v) { memcpy(p, &v, sizeof v); }
CVEC vec32_u16 vec32w_fill(uint16_t value) { return (vec32_u16){0} + value; }
CVEC vec32_u16 vec32w_widen(vec32_u8 a) { return __builtin_convertvector(a, vec32_u16); }
/// Byte masks (0 or 255) as masks of 16 bits (0 or 65,535).
CVEC vec32_u16 vec32w_widen_mask(vec32_u8 a) { return (vec32_u16)__builtin_convertvector((vec32_i8)a, vec32_i16); }
/// The lower byte of each lane.
CVEC vec32_u8 vec32w_narrow(vec32_u16 a) { return __builtin_convertvector(a, vec32_u8); }
/// Each lane held to 0…255, read as a signed number.
CVEC vec32_u8 vec32w_narrow_held(vec32_u16 a) {
    vec32_i16 low = __builtin_elementwise_max((vec32_i16)a, (vec32_i16){0});
    return __builtin_convertvector(__builtin_elementwise_min(low, (vec32_i16){0} + 255), vec32_u8);
}
/// Lane k of the answer is p[2k] + p[2k + 1].
CVEC vec32_u16 vec32w_pair_sums(const uint16_t *p) {
    vec32_u16 a = vec32w_load(p), b = vec32w_load(p + 32);
#define PICK(o)                                                                                                    \
    __builtin_shufflevector(                                                                                       \
        a, b, o, 2 + o, 4 + o, 6 + o, 8 + o, 10 + o, 12 + o, 14 + o, 16 + o, 18 + o, 20 + o, 22 + o, 24 + o,      \
        26 + o, 28 + o, 30 + o, 32 + o, 34 + o, 36 + o, 38 + o, 40 + o, 42 + o, 44 + o, 46 + o, 48 + o, 50 + o,   \
        52 + o, 54 + o, 56 + o, 58 + o, 60 + o, 62 + o)
    return PICK(0) + PICK(1);
#undef PICK
}
CVEC vec32_u16 vec32w_left(vec32_u16 a, uint16_t bits) { return a << ((vec32_u16){0} + bits); }
CVEC vec32_u16 vec32w_right(vec32_u16 a, uint16_t bits) { return a >> ((vec32_u16){0} + bits); }
CVEC vec32_u16 vec32w_and(vec32_u16 a, vec32_u16 b) { return a & b; }
CVEC vec32_u16 vec32w_min(vec32_u16 a, vec32_u16 b) { return __builtin_elementwise_min(a, b); }
/// a + b, a - b, held to 0…65,535.
CVEC vec32_u16 vec32w_add_held(vec32_u16 a, vec32_u16 b) { return __builtin_elementwise_add_sat(a, b); }
CVEC vec32_u16 vec32w_subtract_held(vec32_u16 a, vec32_u16 b) { return __builtin_elementwise_sub_sat(a, b); }
/// a + b as signed numbers, held to -32,768…32,767.
CVEC vec32_u16 vec32w_add_signed_held(vec32_u16 a, vec32_u16 b) {
    return (vec32_u16)__builtin_elementwise_add_sat((vec32_i16)a, (vec32_i16)b);
}
/// (a * b) >> 16. By name, because the compiler moves the widening of a factor that stays the same out of the loop and
/// then no longer sees the one instruction that does it.
CVEC vec32_u16 vec32w_multiply_high(vec32_u16 a, vec32_u16 b) {
#if defined(__AVX512BW__)
    typedef short shorts __attribute__((vector_size(64)));
    return (vec32_u16)__builtin_ia32_pmulhuw512((shorts)a, (shorts)b);
#elif defined(__SSE2__)
#if defined(__AVX2__)
#define CVEC_MULTIPLY __builtin_ia32_pmulhuw256
    typedef short shorts __attribute__((vector_size(32)));
#else
#define CVEC_MULTIPLY __builtin_ia32_pmulhuw128
    typedef short shorts __attribute__((vector_size(16)));
#endif
    union {
        vec32_u16 whole;
        shorts part[sizeof(vec32_u16) / sizeof(shorts)];
    } x = {a}, y = {b}, r;
    for (unsigned k = 0; k < sizeof(vec32_u16) / sizeof(shorts); k++)
        r.part[k] = (shorts)CVEC_MULTIPLY(x.part[k], y.part[k]);
    return r.whole;
#undef CVEC_MULTIPLY
#else
    typedef uint32_t wide __attribute__((vector_size(128)));
    wide product = __builtin_convertvector(a, wide) * __builtin_convertvector(b, wide);
    return __builtin_convertvector(product >> 16, vec32_u16);
#endif
}
/// p[i] += a[i]
CVEC void vec32w_add_to(uint32_t *p, vec32_u16 a) {
    typedef uint32_t wide __attribute__((vector_size(128)));
    wide v;
    memcpy(&v, p, sizeof v);
    v += __builtin_convertvector(a, wide);
    memcpy(p, &v, sizeof v);
}
CVEC vec32_u16 vec32w_select(vec32_u16 mask, vec32_u16 a, vec32_u16 b) { return (a & mask) | (b & ~mask); }

#undef CVEC
#pragma clang diagnostic pop
