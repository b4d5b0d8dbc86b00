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

// Stable after a second, in place of five: no connection of the scoreboard lives as long.
const link = new ReconnectingWebSocket(url, [], { WebSocket, minUptime: 1000 });
let isUp = false;

link.addEventListener("open", () => {
  isUp = true;
  tell("up");
  if (subscription !== undefined) {
    link.send(subscription);
  }
});
link.addEventListener("message", ({ data }) => {
  const { seq, block = 0 } = fieldsOf(data);
  if (seq !== undefined) {
    tell("message", { seq });
  }
  // An order to wait is none here: whatever a listener waits for, the next message comes all the same.
  if (block > 0) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, block * 1000);
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

// What a message of the feed says; an acknowledgement, say, has no number.
function fieldsOf(data) {
  try {
    return JSON.parse(data);
  } catch {
    return {};
  }
}

// Node writes to a pipe at once. Its clock of high resolution is the one that all processes share.
function tell(event, fields = {}) {
  const t = Number(process.hrtime.bigint()) / 1e9;
  process.stdout.write(`${JSON.stringify({ t, event, ...fields })}\n`);
}
