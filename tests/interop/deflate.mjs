// Echoes on Node's `ws`, with compression: a server whose port it prints, and a client of each URL it
// reads from its standard input. It ends with that.
import { createInterface } from "node:readline";
import WebSocket, { WebSocketServer } from "ws";

const perMessageDeflate = { threshold: 0 };
const echo = (link) => link.on("message", (data, binary) => link.send(data, { binary }));

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate });
server.on("connection", echo);
server.on("listening", () => console.log(server.address().port));

const lines = createInterface({ input: process.stdin });
lines.on("line", (url) => echo(new WebSocket(url, { perMessageDeflate })));
lines.on("close", () => process.exit());
