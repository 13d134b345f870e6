package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// explainAll shows how PostgreSQL runs the statements of the requests, at one rung.
func (c *climb) explainAll(ctx context.Context, r *rung) error {
	log := statementLog(filepath.Join(c.dir, "postgres", "postgres.log"))
	// It holds for connections that come.
	if err := r.side.exec(ctx, "ALTER DATABASE "+pgx.Identifier{r.side.name}.Sanitize()+" SET log_min_duration_statement = 0"); err != nil {
		return fmt.Errorf("-explain: %w", err)
	}
	return c.withErp(ctx, r.side, func(erp *process) error {
		callers, err := r.signedIn(ctx, r.side, erp)
		if err != nil {
			return err
		}
		defer callers[0].client.CloseIdleConnections()
		for _, asked := range requests(r) {
			who, ok := callers[asked.scope]
			if !ok || asked.group == changeGroup || asked.group == treeGroup || asked.group == signInGroup || c.missing[asked.title] || c.requests != nil && !c.requests.MatchString(asked.title) {
				continue
			}
			if _, err := c.ready(ctx, r, who, &asked); err != nil { // what the server keeps in memory from now on is read here
				return err
			}
			before, err := os.Stat(string(log))
			if err != nil {
				return fmt.Errorf("-explain: %w", err)
			}
			if _, err := c.ready(ctx, r, who, &asked); err != nil {
				return err
			}
			statements, err := log.since(before.Size())
			if err != nil {
				return err
			}
			for _, statement := range statements {
				plan, err := statement.explain(ctx, r.side.conn)
				if err != nil {
					return err
				}
				c.section.Note("%s, %s:\n%s\n%s", asked.group, asked.title, statement.text, plan)
			}
		}
		return nil
	})
}
