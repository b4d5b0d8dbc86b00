// A numbered feed on Node's `ws`. It prints its port whenever it listens, and is told what to do line
// by line: "restart" ends every link with 1001, closes the port, and listens there again.
//
// "/" sends five numbers on each link and then closes it with 1012, so that a client has something to
// survive; "/steady" sends five and stays; "/echo" sends back what comes.
import { createInterface } from "node:readline";
import { WebSocketServer } from "ws";

const LIFE = 5;
let next = 0;
let server = null;

function listen(port) {
  server = new WebSocketServer({ host: "127.0.0.1", port, perMessageDeflate: true });
  server.on("listening", () => console.log(server.address().port));
  server.on("connection", (socket, request) => attend(socket, request.url));
}

function attend(socket, path) {
  if (path === "/echo") {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
    return;
  }
  for (let sent = 0; sent < LIFE; sent += 1) {
    socket.send(`${next} ${"x".repeat(200)}`);
    next += 1;
  }
  if (path === "/") {
    socket.close(1012, "restart");
  }
}

function restart() {
  const { port } = server.address();
  for (const socket of server.clients) {
    socket.close(1001, "going away");
  }
  server.close(() => listen(port));
}

const orders = createInterface({ input: process.stdin });
orders.on("line", (order) => order === "restart" && restart());
orders.on("close", () => process.exit(0));
listen(0);
