package httpx

import (
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"go.uber.org/zap"
)

// Stream is the answer of an operation whose body is a file, which is sent while it is made.
type Stream = huma.StreamResponse

// Download answers with a file. If write fails, the connection is aborted, so that a partial file does not look complete;
// do what may fail before the first byte.
func Download(api *API, contentType, name string, write func(io.Writer) error) *Stream {
	return &Stream{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", contentType)
		ctx.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
		ctx.SetStatus(http.StatusOK)
		if err := write(ctx.BodyWriter()); err != nil {
			api.Log.Error("a download failed", zap.String("name", name), zap.String("request_id", requestID(humagin.Unwrap(ctx))), zap.Error(err))
			panic(http.ErrAbortHandler) //nolint:forbidigo // net/http's own way to end a connection
		}
	}}
}
