package pg

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// ability finds out in one round trip what changes need, and changes nothing: whether a transaction may write, and
// whether there is room on the disk, for which it has the server spill some hundred kilobytes to a temporary file.
const ability = `BEGIN; SET LOCAL work_mem = '64kB';
	SELECT current_setting('transaction_read_only'), (SELECT count(*) FROM generate_series(1, 20000));
	ROLLBACK`

// errReadOnly is why a server that answers cannot be used for changes.
var errReadOnly = errors.New("the database is read-only")

// temporaryFilesLimited is the SQLSTATE of a server whose temp_file_limit is less than ability asks for: that has nothing
// to do with the disk.
const temporaryFilesLimited = "53400"

// Ready reports whether the database can store something now.
//
// Errors: ErrUnavailable, with the reason.
func (db *DB) Ready(ctx context.Context) error {
	retry, err := db.able(ctx)
	if retry {
		_, err = db.able(ctx)
	}
	return db.constraints.explain(err)
}

// able checks one connection; retry says that another connection may succeed.
func (db *DB) able(ctx context.Context) (retry bool, err error) {
	conn, err := db.acquireToChange(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	results, err := conn.Conn().PgConn().Exec(running(ctx), ability).ReadAll()
	var answered *pgconn.PgError
	switch {
	case errors.As(err, &answered) && answered.Code == temporaryFilesLimited:
		return false, nil
	case err != nil:
		return conn.Conn().IsClosed() && !late(err), err
	}
	for _, result := range results {
		if len(result.Rows) == 1 && string(result.Rows[0][0]) == "on" {
			return true, errors.Join(errReadOnly, conn.Conn().Close(running(ctx)))
		}
	}
	return false, nil
}
