// The peer of the interop tests on Node's `ws`; ../../README.md says what it is told and tells.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import WebSocket, { WebSocketServer } from "ws";

function say(event, fields) {
  console.log(new URLSearchParams({ event, ...fields }).toString());
}

const names = (order) => (order.get("subprotocols") ?? "").split(",").filter(Boolean);

function settings(order) {
  const limit = order.get("limit");
  return {
    maxPayload: limit ? Number(limit) : 100 * 2 ** 20,
    perMessageDeflate: order.has("deflate") && {
      threshold: 0,
      serverNoContextTakeover: order.has("server_no_context_takeover"),
      clientNoContextTakeover: order.has("client_no_context_takeover"),
      ...bits(order, "server_max_window_bits", "serverMaxWindowBits"),
      ...bits(order, "client_max_window_bits", "clientMaxWindowBits"),
    },
  };
}

const bits = (order, field, name) => (order.has(field) ? { [name]: Number(order.get(field)) } : {});

function listen(order) {
  const known = names(order);
  const links = new WebSocketServer({
    ...settings(order),
    noServer: true,
    handleProtocols: (offered) => known.find((name) => offered.has(name)) ?? false,
  });
  links.on("headers", (lines, request) => {
    const line = lines.find((each) => each.toLowerCase().startsWith("sec-websocket-extensions:"));
    request.extensions = line?.slice(line.indexOf(":") + 1).trim() ?? "";
  });
  const server = createServer();
  server.on("upgrade", (request, socket, head) => {
    const { pathname, searchParams: query } = new URL(request.url, "ws://localhost");
    if (pathname === "/reject") {
      const wait = `Retry-After: ${query.get("retry_after")}`;
      socket.end(`HTTP/1.1 ${query.get("status")} Refused\r\n${wait}\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    links.handleUpgrade(request, socket, head, (link) => {
      const { protocol: subprotocol } = link;
      say("opened", { id: query.get("id"), subprotocol, extensions: request.extensions });
      attend(link, pathname, query);
    });
  });
  server.listen(0, "127.0.0.1", () => say("listening", { port: server.address().port }));
}

function connect(order) {
  const { pathname, searchParams: query } = new URL(order.get("url"));
  const id = query.get("id");
  const link = new WebSocket(order.get("url"), names(order), settings(order));
  let extensions = "";
  link.on("upgrade", (response) => {
    extensions = response.headers["sec-websocket-extensions"] ?? "";
  });
  link.on("open", () => {
    link.removeAllListeners("error");
    say("opened", { id, subprotocol: link.protocol, extensions });
    attend(link, pathname, query);
  });
  link.on("unexpected-response", (request, response) => {
    const { statusCode: status, headers } = response;
    say("rejected", { id, status, retry_after: headers["retry-after"] ?? "" });
    request.destroy();
  });
  link.on("error", (error) => say("failed", { id, why: error.message }));
}

function attend(link, path, query) {
  const digest = createHash("sha256");
  link.on("message", (data, binary) => {
    if (path === "/fragments") {
      sendInFragments(link, data, binary, Number(query.get("size")));
    } else if (path === "/digest" && !binary && data.toString() === "digest?") {
      link.send(digest.copy().digest("hex"));
    } else {
      if (path === "/digest") {
        const length = Buffer.alloc(8);
        length.writeBigUInt64BE(BigInt(data.length));
        digest.update(length).update(data);
      }
      link.send(data, { binary });
    }
  });
  link.on("pong", () => path === "/ping" && link.send("pong"));
  link.on("error", () => {}); // "close" follows, and tells
  link.on("close", (code, reason) => say("closed", { id: query.get("id"), code, reason }));
  begin(link, path, query);
}

function begin(link, path, query) {
  if (path === "/close") {
    if (query.has("code")) {
      link.close(Number(query.get("code")), query.get("reason") ?? "");
    } else {
      link.close();
    }
  } else if (path === "/ping") {
    link.ping("ping");
  } else if (path === "/big") {
    link.send(Buffer.alloc(Number(query.get("size"))));
  }
}

function sendInFragments(link, data, binary, size) {
  for (let start = 0; start < data.length; start += size) {
    const end = start + size;
    link.send(data.subarray(start, end), { binary, fin: end >= data.length });
  }
}

const orders = createInterface({ input: process.stdin });
orders.on("line", (line) => {
  const order = new URLSearchParams(line);
  ({ listen, connect })[order.get("do")](order);
});
orders.on("close", () => process.exit(0));
