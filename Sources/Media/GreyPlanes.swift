import CFFmpeg

/// The colours of a picture that is decoded without them: even grey. The decoder leaves their planes alone
/// (`scripts/luma-decoder.patch`), so it is enough to fill each buffer once, however many pictures it holds one after the
/// other.
enum GreyPlanes {
    /// - Parameter frame: with the buffers that it was given.
    static func fill(_ frame: UnsafeMutablePointer<AVFrame>) {
        guard let form = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format)), form.pointee.nb_components >= 3,
            let blue = frame.pointee.data.1, let red = frame.pointee.data.2
        else { return }
        let shift = Int32(form.pointee.log2_chroma_h)
        let rows = Int((frame.pointee.height + (1 << shift) - 1) >> shift)
        let depth = Int(form.pointee.comp.1.depth)
        fill(blue, Int(frame.pointee.linesize.1) * rows, depth: depth)
        fill(red, Int(frame.pointee.linesize.2) * rows, depth: depth)
    }

    /// Nothing but this writes to the planes: where the first value is grey already, all are.
    private static func fill(_ plane: UnsafeMutablePointer<UInt8>, _ bytes: Int, depth: Int) {
        guard depth > 8 else {
            if plane.pointee != 128 { plane.update(repeating: 128, count: bytes) }
            return
        }
        let grey = UInt16(1) << (depth - 1)
        plane.withMemoryRebound(to: UInt16.self, capacity: bytes / 2) { values in
            if values.pointee != grey { values.update(repeating: grey, count: bytes / 2) }
        }
    }
}
