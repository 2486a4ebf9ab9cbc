// swift-tools-version: 6.1
import PackageDescription

// The rooms of docs/architecture.md. A target may import only what it names here:
// `make lint` builds with `--explicit-target-dependency-import-check error`.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault")
]

// One kernel source, one module for each instruction set (links into Sources/KernelSource).
// Instruction-set flags exist only in release builds, so a debug build runs on any processor.
#if arch(x86_64)
    let instructionSets: [(name: String, flags: [String])] = [
        ("Baseline", []),
        ("AVX2", ["-Xcc", "-march=x86-64-v3"]),
        ("AVX512", ["-Xcc", "-march=x86-64-v4"])
    ]
#else
    let instructionSets: [(name: String, flags: [String])] = [("Baseline", [])]
#endif

let kernelTargets: [Target] = instructionSets.map { set in
    .target(
        name: "Kernels\(set.name)",
        dependencies: ["CVec", "KernelAPI"],
        swiftSettings: strict
            + (set.flags.isEmpty ? [] : [.unsafeFlags(set.flags, .when(configuration: .release))])
    )
}

// The kernels once more in plain C for the same instruction sets: a yardstick of snowline-bench, linked nowhere else.
let kernelYardsticks: [Target] = instructionSets.map { set in
    .target(
        name: "CKernels\(set.name)",
        dependencies: ["CKernels"],
        path: "Benchmarks/CKernels\(set.name)",
        publicHeadersPath: ".",
        cSettings: [.define("C_KERNEL_TABLE", to: "c_kernels_\(set.name.lowercased())")]
            + [.unsafeFlags(["-O3"] + set.flags.filter { $0 != "-Xcc" }, .when(configuration: .release))]
    )
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let metricsCore: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(
    _ name: String, path: String? = nil, exclude: [String] = [], _ dependencies: [Target.Dependency]
) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: strict)
}

func tests(_ name: String, exclude: [String] = [], _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "snowline",
    products: [
        .executable(name: "snowlined", targets: ["snowlined"]),
        .executable(name: "snowline", targets: ["snowline"]),
        .executable(name: "snowline-bench", targets: ["snowline-bench"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0")
    ],
    targets: [
        // The nouns.
        room("Scene", []),

        // Pixel kernels.
        .target(name: "CVec"),
        .target(name: "CCPU"),
        room("KernelAPI", []),
        room("Kernels", ["CCPU", "KernelAPI"] + kernelTargets.map { .target(name: $0.name) }),
        room("KernelReference", ["KernelAPI"]),

        // The stages.
        .systemLibrary(
            name: "CFFmpeg",
            pkgConfig: "libavformat",
            providers: [.apt(["libavformat-dev", "libavcodec-dev", "libavutil-dev", "libswscale-dev"])]
        ),
        room("Media", ["Scene", "CFFmpeg"]),
        room("Ingest", ["Scene", "Media", logging]),
        room("Vision", ["Scene", "KernelAPI", "Kernels"]),
        room("Rules", ["Scene"]),
        room("Evidence", ["Scene", "Media", logging]),
        room("Journal", ["Scene", grdb, crypto]),
        room("Alerts", ["Scene", "Journal", logging]),
        .systemLibrary(name: "CNATS", pkgConfig: "libnats", providers: [.apt(["libnats-dev"])]),
        .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        room(
            "Delivery",
            [
                "Scene", "Journal", "CNATS", "CMosquitto", asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioSSL, crypto,
                logging
            ]),

        // The wiring and the faces.
        room(
            "Pipeline",
            [
                "Scene", "Media", "Ingest", "Vision", "Rules", "Evidence", "Journal", "Alerts", "Delivery",
                "Kernels", "KernelAPI", yams, serviceLifecycle, metrics, metricsCore, logging, crypto
            ]
        ),
        room("Review", ["Scene", "Media", "Ingest", "Rules", "Evidence", "Journal", "Pipeline", logging]),
        room(
            "Console",
            [
                "Scene", "Journal", "Pipeline", hummingbird, hummingbirdCore, asyncHTTPClient, nioCore, nioHTTP1,
                logging, serviceLifecycle
            ]
        ),

        // The programs.
        .target(name: "CAllocator"),
        program(
            "snowlined",
            [
                "CAllocator", "Scene", "Journal", "Pipeline", "Console", argumentParser, logging, serviceLifecycle,
                unixSignals
            ]),
        program(
            "snowline",
            ["Scene", "Media", "Ingest", "Journal", "Pipeline", "Review", "Console", argumentParser, logging]),
        program(
            "snowline-bench",
            path: "Benchmarks",
            exclude: [
                "README.md", "Records", "Peers", "Density", "requirements.txt", "kernel-instructions.sh", "CKernels",
                "CKernelSource", "CAllocationCount", "Bus"
            ] + kernelYardsticks.map(\.name),
            [
                "Scene", "KernelAPI", "Kernels", "KernelReference", "CKernels", "CAllocationCount", "Media", "Ingest",
                "Vision", "Rules", "Alerts", "Pipeline", "Review", "BusBench", argumentParser
            ] + kernelYardsticks.map { .target(name: $0.name) }
        ),
        .target(
            name: "BusBench",
            dependencies: [
                "Scene", "Kernels", "Vision", "Rules", "Evidence", "Journal", "Alerts", "Delivery", "Pipeline",
                argumentParser, hummingbird, logging
            ],
            path: "Benchmarks/Bus",
            swiftSettings: strict
        ),
        .target(name: "CKernels", path: "Benchmarks/CKernels"),
        // Replaces malloc: linked by snowline-bench only.
        .target(name: "CAllocationCount", path: "Benchmarks/CAllocationCount"),

        // The tests mirror the rooms.
        .target(
            name: "TestSupport",
            dependencies: ["Scene", "Media", nioCore, nioPosix, nioHTTP1, nioSSL, crypto],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        tests("Scene", ["Scene"]),
        tests("Kernels", ["KernelAPI", "Kernels", "KernelReference"]),
        tests("Media", ["Scene", "Media"]),
        tests("Ingest", ["Scene", "Media", "Ingest", logging]),
        tests("Vision", ["Scene", "Vision", "KernelAPI", "Kernels"]),
        tests("Rules", ["Scene", "Rules"]),
        tests("Evidence", ["Scene", "Media", "Evidence"]),
        .executableTarget(
            name: "JournalCrashProbe",
            dependencies: ["Scene", "Journal"],
            path: "Tests/JournalCrashProbe",
            swiftSettings: strict
        ),
        // Replaces the writing functions of the C library: linked by JournalPowerProbe only.
        .target(name: "CWriteRecorder", path: "Tests/CWriteRecorder"),
        .executableTarget(
            name: "JournalPowerProbe",
            dependencies: ["Scene", "Journal", "CWriteRecorder"],
            path: "Tests/JournalPowerProbe",
            swiftSettings: strict
        ),
        tests("Journal", ["Scene", "Journal", "JournalCrashProbe", "JournalPowerProbe", grdb]),
        .executableTarget(
            name: "EpisodeCrashProbe",
            dependencies: ["Scene", "Journal", "Alerts", "TestSupport"],
            path: "Tests/EpisodeCrashProbe",
            swiftSettings: strict
        ),
        tests("Alerts", ["Scene", "Journal", "Alerts", "EpisodeCrashProbe", logging]),
        tests(
            "Delivery",
            [
                "Scene", "Journal", "Delivery", "CNATS", asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioSSL, crypto,
                logging
            ]),
        tests(
            "Pipeline",
            exclude: ["Golden"],
            [
                "Scene", "Media", "Ingest", "Vision", "Rules", "Evidence", "Journal", "Alerts", "Delivery", "Kernels",
                "KernelAPI", "Pipeline", "Review", metricsCore, logging
            ]),
        tests("Review", ["Scene", "Media", "Ingest", "Rules", "Journal", "Pipeline", "Review", logging]),
        tests(
            "Console",
            ["Scene", "Journal", "Pipeline", "Console", asyncHTTPClient, nioCore, nioHTTP1, logging, serviceLifecycle]),
        tests(
            "Program",
            ["Scene", "Media", "Journal", "snowlined", "snowline", asyncHTTPClient, nioCore, nioHTTP1, crypto]),
        tests("Repository", [crypto])
    ] + kernelTargets + kernelYardsticks,
    swiftLanguageModes: [.v6]
)
