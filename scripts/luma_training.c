// Decodes H.264 files as snowlined does: what scripts/luma-decoder.sh learns from which ways through the decoder are the usual ones.
//
// usage: luma_training FILE.h264…        byte streams (Annex B); ends with 1 where one gives no picture
#include <libavcodec/avcodec.h>
#include <stdio.h>

static long decoded(AVCodecContext *context, AVPacket *packet, AVFrame *frame) {
    long count = 0;
    if (avcodec_send_packet(context, packet) < 0) return 0;
    while (avcodec_receive_frame(context, frame) >= 0) count++;
    return count;
}

static long pictures(const char *path, int flags) {
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    AVCodecContext *context = avcodec_alloc_context3(codec);
    AVCodecParserContext *parser = av_parser_init(AV_CODEC_ID_H264);
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    FILE *file = fopen(path, "rb");
    static uint8_t block[1 << 16];
    long count = 0;
    if (!codec || !context || !parser || !packet || !frame || !file) return 0;
    context->thread_count = 1;
    context->flags |= flags;
    context->error_concealment = FF_EC_DEBLOCK;
    if (avcodec_open2(context, codec, NULL) < 0) return 0;
    for (size_t size; (size = fread(block, 1, sizeof block - AV_INPUT_BUFFER_PADDING_SIZE, file)) > 0;) {
        for (uint8_t *place = block; size > 0;) {
            int taken = av_parser_parse2(
                parser, context, &packet->data, &packet->size, place, (int)size, AV_NOPTS_VALUE, AV_NOPTS_VALUE, 0);
            if (taken < 0) return 0;
            place += taken;
            size -= (size_t)taken;
            if (packet->size > 0) count += decoded(context, packet, frame);
        }
    }
    count += decoded(context, NULL, frame);
    fclose(file);
    av_parser_close(parser);
    av_frame_free(&frame);
    av_packet_free(&packet);
    avcodec_free_context(&context);
    return count;
}

int main(int count, char **paths) {
    for (int index = 1; index < count; index++) {
        // With colours too: for stills, and for streams that need them all the time.
        long found = pictures(paths[index], AV_CODEC_FLAG_GRAY) + pictures(paths[index], 0);
        printf("%s: %ld pictures\n", paths[index], found);
        if (found == 0) return 1;
    }
    return 0;
}
