"""The dispatch side of NATS: takes alerts from the stream, keeps each once, and confirms it to snowlined.

usage: dispatch.py --servers URL,URL,URL --store FILE

What a receiver has to do is all here: keep the event; send the receipt as a request and wait for its answer; acknowledge the
stream only then. A receipt that nobody answered is sent again, because the stream gives the message again.
"""
import argparse
import asyncio
import json

import nats
from nats.errors import Error as NATSError

from kept import Kept

STREAM, DURABLE, RECEIPTS = "ALERTS", "dispatch", "receipts"
BATCH = 200
AGAIN_S = 5  # the stream gives a message again that was not acknowledged by then


async def confirm(connection, ids):
    """Whether snowlined has taken the receipts. Ids that it does not know are said: they would be a hole in its journal."""
    body = json.dumps({"receipts": ids}).encode()
    answer = json.loads((await connection.request(RECEIPTS, body, timeout=AGAIN_S)).data)
    if "error" in answer:
        return False
    for unknown in answer["unknown"]:
        print(f"UNKNOWN {unknown}", flush=True)
    return True


async def follow(connection, kept):
    stream = connection.jetstream()
    config = nats.js.api.ConsumerConfig(ack_wait=AGAIN_S, max_ack_pending=4 * BATCH)
    subscription = await stream.pull_subscribe("", DURABLE, stream=STREAM, config=config)
    while True:
        try:
            messages = await subscription.fetch(BATCH, timeout=1)
        except (NATSError, asyncio.TimeoutError):
            continue
        ids = [message.headers["Nats-Msg-Id"] for message in messages]
        for message_id, message in zip(ids, messages):
            kept.take(message_id, message.data)
        try:
            if await confirm(connection, ids):
                for message in messages:
                    await message.ack()
        except (NATSError, asyncio.TimeoutError):
            continue  # snowlined is away, or the connection: the messages come again


async def run(options):
    kept = Kept(options.store)

    async def quiet(_):
        pass

    connection = await nats.connect(
        options.servers.split(","), allow_reconnect=True, max_reconnect_attempts=-1, reconnect_time_wait=0.2, error_cb=quiet)
    print("READY 0", flush=True)
    while True:
        try:
            await follow(connection, kept)
        except (NATSError, asyncio.TimeoutError) as error:
            # No stream yet, or no leader just now.
            print(f"waits: {error!r}", flush=True)
            await asyncio.sleep(0.5)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", required=True)
    parser.add_argument("--store", required=True)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
