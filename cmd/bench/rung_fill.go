package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

const (
	rungSeed     = 14 // each run makes the same rungs
	signersIn    = 200
	signerIn     = "signer-%d@example.com"
	foundTimeout = 30 * time.Minute // until the server has made ready for search what was stored without it
	foundPause   = 200 * time.Millisecond
)

// fillRung stores what the rung consists of. The server starts twice: before, for its first administrator, and after, for
// whatever it derives from rows that were stored without it.
func (b *bench) fillRung(ctx context.Context, r *rung) error {
	if err := b.withErp(ctx, r.side, func(*process) error { return nil }); err != nil {
		return err
	}
	if err := b.storeRung(ctx, r); err != nil {
		return err
	}
	if err := b.withErp(ctx, r.side, func(erp *process) error { return r.prepare(ctx, erp) }); err != nil {
		return err
	}
	if err := r.side.exec(ctx, "VACUUM (ANALYZE)"); err != nil {
		return err
	}
	return r.look(ctx)
}

// look reads the facts from the database.
func (r *rung) look(ctx context.Context) (err error) {
	const live = " FROM identity.users WHERE deleted_at IS NULL AND id BETWEEN $1 AND $2"
	first, last := firstUser+1, firstUser+r.users
	if r.alive, err = column[int64](ctx, r.side, "SELECT id"+live, first, last); err != nil {
		return err
	}
	const some = " AND id % $3 = 0 ORDER BY id LIMIT 1000"
	if r.names, err = column[string](ctx, r.side, "SELECT full_name"+live+some, first, last, r.users/leastUsers); err != nil {
		return err
	}
	r.emails, err = column[string](ctx, r.side, "SELECT email"+live+some, first, last, r.users/leastUsers)
	return err
}

// withErp runs a server on a database.
func (b *bench) withErp(ctx context.Context, side *sideDatabase, do func(*process) error) error {
	erp, err := startErp(ctx, b.options, b.dir, "DATABASE_URL="+side.url)
	if err != nil {
		return err
	}
	defer erp.stop()
	return do(erp)
}

// storeRung copies the rows into the tables. Indexes are made afterwards, which takes a third of the time.
func (b *bench) storeRung(ctx context.Context, r *rung) error {
	roles, err := column[int64](ctx, r.side, "SELECT id FROM access.roles WHERE name = ANY($1) ORDER BY array_position($1, name)", []string{"member", "organization-administrator"})
	if err != nil {
		return err
	}
	r.member, r.rare = roles[0], roles[1]
	if err := r.side.exec(ctx, "SET synchronous_commit = off", "SET maintenance_work_mem = '256MB'"); err != nil {
		return err
	}
	for _, t := range r.tables(roles) {
		indexes, err := r.side.dropIndexes(ctx, t.name)
		if err != nil {
			return err
		}
		if _, err := r.side.conn.CopyFrom(ctx, t.name, t.columns, pgx.CopyFromSlice(t.rows, t.row)); err != nil {
			return fmt.Errorf("fill %s: %w", t.name.Sanitize(), err)
		}
		if err := r.side.exec(ctx, append(indexes, "ANALYZE "+t.name.Sanitize())...); err != nil {
			return err
		}
	}
	for _, table := range []string{"organization.organizations", "organization.departments", "identity.users"} {
		if err := r.side.exec(ctx, fmt.Sprintf("SELECT setval(pg_get_serial_sequence('%s', 'id'), (SELECT max(id) FROM %s))", table, table)); err != nil {
			return err
		}
	}
	return r.enrolReaders(ctx)
}

// dropIndexes drops the indexes of a table that no constraint needs, and returns the statements that make them.
func (s *sideDatabase) dropIndexes(ctx context.Context, table pgx.Identifier) ([]string, error) {
	const indexes = `SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = $1::regclass AND NOT indisunique
		AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY 1`
	const names = `SELECT 'DROP INDEX ' || indexrelid::regclass FROM pg_index WHERE indrelid = $1::regclass AND NOT indisunique
		AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)`
	definitions, err := column[string](ctx, s, indexes, table.Sanitize())
	if err != nil {
		return nil, err
	}
	drops, err := column[string](ctx, s, names, table.Sanitize())
	if err != nil {
		return nil, err
	}
	return definitions, s.exec(ctx, drops...)
}

// tables are the rows of the rung, each table after those that it refers to. The roles are those that grants are of.
func (r *rung) tables(roles []int64) []content {
	chance := rand.New(rand.NewPCG(rungSeed, uint64(r.users))) //nolint:gosec // the same in each run, on purpose
	moments := newMoments(time.Now())
	sizes := make([]int, 0, r.organizations()+len(treeSizes()))
	for range r.organizations() {
		sizes = append(sizes, departmentsEach)
	}
	sizes = append(sizes, treeSizes()...)
	departments := departmentsOf(sizes)
	return []content{
		{
			pgx.Identifier{"organization", "organizations"},
			[]string{"id", "name", "description", "created_at", "updated_at"}, len(sizes),
			func(n int) ([]any, error) {
				created, updated := moments.pair(chance)
				return []any{n + 1, institution(n + 1), "대표전화 02-" + strconv.Itoa(1000+n), created, updated}, nil
			},
		},
		{
			pgx.Identifier{"organization", "departments"},
			[]string{"id", "organization_id", "parent_id", "name", "code", "sort_order", "created_at", "updated_at"}, len(departments),
			func(n int) ([]any, error) {
				d := departments[n]
				created, updated := moments.pair(chance)
				return []any{n + 1, d.organization, orNull(int64(d.parent)), departmentName(d.place), fmt.Sprintf("D%05d", d.place), (d.place + 1) * 1000, created, updated}, nil
			},
		},
		r.userRows(chance, moments),
		{
			pgx.Identifier{"access", "grants"},
			[]string{"user_id", "role_id", "organization_id", "department_id", "reason"}, r.users,
			func(int) ([]any, error) {
				department := int64(1 + chance.IntN(r.departments()))
				organization, role, reason := (department-1)/departmentsEach+1, roles[0], "정기 인사 발령"
				var in any = department
				if chance.IntN(20) == 0 {
					in = nil
				}
				if chance.IntN(100) == 0 {
					role, reason = roles[1], "기관 관리자 지정"
				}
				return []any{1 + firstUser + chance.Int64N(int64(r.users)), role, organization, in, reason}, nil
			},
		},
	}
}

// firstUser is the last id before those of the rung's users: that of the first administrator.
const firstUser = 1

func (r *rung) userRows(chance *rand.Rand, moments moments) content {
	names := newNaming()
	return content{
		pgx.Identifier{"identity", "users"},
		[]string{
			"id", "email", "email_digest", "full_name", "organization_id", "department_id", "is_active", "deleted_at",
			"former_organization_id", "former_department_id", "created_at", "updated_at", "last_sign_in_at",
		}, r.users,
		func(n int) ([]any, error) {
			name, email := names.name(chance)
			department := 1 + chance.IntN(r.departments())
			organization := (department-1)/departmentsEach + 1
			email = fmt.Sprintf("%s%d@h%d.example.kr", email, n, organization)
			digest := sha256.Sum256([]byte(email))
			created, updated := moments.pair(chance)
			row := []any{firstUser + 1 + n, email, digest[:], name, organization, department, chance.Float64() >= inactiveShare, nil, nil, nil, created, updated, moments.signedIn(created, chance)}
			switch share := chance.Float64(); {
			case share < deletedShare:
				row[4], row[5], row[6], row[7], row[8], row[9] = nil, nil, false, updated, organization, department
			case share < deletedShare+unassignedShare:
				row[5] = nil
			}
			return row, nil
		},
	}
}

// department is where a department stands: the how manyth of its organization it is, and the id of its parent.
type department struct{ organization, place, parent int }

// tops is how many departments of an organization have no parent. Each of the others is below one before it, up to three
// below one, so that 50 stand three levels deep and 10,000 nine.
const (
	tops  = 5
	below = 3
	// firstLeaf is the first place of an organization with departmentsEach that has none below it.
	firstLeaf = (departmentsEach - tops + below - 1) / below
)

func departmentsOf(sizes []int) []department {
	var all []department
	for organization, size := range sizes {
		before := len(all)
		for place := range size {
			d := department{organization: organization + 1, place: place}
			if place >= tops {
				d.parent = before + (place-tops)/below + 1
			}
			all = append(all, d)
		}
	}
	return all
}

// moments are when rows were stored: within the last five years, and changed since then or not.
type moments struct{ now time.Time }

func newMoments(now time.Time) moments { return moments{now.Truncate(time.Microsecond)} }

func (m moments) pair(chance *rand.Rand) (created, updated time.Time) {
	const years = 5 * 365 * 24 * time.Hour
	age := time.Duration(chance.Int64N(int64(years)/1000)) * 1000
	created = m.now.Add(-age)
	if updated = created; chance.IntN(2) == 0 {
		updated = created.Add(time.Duration(chance.Int64N(int64(age)/1000+1)) * 1000)
	}
	return created, updated
}

// signedIn is when a user signed in last: never, or since they were created.
func (m moments) signedIn(created time.Time, chance *rand.Rand) pgtype.Timestamptz {
	if chance.Float64() < neverShare {
		return pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	}
	since := chance.Int64N(int64(m.now.Sub(created)/time.Minute) + 1)
	return pgtype.Timestamptz{Time: m.now.Add(-time.Duration(since) * time.Minute).Truncate(time.Minute), Valid: true}
}

// enrolReaders makes the users who send requests, with the grants of their scopes.
func (r *rung) enrolReaders(ctx context.Context) error {
	administrators, err := column[int64](ctx, r.side, "SELECT id FROM identity.users WHERE email = $1", adminEmail)
	if err != nil || len(administrators) != 1 {
		return fmt.Errorf("find the administrator of %s: %w", r.side.name, err)
	}
	r.who = readers{administrators[0], map[int]int64{}}
	const grant = `INSERT INTO access.grants (user_id, role_id, organization_id, department_id)
		SELECT $1, (SELECT id FROM access.roles WHERE name = 'auditor'), organization_id, id FROM organization.departments WHERE id = ANY($2)`
	for _, scope := range scopes()[1:] {
		if !r.has(scope) {
			continue
		}
		ids, err := r.side.users(ctx, fmt.Sprintf("reader-of-%d", scope), 1)
		if err != nil {
			return err
		}
		if _, err := r.side.conn.Exec(ctx, grant, ids[0], r.seen(scope)); err != nil {
			return fmt.Errorf("grant to a reader: %w", err)
		}
		r.who.scoped[scope] = ids[0]
	}
	return nil
}

// seen are the departments that a reader has a grant for: a single one at the top of an organization, with others below it;
// many of them are leaves, in as many organizations as possible.
func (r *rung) seen(scope int) []int64 {
	if scope == 1 {
		return []int64{1}
	}
	all := make([]int64, scope)
	for n := range all {
		organization := n * r.organizations() / scope
		if r.organizations() < scope {
			organization = n % r.organizations()
		}
		leaf := firstLeaf + n/r.organizations()%(departmentsEach-firstLeaf)
		all[n] = int64(organization*departmentsEach + leaf + 1)
	}
	return all
}

// prepare creates users who can sign in, and waits until the server finds what was stored without it.
func (r *rung) prepare(ctx context.Context, erp *process) error {
	callers, err := r.signedIn(ctx, r.side, erp)
	if err != nil {
		return err
	}
	defer callers[0].client.CloseIdleConnections()
	if err := r.makeSigners(ctx, callers[0]); err != nil {
		return err
	}
	for _, wanted := range []struct{ path, table, column, where string }{
		{"/users/", "identity.users", "email", fmt.Sprintf("id IN (%d, %d) AND deleted_at IS NULL", firstUser+1, firstUser+r.users)},
		{"/users/", "identity.users", "full_name", fmt.Sprintf("id BETWEEN %d AND %d AND deleted_at IS NULL", firstUser+r.users/2, firstUser+r.users/2+3)},
		{"/departments/", "organization.departments", "code", fmt.Sprintf("id = %d", r.departments())},
		{"/organizations/", "organization.organizations", "name", fmt.Sprintf("id = %d", r.organizations())},
	} {
		texts, err := column[string](ctx, r.side, "SELECT "+wanted.column+" FROM "+wanted.table+" WHERE "+wanted.where)
		if err != nil {
			return err
		}
		for _, text := range texts {
			if err := found(ctx, callers[0], wanted.path+"?limit=1&q="+url.QueryEscape(text)); err != nil {
				return err
			}
		}
	}
	return nil
}

// found asks for a list until it has something.
func found(ctx context.Context, c caller, path string) error {
	for begun := time.Now(); time.Since(begun) < foundTimeout; {
		var items []struct{}
		if err := c.expect(http.StatusOK, http.MethodGet, path, nil, &items); err != nil {
			return err
		}
		if len(items) > 0 {
			return nil
		}
		if err := pause(ctx, foundPause); err != nil {
			return err
		}
	}
	return fmt.Errorf("GET %s finds nothing, which was stored %s ago", path, foundTimeout)
}

// makeSigners creates users with the same password, whose hash is computed once.
func (r *rung) makeSigners(ctx context.Context, administrator caller) error {
	var first struct {
		ID int64 `json:"id"`
	}
	body := map[string]string{"email": fmt.Sprintf(signerIn, 0), "password": userPassword}
	if err := administrator.expect(http.StatusCreated, http.MethodPost, "/users/", body, &first); err != nil {
		return err
	}
	const others = `INSERT INTO identity.users (email, email_digest)
		SELECT email, sha256(convert_to(email, 'UTF8')) FROM unnest($1::text[]) AS email RETURNING id`
	emails := make([]string, signersIn-1)
	for n := range emails {
		emails[n] = fmt.Sprintf(signerIn, n+1)
	}
	ids, err := column[int64](ctx, r.side, others, emails)
	if err != nil {
		return err
	}
	const passwords = "INSERT INTO identity.credentials (user_id, hash, must_change) SELECT id, hash, must_change FROM unnest($2::bigint[]) AS id, identity.credentials WHERE user_id = $1"
	if _, err := r.side.conn.Exec(ctx, passwords, first.ID, ids); err != nil {
		return fmt.Errorf("give users a password: %w", err)
	}
	return nil
}
