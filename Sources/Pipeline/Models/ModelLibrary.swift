package import Foundation
import Journal
package import Vision

/// The detector models (presets) of the `Models` folder: one folder each, with `model.json` and its card.
package struct ModelLibrary: Sendable {
    /// A model with the SHA-256 of its file, which every alert names.
    package struct Entry: Sendable {
        package let name: String
        package let hash: String
        package let model: DetectorModel
    }

    /// Largest `model.json` that is read, in bytes.
    private static let fileLimit = 1 << 20

    package let folder: URL

    package init(folder: URL) {
        self.folder = folder
    }

    /// The library beside the programs: `SNOWLINE_MODELS`, else `../share/snowline/Models` of the program's folder,
    /// else `Models` in one of the folders above the program (a checkout), else `Models` here.
    package static func standard(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        program: String = ProcessInfo.processInfo.arguments.first ?? ""
    ) -> ModelLibrary {
        if let named = environment["SNOWLINE_MODELS"], !named.isEmpty {
            return ModelLibrary(folder: URL(fileURLWithPath: named, isDirectory: true))
        }
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? program
        var place = URL(fileURLWithPath: executable).deletingLastPathComponent()
        var candidates = [place.deletingLastPathComponent().appendingPathComponent("share/snowline/Models")]
        while place.path != "/" {
            candidates.append(place.appendingPathComponent("Models"))
            place.deleteLastPathComponent()
        }
        let here = URL(fileURLWithPath: "Models", isDirectory: true)
        return ModelLibrary(folder: candidates.first(where: Self.holdsModels) ?? here)
    }

    /// Names of the models that are there, sorted.
    package var names: [String] {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return found.filter { FileManager.default.fileExists(atPath: file($0).path) }.sorted()
    }

    /// - Throws: ``ModelError`` with the file and what is wrong with it.
    package func load(_ name: String) throws -> Entry {
        let file = file(name)
        guard let data = try? Data(contentsOf: file), data.count <= Self.fileLimit else {
            let known = names.joined(separator: ", ")
            throw ModelError(
                place: file.path, detail: "no such model; the folder holds: \(known.isEmpty ? "none" : known)")
        }
        do {
            let model = try JSONDecoder().decode(DetectorModel.self, from: data)
            let problems = model.validate()
            guard problems.isEmpty else { throw ModelError(place: file.path, detail: problems.joined(separator: "; ")) }
            return Entry(name: name, hash: Digest.sha256Hex(data), model: model)
        } catch let error as DecodingError {
            throw ModelError(place: file.path, detail: "not a detector model: \(error)")
        }
    }

    private func file(_ name: String) -> URL {
        folder.appendingPathComponent(name, isDirectory: true).appendingPathComponent("model.json")
    }

    private static func holdsModels(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent("visible/model.json").path)
    }
}

/// A detector model that cannot be used: which file, and why.
package struct ModelError: Error, CustomStringConvertible {
    package let place: String
    package let detail: String

    package var description: String { "\(place): \(detail)" }
}
