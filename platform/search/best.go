package search

import (
	"errors"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/pg"
)

// headColumn is what the index of beginnings is on; the schema says the same. Texts may be longer than an index takes.
const (
	headColumn = "left(search, 64)"
	headLength = 64
)

// Best selects at most limit rows that a query finds, with those of the best rank among them: by the beginning of the text
// that rows are called by, then by words that begin so, then the others. It stops as soon as it has enough. Of more than
// limit rows of one rank, it takes those whose text is the first in order if they begin with the query, and any otherwise;
// of what very many rows have, it does not look for words apart.
// rows is the selection of all, within the condition of those that the caller may see, which is nil for all; beside may be nil.
func (x *Index) Best(q Query, rows squirrel.SelectBuilder, within squirrel.Sqlizer, limit int, column string, beside []Beside) pg.Call {
	b := best{limit: limit}
	rows = rows.PlaceholderFormat(squirrel.Question)
	few := len(beside) == 0 && x.fewHave(q, frequentOf)
	if within != nil {
		if few = few && x.fewHave(q, rareOf); few {
			within = squirrel.Expr("(?) IS TRUE", within) // which no index serves: the planner would choose one for the scopes of others
		}
		rows = rows.Where(within)
	}
	for _, r := range q.whole.readings {
		if len(r.parts) != 1 || !r.parts[0].head {
			continue
		}
		head := []rune(r.parts[0].keys)
		starts := squirrel.And{squirrel.Expr(headColumn+" >= ?", string(head[:min(len(head), headLength)])), squirrel.Expr(headColumn+" < ?", after(head[:min(len(head), headLength)]))}
		if len(head) > headLength {
			starts = append(starts, squirrel.Expr("starts_with(search, ?)", string(head)))
		}
		if len(q.words) > 1 { // each of the words may mean less than all of them together
			starts = append(starts, x.Where(q))
		}
		b.add(rows.Where(starts).OrderBy(headColumn, "id"), starts)
	}
	if !x.frequent(q.words) { // else a walk finds enough soon, and the index would list very many that it does not need
		words := squirrel.And{}
		for _, w := range q.words {
			words = append(words, w.begins(x))
		}
		b.add(rows.Where(words), words)
	}
	b.add(rows.Where(x.WhereBeside(q, column, beside)), nil)
	call := pg.ListsOnce("search "+x.table, &b)
	if few {
		return call.Generic()
	}
	return call.Custom()
}

// after is the least text beyond all that begin with keys. No key is the last character of Unicode.
func after(keys []rune) string {
	next := append([]rune(nil), keys...)
	next[len(next)-1]++
	if next[len(next)-1] == 0xd800 {
		next[len(next)-1] = 0xe000
	}
	return string(next)
}

// best is a statement whose parts run one after the other, until there are enough rows.
type best struct {
	limit  int
	parts  []squirrel.SelectBuilder
	before []squirrel.Sqlizer
}

// add adds rows, but for those of the parts before.
func (b *best) add(rows squirrel.SelectBuilder, where squirrel.Sqlizer) {
	for _, before := range b.before {
		rows = rows.Where(squirrel.Expr("NOT (?)", before)) // of columns that are not null
	}
	b.parts = append(b.parts, rows)
	if where != nil {
		b.before = append(b.before, where)
	}
}

// ToSql implements squirrel.Sqlizer.
func (b *best) ToSql() (string, []any, error) { //nolint:revive // squirrel's name
	var sql string
	var args []any
	var errored error
	for i, p := range b.parts {
		part, with, err := p.Suffix("LIMIT ?", b.limit).ToSql()
		errored = errors.Join(errored, err)
		if i > 0 {
			sql += " UNION ALL "
		}
		sql, args = sql+"("+part+")", append(args, with...)
	}
	if len(b.parts) > 1 { // one has its limit, and may not have two
		sql, args = sql+" LIMIT ?", append(args, b.limit)
	}
	sql, err := squirrel.Dollar.ReplacePlaceholders(sql)
	return sql, args, errors.Join(errored, err)
}
