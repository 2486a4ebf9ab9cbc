"""What the streams of the density measurements are: sizes, rates, encoders, and a person's way through the picture. No pictures here."""
from dataclasses import dataclass

PLATES = ("pets2009_S2L1", "cdnet_office", "cdnet_pedestrians", "sbi_CAVIAR1", "sbi_HallAndMonitor")
RATE = 25
PIECE_S = 20
SIZES = {"704x576": (704, 576), "1280x720": (1280, 720), "1920x1080": (1920, 1080)}
BIT_RATE = {"704x576": 1_000_000, "1280x720": 2_000_000, "1920x1080": 4_000_000}
FENCE = {"id": "yard", "kind": "zone", "points": [[0.06, 0.2], [0.94, 0.2], [0.94, 0.995], [0.06, 0.995]], "anchor": "foot"}
VBR_CRF = 27


@dataclass(frozen=True)
class Spec:
    """What a file is made from; its hash is the file's name."""

    kind: str  # quiet, event, marked (an event whose pictures carry their number), recall or control
    plate: str
    size: str
    gop: int
    seed: int
    codec: str = "h264"
    control: str = "cbr"
    sigma: float = 2.0
    events: int = 0  # of recall footage

    @property
    def seconds(self):
        return {"recall": 10 + 11 * self.events + 6, "control": 120}.get(self.kind, PIECE_S)


@dataclass
class Walk:
    """A person's way through the picture: walker, direction, and when the feet are inside the fence."""

    walker: int
    appears_s: float
    stay_s: float
    goes_right: bool
    height: float
    foot_y: float

    def foot_x(self, seconds):
        share = (seconds - self.appears_s) / self.stay_s
        left, right = -0.06, 1.06
        return left + (right - left) * (share if self.goes_right else 1 - share)

    def truth(self):
        near, far = FENCE["points"][0][0], FENCE["points"][1][0]
        inside = [n / RATE for n in range(int(self.appears_s * RATE), int((self.appears_s + self.stay_s) * RATE) + 2) if near <= self.foot_x(n / RATE) <= far]
        return {"appears_s": round(self.appears_s, 3), "gone_s": round(self.appears_s + self.stay_s, 3), "start_s": inside[0], "end_s": inside[-1]}


def encoding(spec):
    """ffmpeg's arguments for an encoder set like a camera's."""
    rate = BIT_RATE[spec.size] // (2 if spec.codec == "h265" else 1)
    limit = ["-b:v", str(rate), "-minrate", str(rate), "-maxrate", str(rate), "-bufsize", str(rate)]
    if spec.control == "vbr":
        limit = ["-crf", str(VBR_CRF), "-maxrate", str(2 * rate), "-bufsize", str(2 * rate)]
    if spec.codec == "h265":
        options = f"bframes=0:scenecut=0:open-gop=0:keyint={spec.gop}:min-keyint={spec.gop}:pools=none:frame-threads=1:log-level=error"
        return ["-c:v", "libx265", "-preset", "veryfast", "-tune", "zerolatency", "-x265-params", options, "-tag:v", "hvc1", *limit]
    return ["-c:v", "libx264", "-profile:v", "main", "-preset", "veryfast", "-tune", "zerolatency", "-x264-params", "sliced-threads=0", "-bf", "0",
            "-g", str(spec.gop), "-keyint_min", str(spec.gop), "-sc_threshold", "0", "-threads", "1", *limit]


def cost_pieces(size, gop, codec="h264", control="cbr", plates=PLATES[:3]):
    """(quiet, event) pieces by plate."""
    return [(Spec("quiet", plate, size, gop, 1000 + n, codec, control), Spec("event", plate, size, gop, 2000 + n, codec, control)) for n, plate in enumerate(plates)]


def marked_pieces(size, gop, plates=PLATES[:3]):
    """The same with numbered pictures while somebody is there."""
    return [(quiet, Spec("marked", event.plate, size, gop, event.seed)) for quiet, event in cost_pieces(size, gop, plates=plates)]


def recall_files(count, size="704x576", gop=50, events=14, seed=530302):
    """Files over all plates in turn, each with its own seed."""
    return [Spec("recall", PLATES[n % len(PLATES)], size, gop, seed + n, events=events) for n in range(count)]


def control_files(size="704x576", gop=50, seed=540302):
    return [Spec("control", plate, size, gop, seed + n) for n, plate in enumerate(PLATES[:2])]
