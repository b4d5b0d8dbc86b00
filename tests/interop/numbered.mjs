// A numbered feed on Node's `ws`: prints its port, sends 0, 1, 2 ... and closes every third link's
// life after five messages with 1012, so that a client has something to survive.
import { WebSocketServer } from "ws";

let next = 0;
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true });
server.on("listening", () => console.log(server.address().port));
server.on("connection", (socket) => {
  let sent = 0;
  const timer = setInterval(() => {
    if (sent === 5) {
      clearInterval(timer);
      socket.close(1012, "restart");
      return;
    }
    socket.send(`${next} ${"x".repeat(200)}`);
    next += 1;
    sent += 1;
  }, 2);
  socket.on("close", () => clearInterval(timer));
  socket.on("message", (data, binary) => socket.send(data, { binary }));
});
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
