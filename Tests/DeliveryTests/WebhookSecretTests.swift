import Delivery
import Foundation
import Testing

@Suite struct WebhookSecretTests {
    /// The example of the Standard Webhooks reference libraries.
    @Test func signatureIsTheStandardOne() throws {
        let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", environment: { _ in nil })
        let signature = secret.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: "{\"test\": 2432232314}")
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func variableHoldsTheSecret() throws {
        let held = try WebhookSecret("env:DISPATCH", environment: { $0 == "DISPATCH" ? sampleSecretText : nil })
        #expect(held == (try sampleSecret()))
    }

    @Test(arguments: [
        ("env:NOT_SET", "environment variable NOT_SET is not set"),
        ("c2VjcmV0", "secret does not begin with whsec_"),
        ("whsec_!!!", "secret is not base64 after whsec_"),
        ("whsec_c2hvcnQ=", "holds a key of 5 bytes, not 24…64")
    ])
    func problemsSayWhatToDoAndShowNothing(text: String, expected: String) {
        let problem = #expect(throws: SinkProblem.self) { try WebhookSecret(text, environment: { _ in nil }) }
        #expect(problem?.description.contains(expected) == true)
        if text.hasPrefix("whsec_") {
            #expect(problem?.description.contains(text.dropFirst(6)) == false)
        }
    }

    @Test func secretIsNeverPrinted() throws {
        let sink = try webhook("https://dispatch.example/alerts")
        var dumped = ""
        dump(sink, to: &dumped)
        for text in ["\(sink)", String(reflecting: sink), dumped] {
            #expect(!text.contains(sampleKey.base64EncodedString()))
            #expect(!text.contains("key"))
        }
    }

    @Test(arguments: ["ftp://x/", "not a url", "http://", "https://user:hunter2@x/", "https://x/#y"])
    func urlsThatAreRefused(url: String) throws {
        let secret = try sampleSecret()
        let problem = #expect(throws: SinkProblem.self) { try WebhookTarget(url: url, secret: secret) }
        #expect(problem?.description.contains("hunter2") == false)
    }
}
