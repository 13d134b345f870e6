package httpx

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// Sender is who sent a request, as far as the network tells: a field of inputs that want to know.
type Sender struct {
	Address   string // of the one before the trusted proxies
	UserAgent string // what the client says of itself, as valid UTF-8

	request *http.Request
}

// Resolve implements huma.Resolver.
func (s *Sender) Resolve(ctx huma.Context) []error {
	c := humagin.Unwrap(ctx)
	s.Address, s.UserAgent, s.request = c.ClientIP(), strings.ToValidUTF8(c.Request.UserAgent(), "\uFFFD"), c.Request
	return nil
}

// Request is what was sent, for those who know a header of their own in it.
func (s Sender) Request() *http.Request { return s.request }
