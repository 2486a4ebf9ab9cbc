import Foundation
import TestSupport

/// Headless Chromium, which opens a page of ours and takes its picture. Without any network.
enum Browser {
    static let program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    static let isAvailable = program != nil
    static let requirement = "needs Chromium"

    struct View {
        /// The page as it stood once it was drawn.
        let document: String
        /// PNG.
        let picture: [UInt8]
        let errors: String
    }

    static func open(_ page: String, in folder: ScratchFolder, width: Int = 1100, height: Int = 1400) throws -> View {
        let picture = folder.file("screenshot.png")
        let errors = try run(
            [
                "--screenshot=\(picture)", "--window-size=\(width),\(height)", "--enable-logging=stderr", "--v=0",
                "file://\(page)"
            ], folder
        ).errors
        let document = try run(["--dump-dom", "file://\(page)"], folder).output
        return View(document: document, picture: Files.read(picture) ?? [], errors: errors)
    }

    private static func run(_ arguments: [String], _ folder: ScratchFolder) throws -> (output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program ?? "")
        process.arguments =
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
                "--user-data-dir=\(folder.file("profile"))", "--proxy-server=127.0.0.1:1"
            ] + arguments
        let (output, errors) = (folder.file("browser.out"), folder.file("browser.err"))
        for file in [output, errors] { try Files.write([], to: file) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        process.waitUntilExit()
        return (
            String(decoding: Files.read(output) ?? [], as: UTF8.self),
            String(decoding: Files.read(errors) ?? [], as: UTF8.self)
        )
    }

    /// Width, height and how many different bytes the compressed pixels have: a blank page has few and is small.
    static func size(ofPNG bytes: [UInt8]) -> (width: Int, height: Int)? {
        guard bytes.count > 24, bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]) else { return nil }
        let number = { (at: Int) in bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        return (number(16), number(20))
    }
}
