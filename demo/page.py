"""Writes the demo's page: one HTML file in Chinese and English; stills are embedded, clips play from the data folder."""
import base64
import glob
import html
import os
from string import Template
from urllib.parse import quote

PICTURE_BYTES_LIMIT = 2 << 20  # a larger still is named, not embedded
ALERT_LIMIT = 60  # cards on the page; the rest is counted

OCCURRENCES = {
    "crossed": ("越线", "crossed"), "enter": ("进入", "entered"), "leave": ("离开", "left"),
    "occupied": ("区域有目标", "occupied"), "signal_lost": ("信号丢失", "signal lost"),
}
DIRECTIONS = {"left_to_right": ("自左向右", "left to right"), "right_to_left": ("自右向左", "right to left")}
STATES = {"opened": ("进行中", "open"), "updated": ("进行中", "open"), "closed": ("已结束", "closed")}

PAGE = Template("""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Snowline 演示 · demo</title>
<style>
:root { color-scheme: light dark; --ink: #16202a; --soft: #5b6875; --line: #d8dfe6; --paper: #fff; --ground: #f3f6f9; --good: #0a7a4b; --bad: #b3261e; --mark: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa7b4; --line: #303b46; --paper: #161d24; --ground: #0d1217; --good: #4cc38a; --bad: #ff8a80; --mark: #6cb2ff; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 60px }
h1 { font-size: 26px; margin: 0 } h2 { font-size: 18px; margin: 36px 0 10px }
.en { color: var(--soft); font-size: 13px } p { margin: 4px 0 }
.verdict { border-left: 5px solid var(--tone); background: var(--paper); padding: 12px 16px; margin: 18px 0; border-radius: 0 8px 8px 0 }
.verdict b { color: var(--tone); font-size: 17px }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px }
.fact { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px }
.fact b { display: block; font-size: 22px; font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 8px }
table { border-collapse: collapse; width: 100%; min-width: 760px } th, td { text-align: left; padding: 8px 12px; border-bottom: 1px solid var(--line); vertical-align: top }
tr:last-child td { border-bottom: 0 } th { font-size: 13px; color: var(--soft); font-weight: 600 } td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap } th.n { text-align: right }
tr.known td:first-child { box-shadow: inset 4px 0 var(--good) }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 16px }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; overflow: hidden } .card.known { border-color: var(--good); border-width: 2px }
.card video { display: block; width: 100%; height: auto; background: #000 } .card img { display: block; width: 100%; height: auto; background: #000 } .card .text { padding: 10px 14px 12px } .card code { font-size: 12px; color: var(--soft); overflow-wrap: anywhere }
.tag { display: inline-block; font-size: 12px; border: 1px solid var(--good); color: var(--good); border-radius: 99px; padding: 0 8px; margin-left: 6px }
summary { cursor: pointer; color: var(--mark); padding: 6px 14px; font-size: 13px } .none { padding: 40px 14px; text-align: center; color: var(--soft) }
</style></head><body><main>
<h1>Snowline 演示：从摄像机到送达的告警</h1>
<p class="en">Snowline demo: from a camera to a delivered alert</p>
<div class="verdict" style="--tone: var($tone)"><b>$verdict_zh</b><p>$verdict_en</p></div>
<div class="facts">$facts</div>
<h2>送达的告警 <span class="en">Alerts delivered</span></h2>
<div class="scroll"><table><thead><tr>
<th>摄像机<br><span class="en">camera</span></th><th>围栏<br><span class="en">fence</span></th><th>发生<br><span class="en">what</span></th>
<th class="n">片内时间<br><span class="en">into the clip</span></th><th class="n">本地时间<br><span class="en">local time</span></th>
<th>版本<br><span class="en">versions</span></th><th class="n">入库到送达<br><span class="en">journal to receiver</span></th></tr></thead><tbody>
$rows
</tbody></table></div>
<h2>现场画面 <span class="en">Stills</span></h2>
<div class="cards">$cards</div>
<p class="en" style="margin-top:36px">$footer</p>
</main></body></html>
""")


def both(zh, en):
    return f'{html.escape(zh)}<br><span class="en">{html.escape(en)}</span>'


def sentence(alert):
    kind = OCCURRENCES.get(alert.decision["occurrence"], (alert.decision["occurrence"],) * 2)
    findings = alert.decision.get("findings") or [{}]
    direction = DIRECTIONS.get(findings[0].get("direction"))
    return (kind[0] + (f"（{direction[0]}）" if direction else ""), kind[1] + (f", {direction[1]}" if direction else ""))


def into_clip(alert, about):
    return "–" if alert.start_s is None else f"{'≈ ' if about else ''}{alert.start_s:.2f} s"


def picture(data_folder, evidence):
    """An <img> with the still inside it, or a sentence that says why not."""
    path = os.path.normpath(os.path.join(data_folder, evidence["path"]))
    if os.path.commonpath([os.path.abspath(path), os.path.abspath(data_folder)]) != os.path.abspath(data_folder):
        return '<div class="none">a still outside the data folder is not shown</div>'
    if not os.path.exists(path) or os.path.getsize(path) > PICTURE_BYTES_LIMIT:
        return f'<div class="none">{html.escape(evidence["path"])}</div>'
    with open(path, "rb") as still:
        data = base64.b64encode(still.read()).decode()
    size = f'width="{int(evidence["width"])}" height="{int(evidence["height"])}"'
    return f'<img {size} alt="{html.escape(evidence["kind"])}" loading="lazy" src="data:image/jpeg;base64,{data}">'


def clip(page_folder, data_folder, alert):
    """A <video> of the alert's clip where there is one: named by the alert, or finished only when the demo was stopped."""
    told = alert.evidence.get("clip")
    known = os.path.join(data_folder, "clips", alert.camera, "*", f"{alert.id}.mp4")
    paths = [os.path.normpath(os.path.join(data_folder, told["path"]))] if told else glob.glob(glob.escape(known).replace("[*]", "*"))
    inside = os.path.abspath(data_folder) + os.sep
    paths = [path for path in paths if os.path.abspath(path).startswith(inside) and os.path.exists(path)]
    if not paths:
        return ""
    source = quote(os.path.relpath(paths[0], page_folder or "."))
    return f'<details><summary>录像片段 · clip</summary><video controls muted preload="metadata" src="{source}"></video></details>'


def row(alert, result):
    place = alert.decision["place"]
    versions = ", ".join(str(version) for version, _, _ in sorted(alert.versions))
    state = STATES.get(alert.decision["state"], (alert.decision["state"],) * 2)
    again = both(f"{versions} · {state[0]}" + (f" · 重复 {alert.repeats}" if alert.repeats else ""),
                 state[1] + (f", {alert.repeats} came again and was recognised" if alert.repeats else ""))
    return (
        f'<tr{" class=known" if alert.id in result.known else ""}>'
        f'<td>{both(place["camera_name"], alert.camera)}</td><td>{html.escape(alert.rule)}</td><td>{both(*sentence(alert))}</td>'
        f'<td class="n">{into_clip(alert, result.about)}</td><td class="n">{alert.local(result.seconds_east):%H:%M:%S.%f}'[:-3]
        + f'</td><td>{again}</td><td class="n">{alert.delivered_ms} ms</td></tr>'
    )


def card(alert, result, page_folder):
    summary, known = alert.decision["summary"], alert.id in result.known
    annotated, clean = alert.evidence.get("annotated"), alert.evidence.get("clean")
    first = annotated or clean
    head = picture(result.data_folder, first) if first else '<div class="none">没有画面 · no still</div>'
    more = ""
    if annotated and clean:
        more = f"<details><summary>原始画面 · without drawing</summary>{picture(result.data_folder, clean)}</details>"
    more += clip(page_folder, result.data_folder, alert)
    tag = '<span class="tag">预期事件 · the known event</span>' if known else ""
    return (
        f'<div class="card{" known" if known else ""}">{head}{more}<div class="text">'
        f'<p>{html.escape(summary["zh"])}{tag}</p><p class="en">{html.escape(summary["en"])}</p>'
        f"<p>{into_clip(alert, result.about)} · {html.escape(alert.camera)}/{html.escape(alert.rule)}</p>"
        f'<code>{html.escape(alert.id)}</code></div></div>'
    )


def write_page(path, result, alerts):
    """`result` is run.Result; `alerts` as alert_log.collect gives them."""
    facts = [
        (len(result.cameras), "摄像机", "cameras"), (len(alerts), "告警", "alerts delivered"),
        (sum(len(a.versions) for a in alerts), "次送达", "versions delivered"),
        (sum(a.repeats for a in alerts), "次重复送达（已识别）", "came again, recognised"),
        (result.raised if result.raised is not None else "–", "条入库", "alerts in the journal"),
        (f"{result.seconds:.0f} s", "用时", "from start to stop"),
    ]
    shown = sorted(alerts, key=lambda a: (a.id not in result.known, a.decision["start"]))[:ALERT_LIMIT]
    rest = f" {len(alerts) - ALERT_LIMIT} more alerts have no card here." if len(alerts) > ALERT_LIMIT else ""
    page = PAGE.substitute(
        tone="--good" if result.succeeded else "--bad",
        verdict_zh=html.escape(result.verdict_zh), verdict_en=html.escape(result.verdict_en),
        facts="".join(f'<div class="fact"><b>{html.escape(str(n))}</b>{both(zh, en)}</div>' for n, zh, en in facts),
        rows="\n".join(row(alert, result) for alert in alerts), cards="\n".join(card(alert, result, os.path.dirname(path)) for alert in shown),
        footer=html.escape(
            "画面：vtest.avi（Debian opencv-doc，PETS 2009）。告警是线索，需由人核实。"
            " Footage: vtest.avi of Debian's opencv-doc (PETS 2009 S2.L1). Alerts are leads: a person verifies them." + rest),
    )
    temporary = path + ".part"
    with open(temporary, "w", encoding="utf-8") as out:
        out.write(page)
    os.replace(temporary, path)
