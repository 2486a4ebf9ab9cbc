import CDispatch
import Glibc

/// A program run to its end, with what it took.
struct MeasuredProgram {
    /// User and system time of the whole process.
    let cpuSeconds: Double
    let wallSeconds: Double
    let status: Int32
    /// What it wrote to standard error, at most the last 64 KiB.
    let errors: String

    private static let keptBytes = 65_536

    /// - Parameter arguments: the first is the program's name or path.
    /// - Returns: nil where it cannot be started.
    init?(_ arguments: [String]) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        let begin = ContinuousClock.now
        var process = pid_t()
        let isStarted = posix_spawnp(&process, arguments[0], &actions, nil, &pointers, environ) == 0
        close(ends[1])
        guard isStarted else { return nil }
        errors = Self.text(from: ends[0])
        var usage = rusage()
        var status: Int32 = 0
        while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
        let span = (ContinuousClock.now - begin).components
        wallSeconds = Double(span.seconds) + Double(span.attoseconds) / 1e18
        cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        self.status = status
    }

    private static func text(from file: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
            if bytes.count > 2 * keptBytes { bytes.removeFirst(bytes.count - keptBytes) }
        }
        return String(decoding: bytes.suffix(keptBytes), as: UTF8.self)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
