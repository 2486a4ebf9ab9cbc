import Glibc

/// What the system says of the calling thread.
enum ThreadUsage {
    /// Times it gave the processor back because it had to wait for something.
    static var waits: Int {
        var usage = rusage()
        // RUSAGE_THREAD, a GNU extension that Swift's Glibc module does not show.
        return getrusage(1, &usage) == 0 ? usage.ru_nvcsw : 0
    }

    static var processorMicroseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// A clock that nobody sets.
    static var steadyMicroseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
