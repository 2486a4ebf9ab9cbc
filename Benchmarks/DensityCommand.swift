import ArgumentParser
import Glibc

/// What watching a camera costs beside the peers, and what is found: hands over to Benchmarks/Density/density.py.
///
/// The peers are programs and Python packages, so the harness is Python; here is found where it and its packages are. The process
/// is replaced, so output, exit code and signals are the harness's own.
struct DensityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "density",
        abstract: "CPU a camera and second beside ffmpeg, motion and OpenCV on the same RTSP server, and events found.",
        discussion: """
            --quick measures 704x576, GOP 50 at 1 and 5 % activity, in at most five minutes; --json prints a JSON object a \
            line on standard output, progress goes to standard error. Ends with 0 when all was measured, with 2 when \
            something is missing, named. --help prints every option.
            """)

    @Argument(parsing: .captureForPassthrough, help: "Options of the harness: --quick, --json, --systems, --cells …")
    var options: [String] = []

    private static let script = "Benchmarks/Density/density.py"
    private static let python = ".build/bench/venv/bin/python"

    func run() throws {
        guard let root = Self.root() else {
            throw Self.missing("\(Self.script) is missing; run this inside the project's tree")
        }
        let python = "\(root)/\(Self.python)"
        guard access(python, X_OK) == 0 else {
            throw Self.missing("\(Self.python) is missing, which holds numpy and OpenCV; make bench-deps")
        }
        var arguments = ([python, "\(root)/\(Self.script)"] + options).map { strdup($0) } + [nil]
        // Threads of the concurrency runtime block signals, and a program that takes their place would inherit that: nobody
        // could stop it or its children.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        execv(python, &arguments)
        throw Self.missing("\(Self.python) cannot be run: \(String(cString: strerror(errno)))")
    }

    private static func missing(_ text: String) -> ExitCode {
        let line = "density: \(text)\n"
        write(STDERR_FILENO, line, line.utf8.count)
        return ExitCode(2)
    }

    /// The tree this program was built in, or else the one it is run in.
    private static func root() -> String? {
        guard let program = path("/proc/self/exe") else { return nil }
        return [program, path(".").map { $0 + "/here" }].compactMap(\.self).lazy.compactMap(Self.tree).first
    }

    private static func tree(above file: String) -> String? {
        var folder = file[...]
        while let end = folder.lastIndex(of: "/") {
            folder = folder[..<end]
            if access("\(folder)/\(script)", R_OK) == 0 { return String(folder) }
        }
        return nil
    }

    private static func path(_ name: String) -> String? {
        guard let resolved = realpath(name, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
