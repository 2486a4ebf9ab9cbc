import Journal
import Scene

// What the journal's words are called on the page.
extension AlertPage {
    func name(of state: AlertState) -> Bilingual {
        switch state {
        case .opened: Bilingual(zh: "开始", en: "opened")
        case .updated: Bilingual(zh: "更新", en: "updated")
        case .closed: Bilingual(zh: "结束", en: "closed")
        }
    }

    func name(of kind: AlertReception.Evidence.Kind) -> Bilingual {
        switch kind {
        case .clean: Bilingual(zh: "原图", en: "clean")
        case .annotated: Bilingual(zh: "标注图", en: "annotated")
        case .clip: Bilingual(zh: "录像", en: "clip")
        }
    }

    func name(of judgement: AlertVerdict.Judgement) -> Bilingual {
        switch judgement {
        case .confirmed: Bilingual(zh: "✓ 真实", en: "✓ true")
        case .refuted: Bilingual(zh: "✗ 误报", en: "✗ false")
        case .duplicate: Bilingual(zh: "重复", en: "duplicate")
        }
    }

    func name(of state: AlertDelivery.State) -> Bilingual {
        switch state {
        case .waiting: Bilingual(zh: "待送", en: "waits")
        case .refused: Bilingual(zh: "被拒", en: "refused")
        case .unconfirmed: Bilingual(zh: "已送，未确认", en: "taken, not confirmed")
        case .superseded: Bilingual(zh: "由新版本取代", en: "passed over for a newer version")
        case .confirmed: Bilingual(zh: "✓ 已确认", en: "✓ confirmed")
        }
    }

    func name(of state: ClipStanding.State) -> Bilingual {
        switch state {
        case .recording: Bilingual(zh: "录制中", en: "being recorded")
        case .kept: Bilingual(zh: "已保存", en: "kept")
        case .absent: Bilingual(zh: "无", en: "none")
        }
    }

    func name(of reason: ClipStanding.Reason) -> Bilingual {
        switch reason {
        case .masked:
            Bilingual(zh: "摄像机有隐私遮挡，且不重新编码", en: "the camera has privacy masks and clips are not encoded anew")
        case .codec: Bilingual(zh: "编码格式不能直接存为录像", en: "the stream cannot be put into a clip as it is")
        case .noPackets: Bilingual(zh: "内存中没有当时的码流", en: "nothing in memory reached back to the event")
        case .busy: Bilingual(zh: "同时录制过多", en: "too many clips of the camera were being written")
        case .unwritable: Bilingual(zh: "磁盘已满或无法写入", en: "the disk was full, or the file could not be written")
        case .interrupted: Bilingual(zh: "程序中途结束", en: "the program ended before it was whole")
        case .maxLength: Bilingual(zh: "达到最长时限", en: "the longest a clip may be")
        case .maxBytes: Bilingual(zh: "达到最大文件", en: "the largest a clip may be")
        case .streamEnded: Bilingual(zh: "视频流中断", en: "the camera's stream ended or jumped")
        case .streamChanged: Bilingual(zh: "视频流参数改变", en: "the stream's parameters changed")
        case .tooSlow: Bilingual(zh: "磁盘或编码过慢", en: "disk or encoder was too slow")
        }
    }

    func state(_ copy: EvidenceCopy) -> Bilingual {
        switch copy.state {
        case .whole: Bilingual(zh: "✓ 与日志一致", en: "✓ as journaled")
        case .missing: Bilingual(zh: "✗ 文件缺失", en: "✗ the file is gone")
        case .changed: Bilingual(zh: "✗ 与日志不符，未复制", en: "✗ not what was journaled, not copied")
        case .unreadable: Bilingual(zh: "✗ 无法读取", en: "✗ cannot be read")
        case .tooLarge: Bilingual(zh: "✗ 过大或过多，未复制", en: "✗ too large or too many, not copied")
        }
    }
}
