#pragma once
/// The highest x86-64 level this processor and its operating system support:
/// 0 baseline (also on other architectures), 1 x86-64-v3 (AVX2), 2 x86-64-v4 (AVX-512).
int ccpu_level(void);
