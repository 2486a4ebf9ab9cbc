// What the readers of request bodies share.

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// - Throws: where the object has a key that nobody reads.
func refuseKeys(of decoder: any Decoder, except known: [String]) throws {
    let all = try decoder.container(keyedBy: AnyKey.self)
    guard let unknown = all.allKeys.first(where: { !known.contains($0.stringValue) }) else { return }
    throw DecodingError.dataCorruptedError(
        forKey: unknown, in: all, debugDescription: "unknown key; allowed: \(known.joined(separator: ", "))")
}

/// Who or why, as it goes into the journal: one line of a few words.
func readWords(_ key: String, _ text: String?, example: String, _ problems: inout [String]) -> String? {
    guard let text, !text.allSatisfy(\.isWhitespace) else {
        problems.append("\(key): is missing; give for example \"\(example)\", it is kept in the journal")
        return nil
    }
    guard text.utf8.count <= ArmingRequest.textLimit,
        !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    else {
        problems.append("\(key): give one line of at most \(ArmingRequest.textLimit) bytes")
        return nil
    }
    return text
}

/// What somebody sent, quoted so that it cannot break a line or fill a page.
func quoted(_ text: String) -> String {
    let line = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
    return "\"\(String(String.UnicodeScalarView(line)).prefix(64))\""
}
