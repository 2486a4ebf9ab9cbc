// Plays one camera's events into alerts and a journal, beginning at a frame, as a daemon does after a restart, and says
// the number of each frame only when its alerts are journaled. AlertsTests kills it with -9 at random.

import Alerts
import Foundation
import Journal
import Scene
import TestSupport

guard CommandLine.arguments.count == 5, let seed = UInt64(CommandLine.arguments[2]),
    let count = Int(CommandLine.arguments[3]), let first = Int(CommandLine.arguments[4])
else { exit(2) }
let journal = try AlertJournal(folder: CommandLine.arguments[1])
let camera = WatchedCamera(
    id: EpisodeStream.camera,
    place: CameraPlace(
        site: "530302", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "南门", cameraClass: .a),
    rules: [RuleID("lawn")!: .init(revision: "r1", anchor: .foot), RuleID("path")!: .init(revision: "r1")],
    provenance: .init(model: "visible", modelHash: "m", configurationHash: "c"))
var book = AlertBook(
    camera: camera, settings: EpisodeSettings(restoreWindow: .seconds(1e6)),
    localTime: LocalTime(identifier: "Asia/Shanghai")!.text,
    restoring: try journal.reader.decisions(toRestore: camera.id))

func store(_ decisions: [AlertDecision], at time: MediaTime) throws {
    try journal.append(
        decisions.map { decision in
            Alert(
                decision: decision,
                reception: AlertReception(
                    serverTime: time, latencyMilliseconds: 0, sequence: 0, evidence: [], isReplay: false))
        }, sinks: ["dispatch"])
}

for (number, frame) in EpisodeStream.frames(seed: seed, count: count).enumerated() where number >= first {
    try store(book.handle(frame.events, at: frame.time), at: frame.time)
    let line = Array("\(number)\n".utf8)
    if write(1, line, line.count) != line.count { exit(1) }
}
try journal.close()
