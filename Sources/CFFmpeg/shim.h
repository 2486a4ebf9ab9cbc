#pragma once
// The few macros of FFmpeg that Swift cannot import, as typed constants. Nothing else belongs here.
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/base64.h>
#include <libavutil/buffer.h>
#include <libavutil/dict.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/sha.h>
#include <libswscale/swscale.h>

static const int32_t CFF_ERROR_EOF = AVERROR_EOF;
static const int32_t CFF_ERROR_EAGAIN = AVERROR(EAGAIN);
static const int32_t CFF_ERROR_ENOMEM = AVERROR(ENOMEM);
static const int32_t CFF_ERROR_EXIT = AVERROR_EXIT;
static const int32_t CFF_ERROR_INVALID_DATA = AVERROR_INVALIDDATA;
static const int32_t CFF_ERROR_ECONNREFUSED = AVERROR(ECONNREFUSED);
static const int32_t CFF_ERROR_EHOSTUNREACH = AVERROR(EHOSTUNREACH);
static const int32_t CFF_ERROR_ENETUNREACH = AVERROR(ENETUNREACH);
static const int32_t CFF_ERROR_ETIMEDOUT = AVERROR(ETIMEDOUT);
static const int32_t CFF_ERROR_ECONNRESET = AVERROR(ECONNRESET);
static const int32_t CFF_ERROR_EPIPE = AVERROR(EPIPE);
static const int32_t CFF_ERROR_EIO = AVERROR(EIO);
static const int32_t CFF_ERROR_EINVAL = AVERROR(EINVAL);
static const int32_t CFF_ERROR_ENOENT = AVERROR(ENOENT);
static const int32_t CFF_ERROR_EACCES = AVERROR(EACCES);
static const int32_t CFF_ERROR_EISDIR = AVERROR(EISDIR);
static const int32_t CFF_ERROR_UNKNOWN = AVERROR_UNKNOWN;
static const int32_t CFF_ERROR_HTTP_BAD_REQUEST = AVERROR_HTTP_BAD_REQUEST;
static const int32_t CFF_ERROR_HTTP_UNAUTHORIZED = AVERROR_HTTP_UNAUTHORIZED;
static const int32_t CFF_ERROR_HTTP_FORBIDDEN = AVERROR_HTTP_FORBIDDEN;
static const int32_t CFF_ERROR_HTTP_NOT_FOUND = AVERROR_HTTP_NOT_FOUND;
static const int32_t CFF_ERROR_HTTP_OTHER_4XX = AVERROR_HTTP_OTHER_4XX;
static const int32_t CFF_ERROR_HTTP_SERVER_ERROR = AVERROR_HTTP_SERVER_ERROR;
static const int32_t CFF_ERROR_STREAM_NOT_FOUND = AVERROR_STREAM_NOT_FOUND;
static const int32_t CFF_ERROR_DECODER_NOT_FOUND = AVERROR_DECODER_NOT_FOUND;
static const int32_t CFF_ERROR_DEMUXER_NOT_FOUND = AVERROR_DEMUXER_NOT_FOUND;
static const int32_t CFF_ERROR_PROTOCOL_NOT_FOUND = AVERROR_PROTOCOL_NOT_FOUND;
static const int32_t CFF_ERROR_PATCHWELCOME = AVERROR_PATCHWELCOME;
static const int64_t CFF_NOPTS_VALUE = AV_NOPTS_VALUE;
