// Linked into CKernelsBaseline, CKernelsAVX2 and CKernelsAVX512, each with its own flags and name (C_KERNEL_TABLE).
#include "CKernels.h"

#include <string.h>

static void box_downsample(
    const uint8_t *restrict source, ptrdiff_t source_stride, ptrdiff_t factor, uint8_t *restrict destination,
    ptrdiff_t destination_stride, ptrdiff_t width, ptrdiff_t height, uint16_t *restrict scratch) {
    uint32_t area = (uint32_t)(factor * factor);
    for (ptrdiff_t y = 0; y < height; y++) {
        const uint8_t *first = source + y * factor * source_stride;
        for (ptrdiff_t x = 0; x < width * factor; x++) scratch[x] = first[x];
        for (ptrdiff_t row = 1; row < factor; row++)
            for (ptrdiff_t x = 0; x < width * factor; x++) scratch[x] += first[row * source_stride + x];
        uint8_t *out = destination + y * destination_stride;
        for (ptrdiff_t x = 0; x < width; x++) {
            uint32_t sum = area / 2;
            for (ptrdiff_t column = 0; column < factor; column++) sum += scratch[x * factor + column];
            out[x] = (uint8_t)(sum / area);
        }
    }
}

static void smooth(
    const uint8_t *restrict source, ptrdiff_t source_stride, uint8_t *restrict destination,
    ptrdiff_t destination_stride, ptrdiff_t width, ptrdiff_t height, uint16_t *restrict scratch) {
    if (width == 0) return;
    for (ptrdiff_t y = 0; y < height; y++) {
        const uint8_t *above = source + (y == 0 ? 0 : y - 1) * source_stride;
        const uint8_t *here = source + y * source_stride;
        const uint8_t *below = source + (y == height - 1 ? y : y + 1) * source_stride;
        for (ptrdiff_t x = 0; x < width; x++) scratch[x + 1] = (uint16_t)(above[x] + 2 * here[x] + below[x]);
        scratch[0] = scratch[1];
        scratch[width + 1] = scratch[width];
        uint8_t *out = destination + y * destination_stride;
        for (ptrdiff_t x = 0; x < width; x++) out[x] = (uint8_t)((scratch[x] + 2 * scratch[x + 1] + scratch[x + 2] + 8) / 16);
    }
}

static void adjust(uint8_t *row, ptrdiff_t width, int32_t gain, int32_t offset) {
    for (ptrdiff_t x = 0; x < width; x++) {
        int32_t value = ((row[x] * gain + 128) >> 8) + offset;
        row[x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

static void classify(
    const uint8_t *restrict current, const uint8_t *restrict samples, ptrdiff_t sample_count,
    const uint8_t *restrict radius, uint8_t need, ptrdiff_t count, uint64_t *restrict words,
    uint8_t *restrict nearest) {
    for (ptrdiff_t start = 0; start < count; start += 64) {
        uint8_t matches[64] = {0};
        memset(nearest + start, 255, 64);
        for (ptrdiff_t s = 0; s < sample_count; s++) {
            const uint8_t *sample = samples + s * count;
            for (int i = 0; i < 64; i++) {
                uint8_t a = current[start + i], b = sample[start + i];
                uint8_t distance = a > b ? a - b : b - a;
                nearest[start + i] = distance < nearest[start + i] ? distance : nearest[start + i];
                matches[i] += distance <= radius[start + i];
            }
        }
        uint64_t word = 0;
        for (int i = 0; i < 64; i++) word |= (uint64_t)(matches[i] < need) << i;
        words[start / 64] = word;
    }
}

static void learn(
    const uint8_t *restrict values, const uint8_t *restrict noise, uint8_t chance, const uint8_t *restrict hold,
    uint8_t *restrict sample, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        uint8_t value = values[i], old = sample[i];
        sample[i] = ((noise[i] < chance) & (hold[i] == 0)) ? value : old;
    }
}

static void blend(
    const uint8_t *restrict values, const uint8_t *restrict hold, int32_t shift, uint16_t *restrict mean,
    ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        int32_t old = mean[i], new = old + (((values[i] << 8) - old) >> shift);
        mean[i] = (uint16_t)(hold[i] == 0 ? new : old);
    }
}

static void adapt(
    const uint8_t *restrict nearest, const uint8_t *restrict foreground, const uint8_t *restrict before,
    const uint8_t *restrict hold, c_adapt_rule rule, uint16_t *restrict noise, uint8_t *restrict restless,
    uint8_t *restrict radius, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        int32_t old_noise = noise[i], old_restless = restless[i];
        int32_t moved = old_noise + (((nearest[i] << 8) - old_noise) >> rule.noise_shift);
        int32_t new_noise = (hold[i] | foreground[i]) == 0 ? moved : old_noise;
        noise[i] = (uint16_t)new_noise;
        int32_t stepped = old_restless + (foreground[i] == before[i] ? -rule.fall : rule.rise);
        stepped = stepped < 0 ? 0 : stepped > 255 ? 255 : stepped;
        int32_t new_restless = hold[i] == 0 ? stepped : old_restless;
        restless[i] = (uint8_t)new_restless;
        int32_t wide = rule.least + ((new_noise * rule.noise_gain) >> 12) + ((new_restless * rule.restless_gain) >> 8);
        radius[i] = (uint8_t)(wide > rule.most ? rule.most : wide);
    }
}

static void expand(const uint64_t *restrict words, uint8_t *restrict bytes, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i += 64)
        for (int k = 0; k < 64; k++) bytes[i + k] = (words[i / 64] >> k & 1) ? 255 : 0;
}

typedef struct {
    uint64_t left, centre, right;
} triple;

// Outside the plane all is 0.
static inline triple three(const uint64_t *plane, ptrdiff_t row_words, ptrdiff_t rows, ptrdiff_t y, ptrdiff_t word) {
    if (y < 0 || y >= rows) return (triple){0, 0, 0};
    const uint64_t *row = plane + y * row_words;
    uint64_t before = word > 0 ? row[word - 1] : 0, after = word < row_words - 1 ? row[word + 1] : 0;
    return (triple){row[word] << 1 | before >> 63, row[word], row[word] >> 1 | after << 63};
}

static void median(
    const uint64_t *restrict source, uint64_t *restrict destination, ptrdiff_t row_words, ptrdiff_t rows) {
    for (ptrdiff_t y = 0; y < rows; y++) {
        for (ptrdiff_t word = 0; word < row_words; word++) {
            uint64_t ones = 0, twos = 0, fours = 0, eights = 0;
            for (ptrdiff_t row = y - 1; row <= y + 1; row++) {
                triple t = three(source, row_words, rows, row, word);
                uint64_t bits[3] = {t.left, t.centre, t.right};
                for (int k = 0; k < 3; k++) {
                    uint64_t carry = ones & bits[k];
                    ones ^= bits[k];
                    uint64_t next = twos & carry;
                    twos ^= carry;
                    eights |= fours & next;
                    fours ^= next;
                }
            }
            destination[y * row_words + word] = eights | (fours & (ones | twos));
        }
    }
}

static void dilate(
    const uint64_t *restrict source, uint64_t *restrict destination, ptrdiff_t row_words, ptrdiff_t rows) {
    for (ptrdiff_t y = 0; y < rows; y++) {
        for (ptrdiff_t word = 0; word < row_words; word++) {
            uint64_t any = 0;
            for (ptrdiff_t row = y - 1; row <= y + 1; row++) {
                triple t = three(source, row_words, rows, row, word);
                any |= t.left | t.centre | t.right;
            }
            destination[y * row_words + word] = any;
        }
    }
}

static void erode(
    const uint64_t *restrict source, uint64_t *restrict destination, ptrdiff_t row_words, ptrdiff_t rows) {
    for (ptrdiff_t y = 0; y < rows; y++) {
        for (ptrdiff_t word = 0; word < row_words; word++) {
            uint64_t all = ~(uint64_t)0;
            for (ptrdiff_t row = y - 1; row <= y + 1; row++) {
                triple t = three(source, row_words, rows, row, word);
                all &= t.left & t.centre & t.right;
            }
            destination[y * row_words + word] = all;
        }
    }
}

static ptrdiff_t runs(const uint64_t *restrict row, ptrdiff_t row_words, uint16_t *restrict edges) {
    ptrdiff_t count = 0;
    uint64_t before = 0;
    for (ptrdiff_t word = 0; word < row_words; word++) {
        uint64_t changes = row[word] ^ (row[word] << 1 | before);
        for (; changes; changes &= changes - 1) edges[count++] = (uint16_t)(word * 64 + __builtin_ctzll(changes));
        before = row[word] >> 63;
    }
    if (before) edges[count++] = (uint16_t)(row_words * 64);
    return count / 2;
}

static void sum_light(
    const uint8_t *restrict values, const uint16_t *restrict means, const uint8_t *restrict hold, uint8_t least,
    uint8_t most, uint8_t ceiling, c_light_sums *restrict sums, ptrdiff_t count) {
    for (ptrdiff_t start = 0; start < count; start += 64) {
        uint32_t value = 0, mean = 0, number = 0;
        for (int i = 0; i < 64; i++) {
            uint8_t usual = (uint8_t)((means[start + i] + 128) >> 8);
            uint8_t pixel = values[start + i];
            int counted = (hold[start + i] == 0) & (usual >= least) & (usual <= most) & (pixel <= ceiling);
            value += counted ? pixel : 0;
            mean += counted ? usual : 0;
            number += (uint32_t)counted;
        }
        sums[start / 64].values += value;
        sums[start / 64].means += mean;
        sums[start / 64].count += number;
    }
}

static void project(
    const uint8_t *restrict source, ptrdiff_t stride, ptrdiff_t width, ptrdiff_t height, uint32_t *restrict columns,
    uint32_t *restrict rows) {
    memset(columns, 0, sizeof *columns * (size_t)width);
    for (ptrdiff_t y = 0; y < height; y++) {
        uint32_t sum = 0;
        for (ptrdiff_t x = 0; x < width; x++) {
            columns[x] += source[y * stride + x];
            sum += source[y * stride + x];
        }
        rows[y] = sum;
    }
}

static void measure_blocks(
    const uint8_t *restrict source, ptrdiff_t stride, ptrdiff_t columns, ptrdiff_t rows, c_block *restrict blocks) {
    for (ptrdiff_t block = 0; block < columns * rows; block++) {
        const uint8_t *first = source + block / columns * 32 * stride + block % columns * 32;
        uint32_t sum = 0, squares = 0, gradients = 0;
        for (int y = 0; y < 32; y++) {
            const uint8_t *row = first + y * stride;
            for (int x = 0; x < 32; x++) {
                sum += row[x];
                squares += (uint32_t)row[x] * row[x];
            }
            for (int x = 0; x < 31; x++) gradients += (uint32_t)((row[x + 1] - row[x]) * (row[x + 1] - row[x]));
            if (y == 31) break;
            for (int x = 0; x < 32; x++) gradients += (uint32_t)((row[x + stride] - row[x]) * (row[x + stride] - row[x]));
        }
        blocks[block] = (c_block){sum, squares, gradients};
    }
}

static ptrdiff_t held(ptrdiff_t value, ptrdiff_t most) { return value < 0 ? 0 : value > most ? most : value; }

static void shift(
    const uint8_t *restrict source, ptrdiff_t source_stride, uint8_t *restrict destination,
    ptrdiff_t destination_stride, ptrdiff_t width, ptrdiff_t height, ptrdiff_t x, ptrdiff_t y,
    uint16_t *restrict scratch) {
    if (width == 0) return;
    int right = x & 15, low = y & 15;
    // Whole pixels by an offset, and the outermost repeated beside what the picture has.
    ptrdiff_t columns = x >> 4, first = held(-columns, width + 1), end = held(width - columns, width + 1);
    if (end < first) end = first;
    for (ptrdiff_t v = 0; v < height; v++) {
        const uint8_t *above = source + held(v + (y >> 4), height - 1) * source_stride;
        const uint8_t *below = source + held(v + (y >> 4) + 1, height - 1) * source_stride;
        for (ptrdiff_t u = 0; u < first; u++) scratch[u] = (uint16_t)(above[0] * (16 - low) + below[0] * low);
        for (ptrdiff_t u = first; u < end; u++)
            scratch[u] = (uint16_t)(above[u + columns] * (16 - low) + below[u + columns] * low);
        for (ptrdiff_t u = end; u <= width; u++)
            scratch[u] = (uint16_t)(above[width - 1] * (16 - low) + below[width - 1] * low);
        uint8_t *out = destination + v * destination_stride;
        for (ptrdiff_t u = 0; u < width; u++)
            out[u] = (uint8_t)((scratch[u] * (16 - right) + scratch[u + 1] * right + 128) / 256);
    }
}

c_kernel_table C_KERNEL_TABLE(void) {
    return (c_kernel_table){box_downsample, smooth, adjust, classify, learn,     blend,   adapt,         expand,
                            median,         dilate, erode,  runs,     sum_light, project, measure_blocks,
                            shift};
}
