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
	one, began := make(copying, 1), make(chan struct{}, 1)
	address := paced(t, func(l *progressListener) { l.copying = one }, func(w http.ResponseWriter, _ *http.Request) {
		began <- struct{}{}
		_, _ = w.Write(body)
	})

	slow := asksFor(t.Context(), t, address)
	<-began
	for range 3 {
		quick := asksFor(t.Context(), t, address)
		<-began
		if got := bodyOfLength(t, quick, len(body)); !bytes.Equal(got, body) {
			t.Error("the body arrived changed")
		}
	}
	await.That(t, "nobody copies while the client takes nothing", func() bool { return len(one) == 0 })
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
