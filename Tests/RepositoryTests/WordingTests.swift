import Testing

@Suite("nothing unfinished, nothing of one machine, nobody's identity")
struct WordingTests {
    /// Written apart, so that this file does not find itself.
    private static let unfinishedMarks: Set<String> = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]
    private static let machinePrefixes = ["/wo" + "rk/", "/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/tm" + "p/bash"]

    @Test func nothingIsMarkedUnfinished() throws {
        for path in RepositoryTree.textFiles {
            for (index, line) in try RepositoryTree.lines(path).enumerated() {
                let found = words(of: line).first { Self.unfinishedMarks.contains($0) }
                #expect(found == nil, "\(path):\(index + 1): finish it or write down why not: \(line)")
            }
        }
    }

    @Test func noPathOfOneMachine() throws {
        for path in RepositoryTree.textFiles {
            for (index, line) in try RepositoryTree.lines(path).enumerated() {
                for prefix in Self.machinePrefixes {
                    let hit = line.ranges(of: prefix).contains { range in
                        guard range.lowerBound > line.startIndex else { return true }
                        let before = line[line.index(before: range.lowerBound)]
                        return !(before.isLetter || before.isNumber || "._-}~*".contains(before))
                    }
                    #expect(!hit, "\(path):\(index + 1): a path of one machine: \(line)")
                }
            }
        }
    }

    /// What, never who: no stored or transmitted field may be able to hold a person's identity.
    private static let identityWords = [
        "face", "faces", "facial", "plate", "plates", "identity", "identities", "embedding", "embeddings", "biometric",
        "biometrics", "gait", "gender", "ethnicity", "reidentification", "reid", "fingerprint", "imsi", "imei",
        "citizen", "surname", "person id", "person name", "id card", "phone number", "mac address"
    ]
    private static let recordRooms = ["Sources/Scene", "Sources/Journal", "Sources/Alerts", "Sources/Delivery"]

    @Test func noFieldSaysWho() throws {
        for path in RepositoryTree.swiftFiles(below: Self.recordRooms) {
            let code = String(decoding: SwiftOutline(try RepositoryTree.text(path)).code, as: UTF8.self)
            for (index, line) in code.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                for name in declaredNames(line) {
                    #expect(!saysWho(name), "\(path):\(index + 1): \"\(name)\" could say who somebody is")
                }
            }
        }
    }

    @Test(.enabled(if: RepositoryTree.exists("docs/alerts.md")))
    func noDocumentedFieldSaysWho() throws {
        let parts = try RepositoryTree.text("docs/alerts.md").split(separator: "`", omittingEmptySubsequences: false)
        for field in parts.enumerated().filter({ $0.offset % 2 == 1 }).map(\.element) {
            #expect(!saysWho(field), "docs/alerts.md: `\(field)` could say who somebody is")
        }
    }

    private func saysWho(_ name: some StringProtocol) -> Bool {
        let text = " " + words(of: name).joined(separator: " ").lowercased() + " "
        return Self.identityWords.contains { text.contains(" \($0) ") }
    }

    @Test func namesAreTakenApart() {
        #expect(saysWho("plateNumber") && saysWho("person_id") && saysWho("faceBox") && saysWho("idCard"))
        #expect(!saysWho("surfaceArea") && !saysWho("template") && !saysWho("persons") && !saysWho("storageID"))
        #expect(words(of: "faceBox plate_number trackID") == ["face", "Box", "plate", "number", "track", "ID"])
        #expect(declaredNames("    package var faceBox: Box, let x = 1") == ["faceBox", "x"])
        #expect(declaredNames("    case plate, other = 3") == ["plate", "other"])
        #expect(declaredNames("    case .surface: let y").contains("surface") == false)
    }
}

/// Words of a text, identifiers taken apart at underscores and humps.
private func words(of text: some StringProtocol) -> [String] {
    var found: [String] = []
    var current = ""
    var previousIsLower = false
    for character in text {
        let isPart = character.isLetter || character.isNumber
        if !isPart || (character.isUppercase && previousIsLower) {
            if !current.isEmpty { found.append(current) }
            current = ""
        }
        if isPart { current.append(character) }
        previousIsLower = isPart && !character.isUppercase
    }
    if !current.isEmpty { found.append(current) }
    return found
}

/// Names that a line of code declares by `let`, `var` or `case`.
private func declaredNames(_ line: some StringProtocol) -> [String] {
    let tokens = String(line).split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }).map(
        String.init)
    guard let start = tokens.firstIndex(where: { ["let", "var", "case"].contains($0) }) else { return [] }
    if tokens[start] == "case" {
        let list = String(line).drop { $0 == " " }.dropFirst("case".count)
        guard !list.contains(".") else { return [] }
        return list.split(separator: ",").compactMap { part in
            part.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") }).first.map(String.init)
        }
    }
    return tokens.indices.dropLast().filter { ["let", "var"].contains(tokens[$0]) }.map { tokens[$0 + 1] }
}
