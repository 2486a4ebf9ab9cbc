import Console
import Foundation
import Testing

@Suite("The control token")
struct ControlTokenTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("snowline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test("is made once, for the owner only, and kept")
    func made() throws {
        try inFolder { folder in
            let token = try ControlToken.establish(in: folder)
            #expect(token.revealed.utf8.count == 43)
            let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/control.token")
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            #expect(try ControlToken.establish(in: folder).revealed == token.revealed)
            #expect(try ControlToken.read(in: folder).revealed == token.revealed)
            #expect("\(token)" == "***")
        }
    }

    @Test("two tokens differ")
    func random() throws {
        var tokens: Set<String> = []
        for _ in 0..<3 { try inFolder { tokens.insert(try ControlToken.establish(in: $0).revealed) } }
        #expect(tokens.count == 3)
    }

    @Test("is refused where others may read it, where it is damaged, and where it is a link")
    func refused() throws {
        try inFolder { folder in
            let path = folder + "/control.token"
            _ = try ControlToken.establish(in: folder)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let open = #expect(throws: ControlTokenError.self) { try ControlToken.establish(in: folder) }
            #expect(open?.description.contains("has mode 644, so others may know it") == true)

            try Data("short\n".utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            let damaged = #expect(throws: ControlTokenError.self) { try ControlToken.read(in: folder) }
            #expect(damaged?.description.contains("holds no token") == true)

            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
            #expect(throws: ControlTokenError.self) { try ControlToken.establish(in: folder) }
            #expect(throws: ControlTokenError.self) { try ControlToken.establish(in: folder + "/nowhere") }
        }
    }

    @Test("matches only itself")
    func matching() {
        let token = ControlToken("abcd")
        #expect(token.matches("abcd"))
        for other in ["", "abc", "abce", "abcde", "Abcd"] { #expect(!token.matches(other)) }
    }
}
