"""FastAPI endpoints that ask a language model by its blocking client."""

import os
from urllib.request import urlopen as fetch

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from openai import OpenAI

router = APIRouter()
client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])


@router.websocket("/chat")
async def chat(websocket: WebSocket):
    await websocket.accept()
    history = []
    try:
        while True:
            history.append({"role": "user", "content": await websocket.receive_text()})
            stream = client.chat.completions.create(  # LW112
                model="small", messages=history, stream=True
            )
            for chunk in stream:
                await websocket.send_text(chunk.choices[0].delta.content or "")
    except WebSocketDisconnect:
        pass


@router.websocket("/pages")
async def pages(websocket: WebSocket):
    await websocket.accept()
    while True:
        url = await websocket.receive_text()
        with fetch(url) as page:  # LW112
            await websocket.send_bytes(page.read())
