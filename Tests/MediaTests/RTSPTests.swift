import Scene
import Testing

@testable import Media

@Suite("RTSP")
struct RTSPTests {
    @Test("the digest of RFC 2617, and both of RFC 7616 as Python's hashlib has them")
    func digests() throws {
        var old = RTSPLogin(user: "Mufasa", password: "Circle Of Life")
        let taken = old.take([
            #"Basic realm="x""#,
            #"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#
        ])
        #expect(taken)
        let first = old.authorization("GET", "/dir/index.html", clientNonce: "0a4f113b")
        let answer = try #require(first)
        #expect(answer.hasPrefix("Digest ") && answer.contains(#"response="6629fae49393a05397450978507c4ef1""#))
        #expect(answer.contains("nc=00000001") && answer.contains(#"opaque="5ccc069c403ebaf9f0171e9517f40e41""#))
        let second = old.authorization("GET", "/dir/index.html", clientNonce: "0a4f113b")
        #expect(second?.contains("nc=00000002") == true)

        let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFsH4GiTo0v"
        let client = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
        for (algorithm, response) in [
            ("MD5", "4ac7de2cd8b0ed600475df4bdd5a7173"),
            ("SHA-256", "ae3275f5f6e76c28d0ed4fb51900c638715d29f07e2bb2efb56600170ede0143")
        ] {
            var login = RTSPLogin(user: "Mufasa", password: "Circle of Life")
            let taken = login.take([
                #"Digest realm="http-auth@example.org", qop="auth", algorithm=\#(algorithm), nonce="\#(nonce)""#
            ])
            #expect(taken)
            let answer = login.authorization("GET", "/dir/index.html", clientNonce: client)
            #expect(
                answer?.contains("response=\"\(response)\"") == true
                    && answer?.contains("algorithm=\(algorithm)") == true)
        }
    }

    @Test("a digest without quality of protection, as cameras ask for it, and Basic")
    func plainDigest() {
        var login = RTSPLogin(user: "admin", password: "12345")
        let unasked = login.authorization("DESCRIBE", "rtsp://camera/1", clientNonce: "x")
        #expect(unasked == nil, "nothing was asked for")
        let knowsDigest = login.take([#"Digest realm="IP Camera(23435)", nonce="4a1b3f", stale="FALSE""#])
        #expect(knowsDigest)
        let answer = login.authorization("DESCRIBE", "rtsp://camera/1", clientNonce: "x")
        // printf through md5sum: admin:IP Camera(23435):12345, DESCRIBE:rtsp://camera/1.
        #expect(answer?.contains(#"response="4feac442f8fe977972145359f41bd0e4""#) == true, "\(answer ?? "")")
        #expect(answer?.contains("qop") == false && answer?.contains("algorithm") == false)
        let knowsBasic = login.take(["Basic realm=\"x\""])
        let basic = login.authorization("SETUP", "", clientNonce: "x")
        #expect(knowsBasic && basic == "Basic YWRtaW46MTIzNDU=")
        let knowsOthers = login.take(["Digest realm=\"x\", nonce=\"y\", algorithm=SHA-512-256", "Negotiate"])
        #expect(!knowsOthers)
    }

    @Test("an answer, and what it says of session and channels")
    func answers() throws {
        let head =
            "RTSP/1.0 200 OK\r\nCSeq: 4\r\nSession:  12345678 ;timeout=30\r\n"
            + "Transport: RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1234\r\nWWW-Authenticate: a\r\nwww-authenticate: b\r\n\r\n"
        let response = try #require(RTSPResponse(head: head))
        #expect(response.status == 200 && response.number == 4 && response.values(of: "www-authenticate") == ["a", "b"])
        #expect(response.session?.name == "12345678" && response.session?.seconds == 30)
        #expect(response.channels?.rtp == 2 && response.channels?.rtcp == 3)
        #expect(
            RTSPResponse(head: "RTSP/1.0 200 OK\r\nTransport: RTP/AVP;unicast;client_port=1-2\r\n\r\n")?.channels == nil
        )
        #expect(RTSPResponse(head: "OPTIONS rtsp://x RTSP/1.0\r\nCSeq: 1\r\n\r\n") == nil)
        #expect(RTSPResponse(head: "RTSP/1.0 abc\r\n\r\n") == nil && RTSPResponse(head: "") == nil)
        #expect(RTSPResponse.bodyLength(head: "RTSP/1.0 200 OK\nContent-length: 12\n\n") == 12)
        #expect(RTSPResponse.bodyLength(head: "RTSP/1.0 200 OK\n\n") == 0)
        #expect(RTSPResponse.bodyLength(head: "RTSP/1.0 200 OK\nContent-Length: x\n\n") == nil)
    }

    private static let description = """
        v=0\r
        o=- 1 1 IN IP4 192.168.1.10\r
        a=control:*\r
        m=audio 0 RTP/AVP 8\r
        a=control:trackID=0\r
        m=video 0 RTP/AVP 96\r
        a=framerate:25.0\r
        a=rtpmap:96 H264/90000\r
        a=fmtp:96 packetization-mode=1; profile-level-id=4D401F; sprop-parameter-sets=Z00AH5WoFAFuQA==,aO48gA==\r
        a=control:trackID=1\r
        m=application 0 RTP/AVP 107\r
        a=control:trackID=2\r

        """

    @Test("the video track of a description")
    func descriptions() throws {
        let found = try #require(SessionDescription(Self.description))
        #expect(found.codec == .h264 && found.payloadType == 96 && found.clockRate == 90_000 && found.frameRate == 25)
        #expect(found.control == "trackID=1" && found.aggregateControl == "*")
        #expect(
            found.parameterSets.prefix(5) == [0, 0, 0, 1, 0x67]
                && found.parameterSets.suffix(4) == [0x68, 0xEE, 0x3C, 0x80])
        let h265 = Self.description.replacing("H264", with: "H265")
            .replacing(#/sprop-parameter-sets=[^\r]*/#, with: "sprop-vps=QAE=;sprop-sps=QgE=; sprop-pps=RAE=")
        #expect(SessionDescription(h265)?.codec == .h265)
        #expect(
            SessionDescription(h265)?.parameterSets == [0, 0, 0, 1, 0x40, 1, 0, 0, 0, 1, 0x42, 1, 0, 0, 0, 1, 0x44, 1])
    }

    @Test(
        "what only FFmpeg reads is left to it",
        arguments: [
            ("H264/90000", "MP4V-ES/90000"), ("packetization-mode=1", "packetization-mode=2"), ("m=video", "m=text"),
            ("RTP/AVP 96", "RTP/SAVP 96"), ("H264/90000", "H264/0"),
            ("H264/90000", "H264/1"), ("packetization-mode=1", "sprop-max-don-diff=2")
        ])
    func left(from: String, to: String) {
        #expect(SessionDescription(Self.description.replacing(from, with: to)) == nil)
    }

    @Test(
        "where tracks are asked for",
        arguments: [
            ("trackID=1", "rtsp://h/a", "rtsp://h/a/trackID=1"), ("trackID=1", "rtsp://h/a/", "rtsp://h/a/trackID=1"),
            ("*", "rtsp://h/a/", "rtsp://h/a/"), ("rtsp://h/b/1", "rtsp://h/a", "rtsp://h/b/1"),
            (nil, "rtsp://h/a", "rtsp://h/a")
        ] as [(String?, String, String)])
    func controls(control: String?, base: String, expected: String) {
        #expect(SessionDescription.address(of: control, below: base) == expected)
    }

    @Test("addresses are taken apart, passwords as they were meant")
    func places() throws {
        let full = try #require(StreamAddress("rtsp://us%40er:p%2Fss:w/rd@[::1]:8554/live/1?x=2").rtspPlace)
        #expect(full.host == "::1" && full.port == 8554 && full.uri == "rtsp://[::1]:8554/live/1?x=2")
        #expect(full.user == "us@er" && full.password == "p/ss:w/rd")
        let bare = try #require(StreamAddress("rtsp://camera").rtspPlace)
        #expect(bare.host == "camera" && bare.port == 554 && bare.user == nil && bare.uri == "rtsp://camera")
        for refused in ["rtsp://camera:0/x", "rtsp://camera:70000/x", "rtsp://camera/a b", "rtsp://a%0d%0ab:c@camera/"]
        {
            #expect(StreamAddress(refused).rtspPlace == nil, "\(refused)")
        }
    }
}
