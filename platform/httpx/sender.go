package httpx

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// clientKey is where an operation's metadata says whose word on the sender's address counts.
const clientKey = "proxies"

// Sender is who sent a request, as far as the network tells: a field of inputs that want to know.
type Sender struct {
	Address   string // of the one before the trusted proxies
	UserAgent string // what the client says of itself, as valid UTF-8

	request *http.Request
}

// Resolve implements huma.Resolver.
func (s *Sender) Resolve(ctx huma.Context) []error {
	trusted, _ := ctx.Operation().Metadata[clientKey].(proxies)
	s.request = humagin.Unwrap(ctx).Request
	s.Address, s.UserAgent = trusted.client(s.request), strings.ToValidUTF8(s.request.UserAgent(), "\uFFFD")
	return nil
}

// Request is what was sent, for those who know a header of their own in it.
func (s Sender) Request() *http.Request { return s.request }
