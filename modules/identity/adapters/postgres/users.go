// Package postgres keeps users, their passwords and their sessions in Postgres. It is the only package that knows their
// tables.
package postgres

import (
	"cmp"
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/cache"
	"erp.internal/platform/etag"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

const (
	usersTable  = "identity.users"
	userColumns = "id, email, email_digest, full_name, employee_number, organization_id, department_id, is_active, " +
		"employment, joined_on, left_on, phone, job, title, position, version, created_at, updated_at"
	listColumns = userColumns + ", last_sign_in_at"
	// What users are sorted by, which must not be null.
	emailText      = "coalesce(email, '')"
	fullName       = "coalesce(full_name, '')"
	employeeNumber = "coalesce(employee_number, '')"
)

// userRules say which events change a user.
var userRules = cache.Rules{
	domain.UserChanged: cache.OfSubject, domain.UserMoved: cache.OfSubject, domain.UserActivated: cache.OfSubject,
	domain.UserDeactivated: cache.OfSubject, domain.UserDeleted: cache.OfSubject,
}

// Users implements ports.Users.
type Users struct {
	db       *pg.DB
	rows     *pg.Rows[userRow]
	create   pg.Statement
	update   pg.Statement
	remove   pg.Statement
	lock     pg.Statement
	any      pg.Statement
	beyond   pg.Statement
	rekey    pg.Statement
	list     pg.List[userRow]
	searched *search.Index
}

var _ ports.Users = (*Users)(nil)

// NewUsers makes the repository.
func NewUsers(db *pg.DB, hub *cache.Hub) *Users {
	live := pg.Build.Select(userColumns).From(usersTable).Where(pg.Live)
	return &Users{
		db: db.Storing(map[string]error{
			"users_email_key":           domain.ErrEmailTaken,
			"users_employee_number_key": domain.ErrNumberTaken,
			"users_organization_fk":     domain.ErrUnknownOrganization,
			"users_department_fk":       domain.ErrUnknownDepartment,
		}),
		rows: pg.NewRows(db, hub, pg.RowsOptions[userRow]{
			Name: "users", Query: live, Fields: userFields, Missing: domain.ErrUserNotFound,
			ID:        func(u *userRow) int64 { return int64(u.user.ID) },
			Rules:     userRules,
			ForUpdate: "FOR NO KEY UPDATE",
		}),
		create: pg.Changes("store user", insertUser().Suffix("RETURNING "+userColumns)),
		update: pg.Changes("change user", updateUser().
			Set("version", squirrel.Expr("version + 1")).Set("updated_at", squirrel.Expr("now()")).
			Where("id = ?").Where("version = ?").Where(pg.Live).Where(pg.Assumed).Suffix("RETURNING "+userColumns)),
		remove: pg.Changes("delete user", pg.Retire(usersTable).Set("is_active", squirrel.Expr("false")).
			Set("former_organization_id", squirrel.Expr("organization_id")).Set("former_department_id", squirrel.Expr("department_id")).
			Set("organization_id", squirrel.Expr("NULL")).Set("department_id", squirrel.Expr("NULL")).Set("phone", squirrel.Expr("NULL"))),
		lock: pg.Changes("lock users", squirrel.Expr("LOCK TABLE "+usersTable+" IN SHARE ROW EXCLUSIVE MODE")),
		any:  pg.Reads("count users", squirrel.Expr("SELECT count(*) FROM (SELECT 1 FROM "+usersTable+" LIMIT 1) AS one")),
		beyond: pg.Reads("find emails beyond ASCII", pg.Build.Select(userColumns).From(usersTable).
			Where(pg.Live).Where("email ~* '@.*(xn--|[^\\x01-\\x7f])'").OrderBy("is_active DESC", "id")),
		rekey: pg.Changes("store email anew", pg.Build.Update(usersTable).Set("email", squirrel.Expr("?")).Set("email_digest", squirrel.Expr("?")).
			Set("search", squirrel.Expr("NULL")).Set("search_grams", squirrel.Expr("NULL")). // filled with those of earlier versions
			Set("version", squirrel.Expr("version + 1")).Set("updated_at", squirrel.Expr("now()")).
			Where("id = ?").Where("email_digest = ?").Where(pg.Live)),
		list: pg.List[userRow]{
			Name: "list users",
			ID:   func(u userRow) int64 { return int64(u.user.ID) },
			Columns: map[string]pg.Column[userRow]{
				"email":           pg.TextColumn(emailText, func(u userRow) string { return u.email }),
				"employee_number": pg.TextColumn(employeeNumber, func(u userRow) string { return orEmpty(u.user.EmployeeNumber) }),
				"full_name":       pg.TextColumn(fullName, func(u userRow) string { return orEmpty(u.user.FullName) }),
				"created_at":      pg.TimeColumn("created_at", func(u userRow) time.Time { return u.user.CreatedAt }),
				"updated_at":      pg.TimeColumn("updated_at", func(u userRow) time.Time { return u.user.UpdatedAt }),
				"last_sign_in_at": pg.PastColumn("last_sign_in_at", func(u userRow) *time.Time { return u.user.LastSignIn }),
			},
			Fields: func(r *userRow) []any { return append(userFields(r), pg.Past(&r.user.LastSignIn)) },
		},
		searched: search.NewIndex(db, usersTable, "full_name", "email", "employee_number"),
	}
}

// employed are the conditions for states of employment, as text, for the index on those who are not employed.
var employed = map[domain.Employment]string{
	domain.Employed: "employment = 'employed'", domain.OnLeave: "employment = 'on_leave'", domain.Left: "employment = 'left'",
}

// stored are the columns that a use case decides, in the order of values.
var stored = []string{
	"email", "email_digest", "full_name", "employee_number", "employee_number_key", "search", "search_grams", "organization_id", "department_id",
	"is_active", "employment", "joined_on", "left_on", "phone", "job", "title", "position",
}

func insertUser() squirrel.InsertBuilder {
	values := make([]any, len(stored))
	for i := range values {
		values[i] = squirrel.Expr("?")
	}
	return pg.Build.Insert(usersTable).Columns(stored...).Values(values...)
}

func updateUser() squirrel.UpdateBuilder {
	update := pg.Build.Update(usersTable)
	for _, column := range stored {
		update = update.Set(column, squirrel.Expr("?"))
	}
	return update
}

// values returns a user's values for the stored columns, and more.
func values(u domain.User, more ...any) []any {
	at, forms := u.Place.IDs(), search.FormsOf(u.FullName, u.Email.Text(), u.EmployeeNumber)
	var emailDigest []byte
	if u.Email != (domain.Email{}) {
		digest := u.Email.Digest()
		emailDigest = digest[:]
	}
	var numberKey *string
	if u.EmployeeNumber != nil {
		key := domain.EmployeeNumberKey(*u.EmployeeNumber)
		numberKey = &key
	}
	return append([]any{
		u.Email.Text(), emailDigest, u.FullName, u.EmployeeNumber, numberKey, forms.Keys, forms.Grams, at.OrganizationID, at.DepartmentID,
		u.Active, string(u.Employment), (*string)(u.JoinedOn), (*string)(u.LeftOn), u.Phone, u.Job, u.Title, u.Position,
	}, more...)
}

// Searched is the index by which users are searched.
func (r *Users) Searched() *search.Index { return r.searched }

// ByID implements ports.Users.
func (r *Users) ByID(ctx context.Context, id domain.UserID) (domain.User, error) {
	return wholeUser(r.rows.ByID(ctx, int64(id)))
}

// ForUpdate implements ports.Users.
func (r *Users) ForUpdate(ctx context.Context, id domain.UserID) (domain.User, error) {
	return wholeUser(r.rows.Lock(ctx, int64(id)))
}

// ToChange implements ports.Users.
func (r *Users) ToChange(ctx context.Context, id domain.UserID) (domain.User, error) {
	return wholeUser(r.rows.ToChange(ctx, int64(id)))
}

// List implements ports.Users.
func (r *Users) List(ctx context.Context, filter ports.UserFilter, request page.Request) (page.Page[domain.User], error) {
	query := pg.Build.Select(listColumns).From(usersTable).Where(pg.Live)
	if filter.IDs != nil {
		query = query.Where("id = ANY(?)", filter.IDs)
	}
	if filter.Active != nil { // as text, for the index on those who are not
		query = query.Where(map[bool]string{true: "is_active", false: "NOT is_active"}[*filter.Active])
	}
	if filter.EmployeeNumber != "" {
		query = query.Where("employee_number_key = ?", domain.EmployeeNumberKey(filter.EmployeeNumber))
	}
	if filter.Employment != "" {
		query = query.Where(cmp.Or(employed[filter.Employment], "false"))
	}
	if filter.CreatedSince != nil {
		query = query.Where("created_at >= ?", *filter.CreatedSince)
	}
	if filter.UpdatedSince != nil {
		query = query.Where("updated_at >= ?", *filter.UpdatedSince)
	}
	if filter.NeverSignedIn {
		query = query.Where("last_sign_in_at = '-infinity'")
	}
	if filter.LastSignInBefore != nil {
		query = query.Where("last_sign_in_at > '-infinity'").Where("last_sign_in_at < ?", *filter.LastSignInBefore)
	}
	if filter.Holding != nil {
		sql, args := filter.Holding("users.id")
		query = query.Where(sql, args...)
	}
	if of := filter.Within.Organization; of != 0 && filter.Place.Organization != 0 && of != filter.Place.Organization {
		query = query.Where("false")
	} else if of != 0 {
		filter.Place.Organization = of
	}
	list := r.list
	if filter.CreatedSince != nil && request.Sort == page.ParseSort("id") {
		// New users have the last ids, which the planner does not know: along the ids it would pass over all others.
		list.Columns = map[string]pg.Column[userRow]{"id": pg.IntColumn("(id + 0)", list.ID)}
	}
	var found page.Page[userRow]
	var err error
	if filter.Search.Empty() {
		found, err = list.PageWithin(ctx, r.db, query, within(filter), request)
	} else { // the index of what is searched knows no places: a walk for each would read it for each
		list, query := search.Listed(r.searched, r.list, within(filter).Of(query), !within(filter).Everywhere(), filter.Search, "department_id", filter.Beside)
		found, err = list.Page(ctx, r.db, query, request)
	}
	if err != nil {
		return page.Page[domain.User]{}, err
	}
	return page.Map(found, userRow.whole), nil
}

// Search implements ports.Users.
func (r *Users) Search(ctx context.Context, filter ports.UserFilter, atLeast int) ([]domain.User, error) {
	live := pg.Build.Select(userColumns).From(usersTable).Where(pg.Live)
	rows, err := pg.All(ctx, r.db, r.searched.Best(filter.Search, live, within(filter).Filter(), atLeast, "department_id", filter.Beside), userFields)
	return whole(rows), err
}

// DepartmentsOf implements ports.Users.
func (r *Users) DepartmentsOf(ctx context.Context, q search.Query, scope place.Scope, atMost int) ([]int64, error) {
	query := within(ports.UserFilter{Scope: scope}).Of(pg.Build.Select("department_id").From(usersTable).Where(pg.Live)).
		Where("department_id IS NOT NULL").Where(r.searched.Where(q)).Suffix("LIMIT ?", atMost)
	return pg.All(ctx, r.db, pg.ListsOnce("find departments of users", query).Custom(), pg.Int)
}

func within(filter ports.UserFilter) pg.Within {
	w := pg.Within{Scope: filter.Scope, At: filter.Place, Organization: "organization_id", Department: "department_id"}
	if filter.WithoutDepartment {
		w.Null = w.Department
	}
	return w
}

// Create implements ports.Users.
func (r *Users) Create(ctx context.Context, u domain.User) (domain.User, error) {
	return r.one(ctx, r.create.With(values(u)...), nil)
}

// Update implements ports.Users.
func (r *Users) Update(ctx context.Context, u domain.User) (domain.User, error) {
	return r.one(ctx, r.update.With(values(u, int64(u.ID), u.Version, r.db.Assumption(ctx))...), etag.ErrStale)
}

// Delete implements ports.Users.
func (r *Users) Delete(ctx context.Context, id domain.UserID) error {
	_, err := r.db.Exec(ctx, r.remove.With(int64(id)))
	return err
}

// Beyond implements ports.Users.
func (r *Users) Beyond(ctx context.Context) ([]domain.User, error) {
	rows, err := pg.All(ctx, r.db, r.beyond.With(), userFields)
	return whole(rows), err
}

// Rekey implements ports.Users.
func (r *Users) Rekey(ctx context.Context, id domain.UserID, stored, email domain.Email) (rekeyed bool, err error) {
	before, now := stored.Digest(), email.Digest()
	n, err := r.db.Exec(ctx, r.rekey.With(email.String(), now[:], int64(id), before[:]))
	return n > 0, err
}

// ClaimFirst implements ports.Users.
func (r *Users) ClaimFirst(ctx context.Context) (bool, error) {
	if _, err := r.db.Exec(ctx, r.lock.With()); err != nil {
		return false, err
	}
	anyUser, err := r.Any(ctx)
	return !anyUser, err
}

// Any implements ports.Users.
func (r *Users) Any(ctx context.Context) (bool, error) {
	n, err := pg.One(ctx, r.db, r.any.With(), pg.Int, nil)
	return n > 0, err
}

func (r *Users) one(ctx context.Context, call pg.Call, missing error) (domain.User, error) {
	return wholeUser(pg.One(ctx, r.db, call, userFields, missing))
}

// userRow is a user as columns hold it.
type userRow struct {
	user   domain.User
	email  string
	digest []byte
}

func (r userRow) whole() domain.User {
	r.user.Email = emailOf(r.email, r.digest)
	return r.user
}

func wholeUser(row userRow, err error) (domain.User, error) {
	if err != nil {
		return domain.User{}, err
	}
	return row.whole(), nil
}

// emailOf returns the email of two columns, which are both null for none.
func emailOf(shown string, digest []byte) domain.Email {
	if shown == "" {
		return domain.Email{}
	}
	return domain.EmailFromStored(shown, [32]byte(digest))
}

func whole(rows []userRow) []domain.User {
	users := make([]domain.User, len(rows))
	for i, row := range rows {
		users[i] = row.whole()
	}
	return users
}

func userFields(r *userRow) []any {
	u := &r.user
	return []any{
		(*int64)(&u.ID), pg.TextOrNone(&r.email), &r.digest, pg.NullText(&u.FullName), pg.NullText(&u.EmployeeNumber),
		pg.NullInt(&u.Place.Organization), pg.NullInt(&u.Place.Department), &u.Active,
		(*string)(&u.Employment), pg.NullDay(&u.JoinedOn), pg.NullDay(&u.LeftOn),
		pg.NullText(&u.Phone), pg.NullText(&u.Job), pg.NullText(&u.Title), pg.NullText(&u.Position),
		&u.Version, &u.CreatedAt, &u.UpdatedAt,
	}
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
