import Foundation
import Synchronization

/// How long the disk takes for what the journal asks of it: 4 KiB more and `fdatasync`, ten times a second.
final class DiskProbe: Sendable {
    private let path: String
    private let isOver = Atomic(false)
    private let ended = DispatchGroup()
    private let milliseconds = Mutex<[Double]>([])

    init(folder: String) throws {
        path = folder + "/probe"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw BusProblem("\(path) cannot be written") }
        ended.enter()
        Thread { [self] in
            let page = [UInt8](repeating: 0x55, count: 4096)
            while !isOver.load(ordering: .relaxed) {
                guard write(descriptor, page, page.count) == page.count else { break }
                let begin = ContinuousClock.now
                fdatasync(descriptor)
                let taken = (ContinuousClock.now - begin).inMilliseconds
                milliseconds.withLock { $0.append(taken) }
                Thread.sleep(forTimeInterval: 0.1)
            }
            close(descriptor)
            ended.leave()
        }.start()
    }

    /// Ends it; milliseconds of each.
    func stop() -> [Double] {
        isOver.store(true, ordering: .relaxed)
        ended.wait()
        unlink(path)
        return milliseconds.withLock { $0 }
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    var inMilliseconds: Double { inSeconds * 1000 }
}

extension [Double] {
    /// The smallest value that at least this share of all does not exceed; 0 where there are none.
    func quantile(_ share: Double) -> Double {
        guard !isEmpty else { return 0 }
        return sorted()[Swift.min(Int((share * Double(count)).rounded(.up)), count) - 1]
    }
}

enum ProcessorTime {
    /// Seconds, user and system.
    static var ofProcess: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Resident memory of this process in MiB.
enum ResidentMemory {
    static var now: Double { field("VmRSS:") }
    /// The most since ``forgetPeak()``.
    static var peak: Double { field("VmHWM:") }

    /// Linux: `5` sets the peak back to what is held now.
    static func forgetPeak() {
        try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .ascii)
    }

    private static func field(_ name: String) -> Double {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .ascii)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }.map { $0 / 1024 }
            ?? 0
    }
}
