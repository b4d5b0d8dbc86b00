// The peer of the interop tests on coder/websocket; ../../README.md says what it is told and tells.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/coder/websocket"
)

func main() {
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() {
		order, err := url.ParseQuery(orders.Text())
		if err != nil {
			panic(err)
		}
		switch order.Get("do") {
		case "listen":
			listen(order)
		case "connect":
			go connect(order)
		default:
			panic("no such order: " + orders.Text())
		}
	}
}

// say tells the test what has happened, in one write, so that lines stay whole.
func say(event string, pairs ...string) {
	line := "event=" + event
	for i := 0; i+1 < len(pairs); i += 2 {
		line += "&" + pairs[i] + "=" + url.QueryEscape(pairs[i+1])
	}
	fmt.Fprintln(os.Stdout, line)
}

func names(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// mode is what this library can be told about compression: whether contexts are kept, both or none.
func mode(order url.Values) websocket.CompressionMode {
	switch {
	case !order.Has("deflate"):
		return websocket.CompressionDisabled
	case order.Has("server_no_context_takeover"):
		return websocket.CompressionNoContextTakeover
	default:
		return websocket.CompressionContextTakeover
	}
}

func bound(link *websocket.Conn, order url.Values) {
	limit, err := strconv.ParseInt(order.Get("limit"), 10, 64)
	if err != nil {
		limit = -1 // none
	}
	link.SetReadLimit(limit)
}

func listen(order url.Values) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	serve := func(w http.ResponseWriter, r *http.Request) { accept(order, w, r) }
	go http.Serve(listener, http.HandlerFunc(serve))
	say("listening", "port", strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
}

func accept(order url.Values, w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if r.URL.Path == "/reject" {
		status, _ := strconv.Atoi(query.Get("status"))
		w.Header().Set("Retry-After", query.Get("retry_after"))
		http.Error(w, "refused", status)
		return
	}
	link, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:         names(order.Get("subprotocols")),
		InsecureSkipVerify:   true,
		CompressionMode:      mode(order),
		CompressionThreshold: 1,
	})
	if err != nil {
		say("failed", "id", query.Get("id"), "why", err.Error())
		return
	}
	bound(link, order)
	say("opened", "id", query.Get("id"), "subprotocol", link.Subprotocol(),
		"extensions", w.Header().Get("Sec-WebSocket-Extensions"))
	attend(link, r.URL.Path, query)
}

func connect(order url.Values) {
	target, err := url.Parse(order.Get("url"))
	if err != nil {
		panic(err)
	}
	id := target.Query().Get("id")
	link, response, err := websocket.Dial(context.Background(), order.Get("url"), &websocket.DialOptions{
		Subprotocols:         names(order.Get("subprotocols")),
		CompressionMode:      mode(order),
		CompressionThreshold: 1,
	})
	switch {
	case err == nil:
		bound(link, order)
		say("opened", "id", id, "subprotocol", link.Subprotocol(),
			"extensions", response.Header.Get("Sec-WebSocket-Extensions"))
		attend(link, target.Path, target.Query())
	case response != nil:
		say("rejected", "id", id, "status", strconv.Itoa(response.StatusCode),
			"retry_after", response.Header.Get("Retry-After"))
	default:
		say("failed", "id", id, "why", err.Error())
	}
}
