#pragma once
// The kernels once more in straightforward C: the loops that one writes without a thought of vectors, as the compiler
// makes them of the same flags. A yardstick for the Swift kernels; nothing but snowline-bench links them.
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int32_t noise_shift, noise_gain, rise, fall, restless_gain, least, most;
} c_adapt_rule;

typedef struct {
    uint32_t values, means, count;
} c_light_sums;

typedef struct {
    uint32_t sum, squares, gradients;
} c_block;

/// The signatures are those of KernelTable.
typedef struct {
    void (*_Nonnull box_downsample)(
        const uint8_t *_Nonnull source, ptrdiff_t source_stride, ptrdiff_t factor, uint8_t *_Nonnull destination,
        ptrdiff_t destination_stride, ptrdiff_t width, ptrdiff_t height, uint16_t *_Nonnull scratch);
    void (*_Nonnull smooth)(
        const uint8_t *_Nonnull source, ptrdiff_t source_stride, uint8_t *_Nonnull destination,
        ptrdiff_t destination_stride, ptrdiff_t width, ptrdiff_t height, uint16_t *_Nonnull scratch);
    void (*_Nonnull adjust)(uint8_t *_Nonnull row, ptrdiff_t width, int32_t gain, int32_t offset);
    void (*_Nonnull classify)(
        const uint8_t *_Nonnull current, const uint8_t *_Nonnull samples, ptrdiff_t sample_count,
        const uint8_t *_Nonnull radius, uint8_t need, ptrdiff_t count, uint64_t *_Nonnull words,
        uint8_t *_Nonnull nearest);
    void (*_Nonnull learn)(
        const uint8_t *_Nonnull values, const uint8_t *_Nonnull noise, uint8_t chance, const uint8_t *_Nonnull hold,
        uint8_t *_Nonnull sample, ptrdiff_t count);
    void (*_Nonnull blend)(
        const uint8_t *_Nonnull values, const uint8_t *_Nonnull hold, int32_t shift, uint16_t *_Nonnull mean,
        ptrdiff_t count);
    void (*_Nonnull adapt)(
        const uint8_t *_Nonnull nearest, const uint8_t *_Nonnull foreground, const uint8_t *_Nonnull before,
        const uint8_t *_Nonnull hold, c_adapt_rule rule, uint16_t *_Nonnull noise, uint8_t *_Nonnull restless,
        uint8_t *_Nonnull radius, ptrdiff_t count);
    void (*_Nonnull expand)(const uint64_t *_Nonnull words, uint8_t *_Nonnull bytes, ptrdiff_t count);
    void (*_Nonnull median)(
        const uint64_t *_Nonnull source, uint64_t *_Nonnull destination, ptrdiff_t row_words, ptrdiff_t rows);
    void (*_Nonnull dilate)(
        const uint64_t *_Nonnull source, uint64_t *_Nonnull destination, ptrdiff_t row_words, ptrdiff_t rows);
    void (*_Nonnull erode)(
        const uint64_t *_Nonnull source, uint64_t *_Nonnull destination, ptrdiff_t row_words, ptrdiff_t rows);
    ptrdiff_t (*_Nonnull runs)(const uint64_t *_Nonnull row, ptrdiff_t row_words, uint16_t *_Nonnull edges);
    void (*_Nonnull sum_light)(
        const uint8_t *_Nonnull values, const uint16_t *_Nonnull means, const uint8_t *_Nonnull hold, uint8_t least,
        uint8_t most, uint8_t ceiling, c_light_sums *_Nonnull sums, ptrdiff_t count);
    void (*_Nonnull project)(
        const uint8_t *_Nonnull source, ptrdiff_t stride, ptrdiff_t width, ptrdiff_t height,
        uint32_t *_Nonnull columns, uint32_t *_Nonnull rows);
    void (*_Nonnull measure_blocks)(
        const uint8_t *_Nonnull source, ptrdiff_t stride, ptrdiff_t columns, ptrdiff_t rows, c_block *_Nonnull blocks);
    void (*_Nonnull shift)(
        const uint8_t *_Nonnull source, ptrdiff_t source_stride, uint8_t *_Nonnull destination,
        ptrdiff_t destination_stride, ptrdiff_t width, ptrdiff_t height, ptrdiff_t x, ptrdiff_t y,
        uint16_t *_Nonnull scratch);
} c_kernel_table;

/// Call only those that the processor has.
c_kernel_table c_kernels_baseline(void);
c_kernel_table c_kernels_avx2(void);
c_kernel_table c_kernels_avx512(void);
