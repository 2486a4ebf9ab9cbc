import CFFmpeg
import Glibc

/// The one connection of a camera, with what came over it and has not been used: answers of RTSP and frames of RTP
/// between them (RFC 2326, 10.12). Read in large pieces, since being called for each packet is what costs.
final class RTSPConnection {
    enum Item {
        /// A frame of a channel; where its bytes lie until the next call.
        case frame(UInt8, UnsafeRawBufferPointer)
        case response(RTSPResponse)
    }

    /// Two frames of the largest kind, or the largest answer.
    private static let capacity = 160 << 10
    private static let headMost = 16 << 10
    private static let bodyMost = 64 << 10
    /// Bytes that are neither, in a row.
    private static let garbageMost = 1 << 20

    private let descriptor: Int32
    private let interrupt: Interrupt
    private let buffer: UnsafeMutableRawPointer
    private var start = 0
    private var end = 0
    private var garbage = 0
    /// The system held no more than was read last.
    private var isDrained = true
    /// Bytes that were neither an answer nor a frame have been passed over since this was set to false.
    var hasSkipped = false

    /// Blocks until the connection stands, or until `interrupt` ends it.
    init(host: String, port: UInt16, interrupt: Interrupt) throws(MediaError) {
        self.interrupt = interrupt
        descriptor = try Self.connect(host: host, port: port, interrupt: interrupt)
        buffer = .allocate(byteCount: Self.capacity, alignment: 64)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Nothing more has come: neither here nor in the system's buffer, which is asked only when it was empty last time.
    var isDry: Bool {
        guard isDrained, !holdsFrame else { return false }
        var waiting: Int32 = 0
        return ioctl(descriptor, UInt(FIONREAD), &waiting) == 0 && waiting == 0
    }

    func send(_ bytes: [UInt8]) throws(MediaError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                Glibc.send(descriptor, all.baseAddress! + sent, all.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
                continue
            }
            guard errno == EAGAIN || errno == EINTR else { throw MediaError(code: -errno, "send") }
            guard interrupt.wait(for: descriptor, events: Int16(POLLOUT)) else {
                throw interrupt.error(CFF_ERROR_EXIT, "send")
            }
        }
    }

    /// The next answer or frame. Blocks until one has come.
    /// - Returns: nil where the camera has closed the connection.
    func next() throws(MediaError) -> Item? {
        while true {
            if let item = take() { return item }
            guard garbage <= Self.garbageMost else {
                throw MediaError(.invalidData, "read", text: "neither RTSP nor RTP comes over the connection")
            }
            guard try fill() else { return nil }
        }
    }

    /// Gives back a frame: it comes again.
    func putBack(_ frame: UnsafeRawBufferPointer) { start -= frame.count + 4 }

    // MARK: What has come

    private var holdsFrame: Bool {
        guard end - start >= 4 else { return false }
        guard byte(0) == 0x24 else { return true }
        return end - start >= 4 + (Int(byte(2)) << 8 | Int(byte(3)))
    }

    private func byte(_ offset: Int) -> UInt8 { buffer.load(fromByteOffset: start + offset, as: UInt8.self) }

    private func take() -> Item? {
        while end - start >= 4 {
            if byte(0) == 0x24 {
                let length = Int(byte(2)) << 8 | Int(byte(3))
                guard end - start >= 4 + length else { return nil }
                defer { start += 4 + length }
                garbage = 0
                return .frame(byte(1), UnsafeRawBufferPointer(start: buffer + start + 4, count: length))
            }
            if Self.beginnings.contains(buffer.loadUnaligned(fromByteOffset: start, as: UInt32.self)) {
                guard let message = takeMessage() else { return nil }
                if let response = message { return .response(response) }
                continue
            }
            skip()
        }
        return nil
    }

    /// The first four letters of an answer, and of what a camera may ask.
    private static let beginnings: Set<UInt32> = Set(
        ["RTSP", "OPTI", "ANNO", "SET_", "GET_", "REDI", "TEAR", "DESC", "PLAY", "PAUS", "RECO"].map { word in
            Array(word.utf8).withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        })

    private func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) }

    /// - Returns: nil while it is not whole; .some(nil) for what was passed over: a question of the camera's, or no message.
    private func takeMessage() -> RTSPResponse?? {
        let bytes = UnsafeRawBufferPointer(start: buffer + start, count: end - start)
        guard let headEnd = Self.headEnd(in: bytes.prefix(Self.headMost)) else {
            // Whatever this is, it is no head of a message.
            guard bytes.count > Self.headMost else { return nil }
            hasSkipped = true
            start += Self.headMost
            garbage += Self.headMost
            return .some(nil)
        }
        let head = String(decoding: bytes[..<headEnd], as: UTF8.self)
        guard let bodyLength = RTSPResponse.bodyLength(head: head), (0...Self.bodyMost).contains(bodyLength) else {
            skip()
            return .some(nil)
        }
        guard bytes.count >= headEnd + bodyLength else { return nil }
        var response = RTSPResponse(head: head)
        // A question of the camera's has this in its first line; anything else is none.
        guard
            response != nil || head.utf8.split(separator: 10).first.map({ Substring($0).contains("RTSP/1.0") }) == true
        else {
            skip()
            return .some(nil)
        }
        response?.body = String(decoding: bytes[headEnd..<headEnd + bodyLength], as: UTF8.self)
        start += headEnd + bodyLength
        garbage = 0
        return .some(response)
    }

    private static func headEnd(in bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        var newlines = 0
        for index in bytes.indices {
            switch bytes[index] {
            case 10: newlines += 1
            case 13: break
            default: newlines = 0
            }
            if newlines == 2 { return index + 1 }
        }
        return nil
    }

    /// To the next byte that may begin something.
    private func skip() {
        hasSkipped = true
        repeat {
            start += 1
            garbage += 1
        } while start < end && byte(0) != 0x24 && !isLetter(byte(0))
    }

    // MARK: The system

    /// - Returns: false where the camera has closed the connection.
    private func fill() throws(MediaError) -> Bool {
        if start == end {
            (start, end) = (0, 0)
        } else if Self.capacity - end < 70 << 10 {
            buffer.copyMemory(from: buffer + start, byteCount: end - start)
            (start, end) = (0, end - start)
        }
        while true {
            // Read first, wait after: most often there is something.
            let room = Self.capacity - end
            let count = recv(descriptor, buffer + end, room, 0)
            if count > 0 {
                end += count
                isDrained = count < room
                guard interrupt.state == .clear else { throw interrupt.error(CFF_ERROR_EXIT, "read") }
                return true
            }
            if count == 0 { return false }
            guard errno == EAGAIN || errno == EINTR else { throw MediaError(code: -errno, "read") }
            isDrained = true
            guard interrupt.wait(for: descriptor, events: Int16(POLLIN)) else {
                throw interrupt.error(CFF_ERROR_EXIT, "read")
            }
        }
    }

    private static func connect(host: String, port: UInt16, interrupt: Interrupt) throws(MediaError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { throw interrupt.error(CFF_ERROR_EIO, "open") }
        defer { freeaddrinfo(list) }
        var code = EHOSTUNREACH
        var entry = list
        while let address = entry {
            entry = address.pointee.ai_next
            let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let descriptor = socket(address.pointee.ai_family, flags, 0)
            guard descriptor >= 0 else {
                code = errno
                continue
            }
            if Glibc.connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 { return descriptor }
            code = errno
            if code == EINPROGRESS {
                guard interrupt.wait(for: descriptor, events: Int16(POLLOUT)) else {
                    close(descriptor)
                    throw interrupt.error(CFF_ERROR_EXIT, "open")
                }
                var length = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
                if code == 0 { return descriptor }
            }
            close(descriptor)
        }
        throw MediaError(code: -code, "open")
    }
}
