"""What a user would write with OpenCV: MOG2 at 320x180, five pictures a second, many RTSP cameras, a thread each.

usage: opencv_streams.py URL...     until SIGTERM; then one JSON object: pictures read and analysed, pictures with motion

The pipeline is that of measure_opencv.py: read, every fifth picture out of the decoder, resize, subtract, threshold, open,
contours, boxes of at least 0.08 % of the picture. OpenCV and its FFmpeg each use one thread a camera.
"""
import json
import os
import signal
import sys
import threading

os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp|threads;1"
import cv2  # noqa: E402

SIZE, EVERY, LEAST_AREA = (320, 180), 5, 0.0008
ended = threading.Event()


def watch(url, counts):
    camera = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    subtractor = cv2.createBackgroundSubtractorMOG2()
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    while not ended.is_set() and camera.grab():
        counts["read"] += 1
        if counts["read"] % EVERY:
            continue
        picture = cv2.resize(camera.retrieve()[1], SIZE, interpolation=cv2.INTER_LINEAR)
        mask = cv2.threshold(subtractor.apply(picture), 200, 255, cv2.THRESH_BINARY)[1]
        contours = cv2.findContours(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
        boxes = [cv2.boundingRect(contour) for contour in contours if cv2.contourArea(contour) > LEAST_AREA * SIZE[0] * SIZE[1]]
        counts["analysed"] += 1
        counts["motion"] += bool(boxes)


def main():
    cv2.setNumThreads(1)
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    counts = [{"read": 0, "analysed": 0, "motion": 0} for _ in sys.argv[1:]]
    for url, own in zip(sys.argv[1:], counts):
        threading.Thread(target=watch, args=(url, own), daemon=True).start()
    ended.wait()
    print(json.dumps(counts), flush=True)
    os._exit(0)  # threads may hang in a read


if __name__ == "__main__":
    main()
