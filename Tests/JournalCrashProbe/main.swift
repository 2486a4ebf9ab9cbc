// Appends from eight threads and says each alert's id on standard output only after the journal has it.
// JournalTests kills it with -9 and looks whether anything that was said is missing.

import Foundation
import Journal
import Scene

func probeAlert(id: String, camera: String) -> Alert {
    let time = MediaTime(microseconds: 1_000_000)
    return Alert(
        decision: AlertDecision(
            id: id, version: 1, state: .opened, camera: CameraID(camera)!,
            place: CameraPlace(
                site: "s", area: nil, grid: nil, gbID: nil, location: nil, cameraName: camera, cameraClass: .c),
            rule: RuleID("path")!, ruleRevision: "r", kind: .line, occurrence: .crossed, anchor: nil, start: time,
            last: time, end: nil, count: 1, findings: [], measures: [:], summary: .init(zh: "", en: ""),
            provenance: .init(model: "m", modelHash: "h", configurationHash: "c")),
        reception: AlertReception(
            serverTime: time, latencyMilliseconds: 0, sequence: 0, evidence: [], isReplay: false))
}

guard CommandLine.arguments.count == 3 else { exit(2) }
let round = CommandLine.arguments[2]
let journal = try AlertJournal(folder: CommandLine.arguments[1])
for thread in 0..<8 {
    Thread.detachNewThread {
        for number in 0... {
            let id = "\(round)-\(thread)-\(number)"
            guard (try? journal.append([probeAlert(id: id, camera: "c\(thread % 3)")], sinks: ["dispatch"])) != nil
            else { exit(1) }
            let line = Array("\(id)\n".utf8)
            // One write of a short line to a pipe is not torn.
            if write(1, line, line.count) != line.count { exit(1) }
        }
    }
}
while true { sleep(60) }
