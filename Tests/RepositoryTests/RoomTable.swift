/// Who may import whom: the table of rooms in docs/architecture.md, as data.
///
/// Between our own targets the compiler checks it too (`--explicit-target-dependency-import-check error`); packages,
/// Foundation and the C library are checked only here.
struct Room {
    let name: String
    /// Modules of this repository.
    let ours: Set<String>
    /// Modules of packages.
    let packages: Set<String>
    /// Foundation, Dispatch and the C library: not where decisions are made from frame time alone.
    let mayUseSystem: Bool

    init(_ name: String, _ ours: Set<String> = [], packages: Set<String> = [], mayUseSystem: Bool = true) {
        self.name = name
        self.ours = ours
        self.packages = packages
        self.mayUseSystem = mayUseSystem
    }

    static let systemModules: Set<String> = [
        "Foundation", "FoundationEssentials", "Dispatch", "Glibc", "Musl", "FoundationNetworking"
    ]
    /// Parts of the language's own library: every room may use them.
    static let languageModules: Set<String> = ["Swift", "Synchronization", "Testing"]

    private static let stages: Set<String> = [
        "Scene", "Media", "Ingest", "Vision", "Rules", "Evidence", "Journal", "Alerts", "Delivery", "Kernels",
        "KernelAPI"
    ]
    private static let nio: Set<String> = ["NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL"]
    private static let programs: Set<String> = ["ArgumentParser", "Logging", "ServiceLifecycle"]

    static let all: [Room] = [
        Room("Scene", mayUseSystem: false),
        Room("CVec"), Room("CCPU"), Room("CAllocator"), Room("CFFmpeg"), Room("CNATS"), Room("CMosquitto"),
        Room("KernelAPI", mayUseSystem: false),
        Room("KernelSource", ["KernelAPI", "CVec"], mayUseSystem: false),
        Room("KernelsBaseline", ["KernelAPI", "CVec"], mayUseSystem: false),
        Room("KernelsAVX2", ["KernelAPI", "CVec"], mayUseSystem: false),
        Room("KernelsAVX512", ["KernelAPI", "CVec"], mayUseSystem: false),
        Room("Kernels", ["KernelAPI", "CCPU", "KernelsBaseline", "KernelsAVX2", "KernelsAVX512"], mayUseSystem: false),
        Room("KernelReference", ["KernelAPI"], mayUseSystem: false),
        Room("Media", ["Scene", "CFFmpeg"]),
        Room("Ingest", ["Scene", "Media"], packages: ["Logging"]),
        Room("Vision", ["Scene", "KernelAPI", "Kernels"], mayUseSystem: false),
        Room("Rules", ["Scene"], mayUseSystem: false),
        Room("Evidence", ["Scene", "Media"], packages: ["Logging"]),
        Room("Journal", ["Scene"], packages: ["GRDB", "Crypto"]),
        Room("Alerts", ["Scene", "Journal"], packages: ["Logging"]),
        Room(
            "Delivery", ["Scene", "Journal", "CNATS", "CMosquitto"],
            packages: nio.union(["AsyncHTTPClient", "Crypto", "Logging"])),
        Room(
            "Pipeline", stages,
            packages: ["Yams", "ServiceLifecycle", "Metrics", "CoreMetrics", "Logging", "Crypto"]),
        Room(
            "Review", ["Scene", "Pipeline", "Journal", "Evidence", "Media", "Ingest", "Rules"], packages: ["Logging"]),
        Room(
            "Console", ["Scene", "Journal", "Pipeline"],
            packages: [
                "Hummingbird", "HummingbirdCore", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "Logging",
                "ServiceLifecycle"
            ]),
        Room(
            "snowlined", ["CAllocator", "Scene", "Journal", "Pipeline", "Console"],
            packages: programs.union(["UnixSignals"])),
        Room("snowline", ["Scene", "Media", "Ingest", "Journal", "Pipeline", "Review", "Console"], packages: programs)
    ]
}
