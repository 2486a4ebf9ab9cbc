"""What a process tree spends and receives, from /proc and the kernel's socket statistics."""
import os
import re
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")


def process_table():
    """(parent, CPU seconds of itself and its ended children) of every process."""
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as text:
                    fields = text.read().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while we looked
            table[int(name)] = (int(fields[1]), sum(map(int, fields[11:15])) / TICKS)
    return table


def tree_cpu(roots):
    """CPU seconds, user and system, of these processes and all below them, ended ones included."""
    table, children = process_table(), {}
    for pid, (parent, _) in table.items():
        children.setdefault(parent, []).append(pid)
    total, waiting = 0.0, list(roots)
    while waiting:
        pid = waiting.pop()
        if pid in table:
            total += table[pid][1]
            waiting += children.get(pid, [])
    return total


def received_bytes(port):
    """Bytes that the sockets connected to a local server's port have taken in."""
    answer = subprocess.run(["ss", "-tinHO", f"dport = :{port}"], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return sum(map(int, re.findall(r"\bbytes_received:(\d+)", answer.stdout)))


def memory_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as text:
        return int(re.search(r"VmRSS:\s+(\d+)", text.read()).group(1))


def machine_ticks():
    """(busy, all) processor time of the machine so far."""
    with open("/proc/stat", encoding="ascii") as text:
        values = [int(value) for value in text.readline().split()[1:9]]
    return sum(values) - values[3] - values[4], sum(values)
