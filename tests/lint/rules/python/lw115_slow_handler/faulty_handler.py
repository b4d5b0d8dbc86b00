"""Work for each message that keeps the event loop: programs, mail, a database."""

import json
import smtplib
import sqlite3
import subprocess

import websockets


class Alarm:
    def __init__(self, url):
        self.url = url
        self.db = sqlite3.connect("alarms.db")

    def store(self, alarm):
        self.db.execute("insert into alarms values (?)", (json.dumps(alarm),))  # LW115
        self.db.commit()

    def mail(self, text):
        with smtplib.SMTP("mail.example") as server:  # LW115
            server.sendmail("a@example", "b@example", text)

    async def notify(self, text):
        subprocess.run(["notify-send", text], check=True)  # LW115

    async def run(self):
        async for ws in websockets.connect(self.url):
            try:
                async for message in ws:
                    alarm = json.loads(message)
                    self.store(alarm)
                    if alarm["level"] > 3:
                        self.mail(alarm["text"])
                        await self.notify(alarm["text"])
            except websockets.ConnectionClosed:
                continue
