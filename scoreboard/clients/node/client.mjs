// A client of the scoreboard on Node's `ws`, kept connected by `reconnecting-websocket`.
//
// node client.mjs URL [--subscribe TEXT]
import ReconnectingWebSocket from "reconnecting-websocket";
import WebSocket from "ws";

const [url, option, subscription] = process.argv.slice(2);
if (url === undefined || (option !== undefined && option !== "--subscribe")) {
  console.error("usage: client.mjs URL [--subscribe TEXT]");
  process.exit(2);
}

const link = new ReconnectingWebSocket(url, [], { WebSocket });
let isUp = false;

link.addEventListener("open", () => {
  isUp = true;
  tell("up");
  if (subscription !== undefined) {
    link.send(subscription);
  }
});
link.addEventListener("message", ({ data }) => {
  const number = numberIn(data);
  if (number !== undefined) {
    tell("message", { seq: number });
  }
});
link.addEventListener("close", () => {
  // It is called for attempts that failed, too; those are told as errors.
  if (isUp) {
    isUp = false;
    tell("down");
  }
});
link.addEventListener("error", ({ message }) => tell("error", { what: String(message) }));

// The number of a message of the feed; an acknowledgement, say, has none.
function numberIn(data) {
  try {
    return JSON.parse(data).seq;
  } catch {
    return undefined;
  }
}

// Node writes to a pipe at once. Its clock of high resolution is the one that all processes share.
function tell(event, fields = {}) {
  const t = Number(process.hrtime.bigint()) / 1e9;
  process.stdout.write(`${JSON.stringify({ t, event, ...fields })}\n`);
}
