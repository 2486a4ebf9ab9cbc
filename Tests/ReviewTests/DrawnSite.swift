import Pipeline

extension CameraAssembly {
    /// The first camera of a configuration that a test writes down.
    init(firstOf text: String) throws {
        let library = ModelLibrary.standard()
        let site = try SiteConfiguration.decode(
            text, file: "site.yaml",
            in: ConfigurationSurroundings(folder: "/", environment: { _ in nil }, modelNames: library.names))
        try self.init(site.cameras[0], library: library, localTime: site.localTime)
    }
}
