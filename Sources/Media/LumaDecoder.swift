import CFFmpeg
import Glibc

/// FFmpeg's H.264 decoder built so that it can leave the colours out (`--enable-gray`), which Debian's build cannot; it
/// decodes all H.264 where it is there.
///
/// `scripts/luma-decoder.sh` makes it, of the source of the very version that is installed.
///
/// It is a second libavcodec beside the one that the program is linked with, and shares libavutil with it: structures
/// cross from one to the other, so no other version is ever loaded. After FFmpeg was updated it has to be built anew.
package enum LumaDecoder {
    package enum Standing: Sendable, Hashable {
        case ready(path: String)
        /// Every plane is decoded, because of `reason`.
        case missing(reason: String)
    }

    /// What the program found when it first asked.
    package static var standing: Standing { found.standing }

    static var library: DecoderLibrary? { found.library }

    private static let found = load(from: folders(named: environment("SNOWLINE_LUMA_DECODER"), program: program()))

    /// Where to look: the folder that is named, and no other; else `../lib/snowline` of the program's folder, else
    /// `luma-decoder` in the build folder that the program lies in.
    package static func folders(named: String?, program: String) -> [String] {
        if let named, !named.isEmpty { return [named] }
        var place = program.split(separator: "/").dropLast()
        var folders = ["/" + (place.dropLast() + ["lib", "snowline"]).joined(separator: "/")]
        while let last = place.last {
            if last == ".build" { folders.append("/" + (place + ["luma-decoder"]).joined(separator: "/")) }
            place.removeLast()
        }
        return folders
    }

    /// - Returns: the first that is there, or why there is none that can be used.
    package static func standing(in folders: [String]) -> Standing { load(from: folders).standing }

    /// Of the FFmpeg that runs, as Debian names it: `5.1.9-0+deb12u1`.
    package static var fileName: String { "libavcodec-luma-\(String(cString: av_version_info())).so" }

    private static func load(from folders: [String]) -> (standing: Standing, library: DecoderLibrary?) {
        let paths = folders.map { "\($0)/\(fileName)" }
        guard let path = paths.first(where: { access($0, R_OK) == 0 }) else {
            return (.missing(reason: "no \(fileName) in \(folders.joined(separator: ", "))"), nil)
        }
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let text = dlerror().map { String(cString: $0) } ?? "unknown"
            return (.missing(reason: "\(path) cannot be loaded: \(text)"), nil)
        }
        // Never unloaded once it may be used: contexts of it live as long as cameras do.
        if let problem = problem(of: handle) {
            dlclose(handle)
            return (.missing(reason: "\(path) cannot be used: \(problem)"), nil)
        }
        guard let library = DecoderLibrary(handle) else {
            dlclose(handle)
            return (.missing(reason: "\(path) cannot be used: functions are missing"), nil)
        }
        return (.ready(path: path), library)
    }

    private static func problem(of handle: UnsafeMutableRawPointer) -> String? {
        typealias Version = @convention(c) () -> UInt32
        typealias Configuration = @convention(c) () -> UnsafePointer<CChar>?
        guard let version = dlsym(handle, "avcodec_version").map({ unsafeBitCast($0, to: Version.self) }),
            let configuration = dlsym(handle, "avcodec_configuration").map({
                unsafeBitCast($0, to: Configuration.self)
            })
        else { return "it is no libavcodec" }
        guard version() == avcodec_version() else { return "it is of another version than the system's libavcodec" }
        guard let text = configuration(), strstr(text, "--enable-gray") != nil else {
            return "it cannot leave colours out"
        }
        return nil
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func program() -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink("/proc/self/exe", &path, Int(PATH_MAX))
        return count > 0 ? String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
    }
}
