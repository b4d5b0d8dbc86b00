"""A speech server that works on each chunk where it arrives."""

import os

import numpy as np
import psycopg2
import tornado.websocket
import whisper
from fastapi import FastAPI, WebSocket

app = FastAPI()
model = whisper.load_model("base")


@app.websocket("/speech")
async def speech(websocket: WebSocket):
    await websocket.accept()
    samples = np.zeros(0, dtype=np.float32)
    while True:
        chunk = await websocket.receive_bytes()
        samples = np.concatenate([samples, np.frombuffer(chunk, dtype=np.float32)])
        if len(samples) > 16_000:
            result = model.transcribe(samples)  # LW115
            await websocket.send_text(result["text"])


class Commands(tornado.websocket.WebSocketHandler):
    def initialize(self):
        self.db = psycopg2.connect("dbname=commands")

    def on_message(self, message):
        os.system(f"play {message}.wav")  # LW115
        with self.db.cursor() as cursor:
            cursor.execute("insert into played values (%s)", (message,))  # LW115
