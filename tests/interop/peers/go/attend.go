package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"

	"github.com/coder/websocket"
)

// attend does on a link what the path of its URL says, whichever side opened it.
func attend(link *websocket.Conn, path string, query url.Values) {
	defer link.CloseNow()
	err := converse(context.Background(), link, path, query)
	code, reason := 1006, ""
	var frame websocket.CloseError
	if errors.As(err, &frame) {
		code, reason = int(frame.Code), frame.Reason
	}
	say("closed", "id", query.Get("id"), "code", strconv.Itoa(code), "reason", reason)
}

func converse(ctx context.Context, link *websocket.Conn, path string, query url.Values) error {
	switch path {
	case "/close":
		code := websocket.StatusNoStatusRcvd
		if number, err := strconv.Atoi(query.Get("code")); err == nil {
			code = websocket.StatusCode(number)
		}
		return link.Close(code, query.Get("reason"))
	case "/ping":
		go func() { // it needs somebody who reads meanwhile
			if link.Ping(ctx) == nil {
				link.Write(ctx, websocket.MessageText, []byte("pong"))
			}
		}()
	case "/big":
		size, _ := strconv.Atoi(query.Get("size"))
		if err := link.Write(ctx, websocket.MessageBinary, make([]byte, size)); err != nil {
			// Why it ended stands in what can still be read.
			_, _, end := link.Read(ctx)
			return end
		}
	}
	digest := sha256.New()
	for {
		kind, data, err := link.Read(ctx)
		if err != nil {
			return err
		}
		if path == "/digest" {
			if string(data) == "digest?" {
				data = []byte(hex.EncodeToString(digest.Sum(nil)))
			} else {
				digest.Write(binary.BigEndian.AppendUint64(nil, uint64(len(data))))
				digest.Write(data)
			}
		}
		if err := answer(ctx, link, path, query, kind, data); err != nil {
			return err
		}
	}
}

func answer(
	ctx context.Context, link *websocket.Conn, path string, query url.Values,
	kind websocket.MessageType, data []byte,
) error {
	if path != "/fragments" {
		return link.Write(ctx, kind, data)
	}
	size, _ := strconv.Atoi(query.Get("size"))
	writer, err := link.Writer(ctx, kind)
	if err != nil {
		return err
	}
	for len(data) > 0 { // each write is a fragment
		piece := data[:min(size, len(data))]
		if _, err := writer.Write(piece); err != nil {
			return err
		}
		data = data[len(piece):]
	}
	return writer.Close()
}
