package httpx

import (
	"mime"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

const jsonType = "application/json"

// jsonOnly refuses a body that is declared as something else than whole, uncompressed JSON in UTF-8, whatever its bytes
// are: what a header says is either understood or refused. A body that declares nothing is refused too: a page of another
// origin may send one without asking first.
func (a *API) jsonOnly(ctx huma.Context, next func(huma.Context)) {
	c := humagin.Unwrap(ctx)
	if ctx.Operation().RequestBody == nil || c.Request.ContentLength == 0 {
		next(ctx)
		return
	}
	header := c.Request.Header
	if p := misdeclared(header); p != nil {
		a.write(c, p)
		return
	}
	header["Content-Type"] = []string{jsonType} // the one form that huma knows
	next(ctx)
}

// misdeclared says what is wrong with how a request declares its body, nil for nothing.
func misdeclared(header http.Header) *Problem {
	if len(header["Content-Range"]) > 0 { // RFC 9110, section 14.5
		return newProblem(http.StatusBadRequest, "partial_body", "A part of a body cannot be put in place of a part: send the whole body, without Content-Range")
	}
	for coding := range strings.SplitSeq(strings.Join(header["Content-Encoding"], ","), ",") {
		if coding = strings.Trim(coding, " \t"); coding != "" && !strings.EqualFold(coding, "identity") {
			p := newProblem(http.StatusUnsupportedMediaType, "unsupported_content_encoding", "Send the body uncompressed, without Content-Encoding")
			p.headers = http.Header{"Accept-Encoding": {"identity"}} // RFC 9110, section 15.5.16
			return p
		}
	}
	declared := header["Content-Type"]
	if len(declared) == 0 {
		return ofHuma(http.StatusUnsupportedMediaType, "", nil)
	}
	for _, line := range declared {
		if !isJSON(line) {
			return ofHuma(http.StatusUnsupportedMediaType, "", nil)
		}
	}
	return nil
}

// isJSON tells whether a Content-Type is one of JSON in UTF-8. Names are in whatever case (RFC 9110, section 8.3.1). JSON
// has no charset (RFC 8259, section 11), and many clients send one.
func isJSON(contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	application := strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")
	if err != nil || media != jsonType && !application {
		return false
	}
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "utf8", "us-ascii":
		return true
	default:
		return false
	}
}
