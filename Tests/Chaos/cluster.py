"""Three NATS servers as a site would run them, and a look into them."""
import asyncio
import os
import time

import nats
from nats.errors import Error as NATSError
from processes import ROOT, RunFailure, free_port

SERVER = os.path.join(ROOT, ".venv", "bin", "nats-server")
NAMES = ("n1", "n2", "n3")
STREAM = "ALERTS"

CONFIGURATION = """server_name: {name}
listen: "127.0.0.1:{port}"
jetstream {{ store_dir: "{folder}/{name}", sync_interval: always, max_file: 1GB, max_mem: 16MB }}
cluster {{ name: chaos, listen: "127.0.0.1:{route}", routes: [{routes}] }}
"""


class Cluster:
    def __init__(self, folder, spawn):
        """spawn(name, command) starts a process that the run ends."""
        self._spawn = spawn
        self.ports = {name: free_port() for name in NAMES}
        routes = {name: free_port() for name in NAMES}
        os.makedirs(folder)
        self._files = {name: os.path.join(folder, name + ".conf") for name in NAMES}
        for name in NAMES:
            with open(self._files[name], "w", encoding="ascii") as text:
                others = ", ".join(f'"nats://127.0.0.1:{route}"' for other, route in routes.items() if other != name)
                text.write(CONFIGURATION.format(name=name, port=self.ports[name], folder=folder, route=routes[name], routes=others))
        self._servers = {name: self._start(name) for name in NAMES}
        self._wait(60, "no JetStream leader", self._is_ready)

    @property
    def urls(self):
        return [f"nats://127.0.0.1:{port}" for port in self.ports.values()]

    def kill_leader(self):
        """Kills whoever leads the stream; returns its name."""
        name = self._wait(60, f"stream {STREAM} has no leader", self._leader)
        server = self._servers[name].process
        server.kill()
        server.wait()
        return name

    def revive(self, name):
        self._servers[name] = self._start(name)

    def messages(self):
        """The bodies of the whole stream, in its order."""
        return asyncio.run(self._read())

    def _start(self, name):
        return self._spawn(name, [SERVER, "-c", self._files[name]])

    def _wait(self, seconds, problem, look):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                found = asyncio.run(look())
            except (NATSError, OSError, asyncio.TimeoutError):
                found = None
            if found:
                return found
            time.sleep(0.2)
        raise RunFailure(f"{problem} after {seconds} s")

    async def _connect(self):
        async def quiet(_):
            pass

        return await nats.connect(self.urls, allow_reconnect=False, connect_timeout=2, error_cb=quiet)

    async def _is_ready(self):
        connection = await self._connect()
        try:
            await connection.jetstream().account_info()
            return True
        finally:
            await connection.close()

    async def _leader(self):
        connection = await self._connect()
        try:
            info = await connection.jetstream().stream_info(STREAM)
            return info.cluster.leader if info.cluster else None
        finally:
            await connection.close()

    async def _read(self):
        connection = await self._connect()
        try:
            stream = connection.jetstream()
            count = (await stream.stream_info(STREAM)).state.messages
            subscription = await stream.subscribe("alerts.>", ordered_consumer=True)
            return [(await subscription.next_msg(timeout=10)).data.decode() for _ in range(count)]
        finally:
            await connection.close()
