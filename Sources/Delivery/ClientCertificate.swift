/// What a client shows a broker that asks who it is.
package struct ClientCertificate: Hashable, Sendable {
    /// PEM files.
    package var file: String
    package var keyFile: String

    package init(file: String, keyFile: String) {
        self.file = file
        self.keyFile = keyFile
    }
}
