"""A plain bot on python-telegram-bot: what `just bench` compares with. Keeps nothing on disk.

Reads TELEGRAM_URL, TELEGRAM_TOKEN, GEMINI_URL, GEMINI_KEYS (comma separated) and MODEL from the environment.
"""

import itertools
import os
from collections import defaultdict, deque

import httpx
from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

KEYS = itertools.cycle(os.environ["GEMINI_KEYS"].split(","))
URL = f"{os.environ['GEMINI_URL']}/v1beta/models/{os.environ['MODEL']}:generateContent"
CLIENT = httpx.AsyncClient(limits=httpx.Limits(max_connections=256), timeout=60)
ROUNDS: dict[int, deque] = defaultdict(lambda: deque(maxlen=6))


async def answer(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    message = update.effective_message
    rounds = ROUNDS[message.chat_id]
    question = {"role": "user", "parts": [{"text": message.text}]}
    reply = await CLIENT.post(
        URL, headers={"x-goog-api-key": next(KEYS)}, json={"contents": [*rounds, question]}
    )
    text = reply.json()["candidates"][0]["content"]["parts"][0]["text"]
    rounds.extend([question, {"role": "model", "parts": [{"text": text}]}])
    await message.reply_text(text)


app = (
    ApplicationBuilder()
    .token(os.environ["TELEGRAM_TOKEN"])
    .base_url(os.environ["TELEGRAM_URL"] + "/bot")
    .concurrent_updates(256)
    .connection_pool_size(512)
    .pool_timeout(60)
    .build()
)
app.add_handler(MessageHandler(filters.TEXT, answer))
app.run_polling(allowed_updates=["message"])
