#pragma once
/// Sets how the C library's allocator serves many threads for a long time; before any other thread runs.
///
/// By default it keeps up to eight heaps a core, and learns from large blocks that are given back to take the next ones
/// from a heap too. With hundreds of camera threads, decoders, clips and pictures then come and go with every outage and
/// every alert in the middle of small blocks that stay, and the heaps grow though nothing leaks. Here large blocks always
/// come from the system and go back to it, and there are as many heaps as asked for.
///
/// `large_block`: bytes. `heaps`: at least 1. Where the C library knows no such settings nothing is done.
void callocator_settle(int large_block, int heaps);
