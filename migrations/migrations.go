// Package migrations holds the schema of every module, in one stream: NNNNNN_<module>_<what>.{up,down}.sql.
// A file touches the schema of the module it names and no other, and every down undoes its up.
package migrations

import "embed"

// Files are the migrations.
//
//go:embed *.sql
var Files embed.FS
