package httpx

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"erp.internal/platform/await"
)

// paced serves on a listener that requires progress, and returns its address.
func paced(t *testing.T, change func(*progressListener), handler http.HandlerFunc) string {
	t.Helper()
	listener, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	on, ok := listener.(progressListener)
	if !ok {
		t.Fatal("the server's listener does not require progress")
	}
	change(&on)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: handler}
	go func() { _ = server.Serve(on) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// answering serves an answer of total bytes in writes of the given size, with a progress timeout. It returns the connection
// of a client that requested it, and the error of the last write.
func answering(t *testing.T, within time.Duration, total, size int) (net.Conn, <-chan error) {
	t.Helper()
	ended := make(chan error, 1)
	address := paced(t, func(l *progressListener) { l.timeout = within }, func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("x"), size)
		for n := 0; n < total; n += size {
			if _, err := w.Write(chunk); err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	})
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if tcp, ok := conn.(*net.TCPConn); !ok || tcp.SetReadBuffer(16<<10) != nil {
		t.Fatal("the client's buffer cannot be made small")
	}
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return conn, ended
}

// A client that takes nothing is cut off, however its answer is written.
func TestServer_cutsOffAClientThatTakesNothing(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"in one write": 1 << 20, "in small ones": 4 << 10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, ended := answering(t, 300*time.Millisecond, 1<<20, size)
			if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the write ended with %v", err)
			}
		})
	}
}

// One that takes a little again and again, and less than it must, is cut off too: a deadline that each byte moves would
// be none.
func TestServer_cutsOffAClientThatTakesTooLittle(t *testing.T) {
	t.Parallel()
	conn, ended := answering(t, 500*time.Millisecond, 8<<20, 4<<10)
	ticks := time.NewTicker(10 * time.Millisecond)
	defer ticks.Stop()
	for {
		select {
		case err := <-ended:
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the write ended with %v", err)
			}
			return
		case <-ticks.C: // 25 KiB each 500 ms, of 64 KiB that it must
			if _, err := io.CopyN(io.Discard, conn, 512); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// One that is slow, and takes what it must, gets its whole answer, in much more time than minProgress may take.
func TestServer_letsASlowClientGoOn(t *testing.T) {
	t.Parallel()
	const total = 1 << 20
	conn, ended := answering(t, time.Second, total, total)
	begun, ticks := time.Now(), time.NewTicker(50*time.Millisecond)
	defer ticks.Stop()
	for read := 0; read < total; read += 16 << 10 {
		<-ticks.C // 320 KiB/s
		if _, err := io.CopyN(io.Discard, conn, 16<<10); err != nil {
			t.Fatalf("cut off after %d bytes and %s: %v", read, time.Since(begun), err)
		}
	}
	if err := <-ended; err != nil {
		t.Errorf("the write ended with %v", err)
	}
	if took := time.Since(begun); took < 2*time.Second {
		t.Errorf("it took only %s: this test shows nothing", took)
	}
}

// Time that passes between answers is none that the client is waited for.
func TestServer_keepsAConnectionThatRests(t *testing.T) {
	t.Parallel()
	listener, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	paced, ok := listener.(progressListener)
	if !ok {
		t.Fatal("the server's listener does not require progress")
	}
	paced.timeout = 50 * time.Millisecond
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.RemoteAddr)
	})}
	go func() { _ = server.Serve(paced) }()
	t.Cleanup(func() { _ = server.Close() })
	client := &http.Client{Transport: &http.Transport{}}
	ask := func() string {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	first, begun := ask(), time.Now()
	await.That(t, "several times what a stride may take", func() bool { return time.Since(begun) > 300*time.Millisecond })
	if second := ask(); second != first {
		t.Errorf("the connection was %s and is %s", first, second)
	}
}
