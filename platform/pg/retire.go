package pg

import "github.com/Masterminds/squirrel"

// A user, an organization, a department or a role that is deleted is retired: its row keeps its id and its name, for the
// rows that refer to it, and others may have the name. The table has
//
//   - deleted_at, null for a live row. Its unique indexes are partial: WHERE deleted_at IS NULL.
//   - live_id, where keys of live rows must not refer to a deleted row: a generated column, the id of a live row and null
//     for a deleted one. The keys refer to it, so retiring a row that is in use violates them as deleting it would, also at
//     the same moment. Referring rows that no longer count have null in the column of their key.

// Live is the WHERE of the rows of a table that are not retired.
const Live = "deleted_at IS NULL"

// Retire is the update that retires a row, by its id. See Remove for one that keys may refer to.
func Retire(table string) squirrel.UpdateBuilder {
	return Build.Update(table).
		Set("deleted_at", squirrel.Expr("now()")).Set("version", squirrel.Expr("version + 1")).Set("updated_at", squirrel.Expr("now()")).
		Where("id = ?").Where(Live)
}
