import Foundation
package import Pipeline
package import Scene

/// One of the two things that `diff` compares: a configuration, maybe with another detector model.
package struct ComparedSide: Sendable {
    package let configuration: SiteConfiguration
    /// As the page and the JSON call it.
    package let name: String
    private let library: ModelLibrary
    private let model: String?

    /// - Parameters:
    ///   - library: where the cameras' models are.
    ///   - model: instead of the cameras' own: a name in the library, or the path of a folder with model.json.
    package init(_ configuration: SiteConfiguration, file: String, library: ModelLibrary, model: String?) {
        self.configuration = configuration
        name = model.map { "\(file), model \($0)" } ?? file
        guard let model, model.contains("/") else {
            (self.library, self.model) = (library, model)
            return
        }
        let folder = URL(fileURLWithPath: model, isDirectory: true)
        self.library = ModelLibrary(folder: folder.deletingLastPathComponent())
        self.model = folder.lastPathComponent
    }

    /// The camera that watches a footage: the one that is named, else the one whose url is the file, else the only one.
    /// - Throws: ``CorpusError`` where none can be told.
    package func camera(for footage: String, named id: CameraID?) throws -> CameraConfiguration {
        if let id {
            guard let camera = configuration.camera(id) else { throw unknown("has no camera \(id)") }
            return camera
        }
        let path = URL(fileURLWithPath: footage).standardizedFileURL.path
        if let own = configuration.cameras.first(where: { $0.address == StreamAddress(path) }) { return own }
        guard configuration.cameras.count == 1, let only = configuration.cameras.first else {
            throw unknown("has several cameras and none of them has the url \(footage); name one with --camera")
        }
        return only
    }

    private func unknown(_ detail: String) -> CorpusError {
        let known = configuration.cameras.map(\.id.text).joined(separator: ", ")
        return CorpusError(place: name, detail: "\(detail); it has \(known.isEmpty ? "none" : known)")
    }

    /// - Throws: `ModelError`.
    package func assembly(_ camera: CameraConfiguration) throws -> CameraAssembly {
        try CameraAssembly(
            model.map(camera.watched(by:)) ?? camera, library: library, localTime: configuration.localTime)
    }
}

extension CameraConfiguration {
    /// The same camera with another detector model.
    func watched(by model: String) -> CameraConfiguration {
        CameraConfiguration(
            id: id, place: place, address: address, transport: transport, decode: decode, quietSpan: quietSpan,
            analysisRate: analysisRate, model: model, privacyMasks: privacyMasks, ignoreMasks: ignoreMasks,
            perspective: perspective, rules: rules, duties: duties)
    }
}
