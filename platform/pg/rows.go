package pg

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/authz"
	"erp.internal/platform/cache"
	"erp.internal/platform/gather"
)

// Rows reads rows of a table by id. It caches them until an event says that a row changed, and reads those that are wanted at the
// same time by one statement. A row is never older than the read's own start, as far as this server's changes are concerned, and
// as the journal's bound (cache.Feed) for those of others. In a transaction rows are read from the database, each by itself.
type Rows[T any] struct {
	db       *DB
	one      Statement
	several  Statement
	lock     Statement
	options  RowsOptions[T]
	cache    *cache.Cache[int64, kept[T]]
	gathered gather.Gatherer[*wanted[T]]
}

// RowsOptions are what Rows needs to know of a table.
type RowsOptions[T any] struct {
	Name    string // of the rows, such as "users": for errors, the log and metrics
	Query   squirrel.SelectBuilder
	Fields  Fields[T]
	ID      func(*T) int64
	Missing error // the error of a row that is missing
	// Rules say which events change rows of which owner; a row is its own owner if Owner is nil.
	Rules cache.Rules
	Owner func(*T) int64
	// ForUpdate is the lock of Lock and ToChange, such as "FOR NO KEY UPDATE"; without it, both fail.
	ForUpdate string
}

// kept is a row as it is cached, with the transaction that wrote it: any change of the row gives it another one, also one by SQL.
type kept[T any] struct {
	row T
	by  uint32
}

const (
	// rowCacheBytes is the limit of the rows that are cached of a table.
	rowCacheBytes = 64 << 20
	// rowOverhead is about how much memory a cached row takes besides its values.
	rowOverhead = 400
	// rowExpires is when a cached row is read again, for rows that an operator changes by SQL, which no event announces.
	rowExpires = time.Minute
)

// NewRows makes the rows of a table.
func NewRows[T any](db *DB, hub *cache.Hub, o RowsOptions[T]) *Rows[T] {
	if o.Owner == nil {
		o.Owner = o.ID
	}
	query, lock := o.Query, Statement{name: "lock one of " + o.Name, err: errNoLock}
	if o.ForUpdate != "" {
		query, lock = query.Column("xmin"), Reads(lock.name, o.Query.Where("id = ?").Suffix(o.ForUpdate))
	}
	return &Rows[T]{
		db: db, options: o, lock: lock,
		one:     Reads("load "+o.Name, query.Where("id = ?")),
		several: Reads("load several "+o.Name, query.Where("id = ANY(?)")),
		cache:   cache.New[int64, kept[T]](hub, o.Name, rowCacheBytes, o.Rules),
	}
}

// ByID returns a row.
//
// Errors: Missing, ErrUnavailable.
func (r *Rows[T]) ByID(ctx context.Context, id int64) (T, error) {
	found, err := r.byID(ctx, id)
	return found.row, err
}

func (r *Rows[T]) byID(ctx context.Context, id int64) (kept[T], error) {
	ctx, outside := r.db.Outside(ctx)
	if !outside {
		return One(ctx, r.db, r.one.With(id), r.fields, r.options.Missing)
	}
	if found, is := r.cache.Find(id, time.Now()); is {
		authz.Read(ctx, func(context.Context) { _, _, _ = r.alone(ctx, id) })
		return found, nil
	}
	authz.Read(ctx, nil)
	return r.cache.Load(ctx, id, func(ctx context.Context) (kept[T], cache.Policy, error) {
		w := wanted[T]{id: id}
		r.gathered.Run(&w, func(take func() []*wanted[T]) { r.read(ctx, take) })
		if !w.read { // reading it together with others failed
			w.kept, w.size, w.err = r.alone(ctx, id)
		}
		if w.err != nil {
			return w.kept, cache.Policy{}, w.err
		}
		return w.kept, cache.Policy{Owner: r.options.Owner(&w.row), Size: w.size + rowOverhead, Expires: time.Now().Add(rowExpires)}, nil
	})
}

// wanted is a row that a caller wants.
type wanted[T any] struct {
	id int64
	kept[T]
	size int
	err  error
	read bool
}

// read reads the rows that are wanted when it has a connection, by one statement. Where that fails, they are not read. A caller
// who has gone gets no connection: that fails its own row alone.
func (r *Rows[T]) read(ctx context.Context, take func() []*wanted[T]) {
	conn, err := r.db.acquire(ctx)
	all := take()
	if err != nil {
		if ctx.Err() != nil {
			all = all[:1]
		}
		for _, w := range all {
			w.err, w.read = r.one.wrap(r.db.constraints.explain(err)), true
		}
		return
	}
	defer conn.Release()
	ids := make([]int64, len(all))
	for i, w := range all {
		ids[i], w.err = w.id, r.options.Missing
	}
	call := r.several.With(ids)
	if len(all) == 1 {
		call = r.one.With(ids[0])
	}
	_, _, err = rowsOn(ctx, r.db, conn, call, r.fields, func(found kept[T], size int) bool {
		for _, w := range all { // several may want the same row
			if w.id == r.options.ID(&found.row) {
				w.kept, w.size, w.err = found, size, nil
			}
		}
		return true
	})
	for _, w := range all {
		w.read = err == nil
	}
}

// alone reads a row by a statement of its own.
func (r *Rows[T]) alone(ctx context.Context, id int64) (row kept[T], size int, err error) {
	err = r.options.Missing
	failed := each(ctx, r.db, r.one.With(id), r.fields, func(found kept[T], bytes int) bool {
		row, size, err = found, bytes, nil
		return true
	})
	if failed != nil {
		err = failed
	}
	return row, size, err
}

func (r *Rows[T]) fields(k *kept[T]) []any {
	fields := r.options.Fields(&k.row)
	if r.options.ForUpdate != "" {
		fields = append(fields, &k.by)
	}
	return fields
}
