package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"
)

// explainListing shows how PostgreSQL runs the statements of the reader with a scope.
func (c *contest) explainListing(ctx context.Context, side *sideDatabase, few reader) (string, error) {
	log := statementLog(filepath.Join(c.dir, "postgres", "postgres.log"))
	// It holds for connections that come.
	if _, err := side.conn.Exec(ctx, "ALTER DATABASE "+pgx.Identifier{side.name}.Sanitize()+" SET log_min_duration_statement = 0"); err != nil {
		return "", fmt.Errorf("-explain: %w", err)
	}
	erp, err := startErp(ctx, c.options, c.dir, "DATABASE_URL="+side.url)
	if err != nil {
		return "", err
	}
	defer erp.stop()
	few.client = newClient(erp.addr, 1)
	defer few.client.CloseIdleConnections()
	plans := ""
	for n := range c.listing.kinds {
		kind := &c.listing.kinds[n]
		var response fasthttp.Response
		if err := few.list(kind, &response); err != nil { // what the server holds in memory from now on is asked for here
			return "", err
		}
		before, err := os.Stat(string(log))
		if err != nil {
			return "", fmt.Errorf("-explain: %w", err)
		}
		if err := few.list(kind, &response); err != nil {
			return "", err
		}
		statements, err := log.since(before.Size(), "FROM identity.users")
		if err != nil {
			return "", err
		}
		for _, s := range statements {
			plan, err := s.explain(ctx, side.conn)
			if err != nil {
				return "", err
			}
			plans += fmt.Sprintf("%s, in %d departments:\n%s\n%s\n", kind.title, readDepartments, s.text, plan)
		}
	}
	return plans, nil
}
