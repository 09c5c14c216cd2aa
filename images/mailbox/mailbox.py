"""Takes every mail, keeps the last ones, and sends nothing on: the mail server of environments that must not write to people.

One line of JSON for each mail goes to the log: who, to whom, about what. The mails themselves lie in /var/mail/ballast, newest
last, and go with the container.
"""

import asyncio
import email
import email.policy
import json
import os
import signal
import time

from aiosmtpd.smtp import SMTP

FOLDER = "/var/mail/ballast"
PORT = 1025
KEEP = 200
LARGEST = 10 * 1024 * 1024


class Keeper:
    def __init__(self):
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        path = os.path.join(FOLDER, "%013d-%06d.eml" % (time.time() * 1000, self.count))
        with open(path, "wb") as file:
            file.write(envelope.content)
        for old in sorted(os.listdir(FOLDER))[:-KEEP]:
            os.unlink(os.path.join(FOLDER, old))
        print(
            json.dumps(
                {
                    "caught": os.path.basename(path),
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "subject": str(message["subject"] or ""),
                    "bytes": len(envelope.content),
                }
            ),
            flush=True,
        )
        return "250 caught, and sent nowhere"


async def main():
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    keeper = Keeper()
    server = await loop.create_server(lambda: SMTP(keeper, data_size_limit=LARGEST, ident="Ballast mailbox", loop=loop), "0.0.0.0", PORT)
    print(json.dumps({"listening": PORT, "keeps": KEEP}), flush=True)
    await stop.wait()
    server.close()
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
