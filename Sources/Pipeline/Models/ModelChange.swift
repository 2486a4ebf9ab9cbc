package import Foundation
import Journal
import Vision

/// Another number for one key of a model.json.
package struct ModelChange: Hashable, Sendable {
    /// Key, or section and key.
    package let key: [String]
    package let value: Double

    package init(key: [String], value: Double) {
        self.key = key
        self.value = value
    }
}

extension ModelLibrary {
    /// A model of the library with other numbers, and the bytes of its model.json; nothing is written.
    ///
    /// - Throws: ``ModelError`` for a key that is not there or holds no number, or a value out of its range.
    package func load(_ name: String, as newName: String, _ changes: [ModelChange]) throws -> (Entry, file: Data) {
        let place = folder.appendingPathComponent("\(name)/model.json").path
        _ = try load(name)
        guard let data = FileManager.default.contents(atPath: place),
            var object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { throw ModelError(place: place, detail: "cannot be read") }
        for change in changes {
            let path = change.key.joined(separator: ".")
            guard Self.set(change.value, at: change.key[...], in: &object) else {
                throw ModelError(
                    place: place, detail: "\(path): the model has no such number; see the keys of model.json")
            }
        }
        let file = try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
        do {
            let model = try JSONDecoder().decode(DetectorModel.self, from: file)
            let problems = model.validate()
            guard problems.isEmpty else { throw ModelError(place: place, detail: problems.joined(separator: "; ")) }
            return (Entry(name: newName, hash: Digest.sha256Hex(file), model: model), file)
        } catch let error as DecodingError {
            throw ModelError(place: place, detail: "not a detector model with these values: \(error)")
        }
    }

    /// Whole numbers stay whole: where the file holds one, the value is rounded.
    private static func set(_ value: Double, at key: ArraySlice<String>, in object: inout [String: Any]) -> Bool {
        guard let first = key.first, let old = object[first] else { return false }
        if key.count > 1 {
            guard var inner = old as? [String: Any], set(value, at: key.dropFirst(), in: &inner) else { return false }
            object[first] = inner
            return true
        }
        guard old is NSNumber else { return false }
        object[first] = wholeKeys.contains(first) ? Int(value.rounded()) as Any : value as Any
        return true
    }

    /// Keys of ``DetectorModel`` that count something.
    private static let wholeKeys: Set<String> = [
        "grid_width", "grid_pixels", "samples", "matches_needed", "radius_least", "radius_most", "restless_rise",
        "restless_fall", "ghost_sightings", "confirm_hits"
    ]
}
