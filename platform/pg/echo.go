package pg

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"
)

// echo logs statements for SQL_ECHO: text, duration and outcome, never the values.
type echo struct{ log *zap.Logger }

type echoKey struct{}

type echoed struct {
	sql   string
	begun time.Time
}

// TraceQueryStart implements pgx.QueryTracer.
func (e echo) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, echoKey{}, echoed{sql: data.SQL, begun: time.Now()})
}

// TraceQueryEnd implements pgx.QueryTracer.
func (e echo) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	started, _ := ctx.Value(echoKey{}).(echoed)
	e.log.Info("sql", zap.String("statement", started.sql), zap.Duration("took", time.Since(started.begun)),
		zap.Int64("rows", data.CommandTag.RowsAffected()), zap.Bool("failed", data.Err != nil))
}
