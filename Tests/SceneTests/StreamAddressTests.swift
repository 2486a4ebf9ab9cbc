import Scene
import TestSupport
import Testing

@Suite("Stream addresses never show credentials")
struct StreamAddressTests {
    /// Every way in which a value finds its way into a log.
    private func shown(_ address: StreamAddress) -> [String] {
        var dumped = ""
        dump(address, to: &dumped)
        var dumpedPair = ""
        dump([Optional(address)], to: &dumpedPair)
        return [
            "\(address)", String(describing: address), String(reflecting: address), dumped, dumpedPair,
            "\([address])", "\(Optional(address) as Any)",
            String(describing: Mirror(reflecting: address).children.map { "\($0)" })
        ]
    }

    @Test("passwords with any character stay hidden", arguments: [1, 2, 3] as [UInt64])
    func randomPasswords(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let odd = Array("@:/?#%&=+!$*()[]{}<>|\\^~`'\",;. äß中")
        for _ in 0..<300 {
            // Marks at both ends and in the middle: no part of the secret may show.
            let filler = { (random: inout SeededRandom) in
                String((0..<Int.random(in: 0...3, using: &random)).map { _ in odd.randomElement(using: &random)! })
            }
            let user = "operator" + filler(&random)
            let password = "s3cretA" + filler(&random) + "s3cretB" + filler(&random)
            let address = StreamAddress("rtsp://\(user):\(password)@camera.example:554/live/main")
            for text in shown(address) {
                for secret in ["operator", "s3cretA", "s3cretB"] {
                    #expect(!text.contains(secret), "seed \(seed): \(address.revealed) shows as \(text)")
                }
            }
            let isPlain = !(user + password).contains("?")
            #expect(
                "\(address)" == (isPlain ? "rtsp://***@camera.example:554/live/main" : "rtsp://***"), "seed \(seed)")
            #expect(address.revealed.contains(password))
        }
    }

    @Test(
        "what may be seen",
        arguments: [
            ("rtsp://10.0.0.7:554/live", "rtsp://10.0.0.7:554/live"),
            ("rtsp://u:p@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
            ("rtsp://u@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
            ("rtsp://10.0.0.7/live?token=abc", "rtsp://10.0.0.7/live?***"),
            ("rtsp://u:p@10.0.0.7/live?user=u&password=p", "rtsp://***@10.0.0.7/live?***"),
            ("rtsp://10.0.0.7:554/live?user=u&password=p@ss", "rtsp://***"), ("rtsp://10.0.0.7/a?p@ss", "rtsp://***"),
            ("rtsp://u:a@b/c@10.0.0.7/live", "rtsp://***@10.0.0.7/live"), ("rtsp://cam/live@2", "rtsp://cam/live@2"),
            ("rtsp://[fe80::1]:554/live", "rtsp://[fe80::1]:554/live"),
            ("https://hooks.example/a/b", "https://hooks.example/a/b"),
            ("file:/srv/footage.mp4", "file:/srv/footage.mp4"), ("", ""), ("nonsense", "nonsense")
        ])
    func visible(text: String, expected: String) {
        #expect("\(StreamAddress(text))" == expected)
    }

    @Test func schemes() {
        #expect(StreamAddress("RTSP://a/b").scheme == "rtsp")
        #expect(StreamAddress("file:/a").scheme == nil)
        #expect(StreamAddress("://a").scheme == nil)
    }
}
