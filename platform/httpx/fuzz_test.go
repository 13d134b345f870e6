package httpx

import (
	"bytes"
	stdjson "encoding/json"
	"net/http"
	"net/netip"
	"testing"

	"erp.internal/platform/text"
)

// A body that is taken is JSON by everybody's understanding, and reading it twice gives the same.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{
		`{"name":"A","count":1}`, "\xef\xbb\xbf{}", `{"name":1,"count":"x","list":[1,"2"]}`, `{"name":"A","name":"B"}`, "{\"name\":\"\xff\"}",
		`{"count":99999999999999999999}`, `[[[[]]]]`, `null`, `{"inner":{"name":{}}}`, `{"a/b~c":1}`, ``,
	} {
		f.Add([]byte(seed))
	}
	type body struct {
		Name  string           `json:"name"`
		Count int64            `json:"count"`
		List  []int            `json:"list"`
		Inner *struct{ N int } `json:"inner"`
		Any   map[string]any   `json:"any"`
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var first, second body
		given := bytes.Clone(data)
		err := unmarshal(data, &first)
		if !bytes.Equal(given, data) {
			t.Fatalf("the body was changed: %q", data)
		}
		again := unmarshal(data, &second)
		if (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
			t.Fatalf("%v, then %v", err, again)
		}
		if err == nil && !stdjson.Valid(text.WithoutBOM(data)) {
			t.Fatalf("%q was taken", data)
		}
	})
}

// The address that counts as the client's is an address; and where the peer is no trusted proxy, it is the peer's.
func FuzzClient(f *testing.F) {
	for _, seed := range [][3]string{
		{"10.0.0.1:5", "203.0.113.7", ""}, {"10.0.0.1:5", "203.0.113.7:80, 10.0.0.2", "198.51.100.1"}, {"[2001:db8::1]:5", "\"[2001:db8::7]:80\"", ""},
		{"203.0.113.9:1", "10.0.0.1", ""}, {"10.0.0.1:5", "unknown, ,_hidden", ""}, {"10.0.0.1:5", "::ffff:203.0.113.7", ""}, {"fe80::1%eth0", "fe80::2%x", ""}, {"", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	trusted, err := parseProxies([]string{"10.0.0.0/8", "2001:db8::/32"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, remote, first, second string) {
		r := &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": {first, second}}}
		got := trusted.client(r)
		from, ok := peer(r)
		if !ok {
			return
		}
		if _, err := netip.ParseAddr(got); err != nil {
			t.Fatalf("%q, X-Forwarded-For %q, %q: the client is %q", remote, first, second, got)
		}
		if !trusted.trust(from) && got != from.String() {
			t.Fatalf("%q is no trusted proxy, and X-Forwarded-For %q, %q makes it %q", remote, first, second, got)
		}
	})
}
