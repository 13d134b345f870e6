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

type batchKey struct{}

// batch are statements that are sent together; failed says that one that failed was logged.
type batch struct{ failed bool }

// TraceBatchStart implements pgx.BatchTracer.
func (e echo) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return context.WithValue(ctx, batchKey{}, &batch{})
}

// TraceBatchQuery implements pgx.BatchTracer.
func (e echo) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	if b, ok := ctx.Value(batchKey{}).(*batch); ok && data.Err != nil {
		b.failed = true
	}
	e.log.Info("sql", zap.String("statement", data.SQL), zap.Duration("took", time.Since(data.ReadStartTime)),
		zap.Int64("rows", data.CommandTag.RowsAffected()), zap.Bool("failed", data.Err != nil))
}

// TraceBatchEnd implements pgx.BatchTracer. Statements of which one cannot be prepared are not sent, and have no results
// that would say so.
func (e echo) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	if b, ok := ctx.Value(batchKey{}).(*batch); ok && data.Err != nil && !b.failed {
		b.failed = true
		e.log.Info("sql", zap.String("statement", "statements that were not sent"), zap.Bool("failed", true))
	}
}
