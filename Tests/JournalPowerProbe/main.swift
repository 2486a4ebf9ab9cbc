// Appends alerts, verdicts and changes from several threads while everything that happens to the journal's files is
// recorded: JournalTests makes of the record what a power cut at any moment could have left.

import CWriteRecorder
import Foundation
import Journal
import Scene
import Synchronization

func probeAlert(id: String, version: Int, state: AlertState, camera: String, weight: Int) -> Alert {
    let time = MediaTime(microseconds: 1_000_000)
    return Alert(
        decision: AlertDecision(
            id: id, version: version, state: state, camera: CameraID(camera)!,
            place: CameraPlace(
                site: "s", area: nil, grid: nil, gbID: nil, location: nil, cameraName: camera, cameraClass: .c),
            rule: RuleID("path")!, ruleRevision: "r", kind: .line, occurrence: .crossed, anchor: nil, start: time,
            last: time, end: state == .closed ? time : nil, count: 1, findings: [], measures: [:],
            summary: .init(zh: "", en: String(repeating: "x", count: weight)),
            provenance: .init(model: "m", modelHash: "h", configurationHash: "c")),
        reception: AlertReception(
            serverTime: time, latencyMilliseconds: 0, sequence: 0, evidence: [], isReplay: false))
}

guard CommandLine.arguments.count == 4, let count = Int(CommandLine.arguments[3]) else { exit(2) }
guard snowline_recorder_begin(CommandLine.arguments[2]) == 0 else { exit(2) }
let journal = try AlertJournal(folder: CommandLine.arguments[1])
let working = DispatchGroup()
for thread in 0..<4 {
    working.enter()
    Thread.detachNewThread {
        for number in 0..<count {
            let id = "\(thread)-\(number)"
            let camera = "c\(thread % 3)"
            do {
                try journal.append(
                    [probeAlert(id: id, version: 1, state: .opened, camera: camera, weight: number * 37 % 9000)],
                    sinks: ["dispatch"])
                snowline_recorder_acknowledge("\(id).1")
                if number % 3 == 0 {
                    try journal.append(
                        [probeAlert(id: id, version: 2, state: .closed, camera: camera, weight: 10)], sinks: [])
                    snowline_recorder_acknowledge("\(id).2")
                }
                if number % 10 == 0 {
                    _ = try journal.record(AlertVerdict(alert: id, judgement: .confirmed, who: "desk"))
                    snowline_recorder_acknowledge("verdict \(id)")
                }
            } catch {
                exit(1)
            }
        }
        working.leave()
    }
}
working.wait()
// No end in good order: that would fold everything into the file.
_exit(0)
