package domain

import (
	"bytes"
	"testing"
)

// One host has as many addresses below its IPv6 /64 as it likes.
func TestOrigin_Network(t *testing.T) {
	t.Parallel()
	network := func(address string) []byte { return Origin{Address: address}.Network() }
	for _, same := range [][2]string{
		{"2001:db8::1", "2001:db8:0:0:ffff::2"}, {"192.0.2.1", "::ffff:192.0.2.1"}, {"fe80::1%eth0", "fe80::2%eth1"}, {"", "no address"},
	} {
		if !bytes.Equal(network(same[0]), network(same[1])) {
			t.Errorf("%s and %s are counted apart", same[0], same[1])
		}
	}
	for _, apart := range [][2]string{{"2001:db8::1", "2001:db8:0:1::1"}, {"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", ""}} {
		if bytes.Equal(network(apart[0]), network(apart[1])) {
			t.Errorf("%s and %s are counted as one", apart[0], apart[1])
		}
	}
}
