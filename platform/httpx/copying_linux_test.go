package httpx

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"erp.internal/platform/await"
)

// Long bodies arrive whole, and a client that takes nothing keeps nobody else from being answered.
func TestServer_copiesLongBodies(t *testing.T) {
	t.Parallel()
	body := bytes.Repeat([]byte("0123456789"), 1<<20)
	listener, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	paced, ok := listener.(progressListener)
	if !ok {
		t.Fatal("the server's listener does not require progress")
	}
	paced.copying = make(copying, 1)
	began := make(chan struct{}, 1)
	server := &http.Server{ReadHeaderTimeout: progressTimeout, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		began <- struct{}{}
		_, _ = w.Write(body)
	})}
	go func() { _ = server.Serve(paced) }()
	t.Cleanup(func() { _ = server.Close() })

	slow := asksFor(t.Context(), t, listener.Addr().String())
	<-began
	for range 3 {
		quick := asksFor(t.Context(), t, listener.Addr().String())
		<-began
		if got := bodyOfLength(t, quick, len(body)); !bytes.Equal(got, body) {
			t.Error("the body arrived changed")
		}
	}
	await.That(t, "nobody copies while the client takes nothing", func() bool { return len(paced.copying) == 0 })
	if got := bodyOfLength(t, slow, len(body)); !bytes.Equal(got, body) {
		t.Error("slowly: the body arrived changed")
	}
}

// A client that goes ends the write of its answer.
func TestServer_copiesNothingForAClientThatWent(t *testing.T) {
	t.Parallel()
	conn, ended := answering(t, progressTimeout, 8<<20, 8<<20)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the whole answer was written")
	}
}

// asksFor sends a request on a connection of its own.
func asksFor(ctx context.Context, t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return conn
}

// bodyOfLength reads the end of an answer.
func bodyOfLength(t *testing.T, conn net.Conn, length int) []byte {
	t.Helper()
	all, err := io.ReadAll(conn)
	if err != nil || len(all) < length {
		t.Fatalf("%d bytes, %v", len(all), err)
	}
	return all[len(all)-length:]
}
