package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"

	"erp.internal/platform/search"
)

// The statements, as the server's repository of organizations sends them. A list reads one row more than it gives, to
// know whether there is a next page.
const (
	columns   = "id, name, description, version, created_at, updated_at"
	getSQL    = "SELECT " + columns + " FROM organization.organizations WHERE id = $1"
	listSQL   = "SELECT " + columns + " FROM organization.organizations ORDER BY id ASC LIMIT $1"
	createSQL = "INSERT INTO organization.organizations (name, description, search, search_grams) VALUES ($1, $2, $3, $4) RETURNING " + columns
	// recordSQL is createSQL with what the journal keeps of it, in the one statement that costs least: $5 is the request's id, $6
	// the client's address, $7 the fields.
	recordSQL = "WITH created AS (" + createSQL + "), kept AS (INSERT INTO journal.entries" +
		" (actor_kind, actor_id, request_id, address, operation, kind, subject_kind, subject_id, organization_id, public)" +
		" SELECT 'user', 1, $5, $6::inet, 'create-organization', 'organization.created', 'organization', id, id, $7::jsonb FROM created)" +
		" SELECT * FROM created"
)

// createStatement and recordStatement are createSQL and recordSQL for pgbench, which makes only $1 and $2: a row that is not searched
// by anything would be filled by the server while that is measured.
var createStatement, recordStatement = statementsOfPgbench()

func statementsOfPgbench() (create, record string) {
	name, about := "1234567890123456789", description
	forms := search.FormsOf(&name, &about)
	quoted := func(s string) string {
		return "E'" + strings.NewReplacer("'", "''", `\`, `\\`, "\t", `\t`, "\n", `\n`, ":", `\x3a`).Replace(s) + "'"
	}
	constants := strings.NewReplacer("$3", quoted(forms.Keys), "$4", quoted(forms.Grams), "$5", "'0123456789abcdef0123456789abcdef'", "$6", "'127.0.0.1'",
		"$7", `'{"name":[null,"`+name+`"],"description":[null,"`+about+`"]}'`)
	return constants.Replace(createSQL), constants.Replace(recordSQL)
}

const (
	listLimit   = 100
	description = "Made by cmd/bench"
)

// operation is one thing that is measured, in the forms that the contenders want it in.
type operation struct {
	name   string
	title  string
	target float64 // the least requests/s of (c) divided by those of (b), 0 for none
	status int     // of every answer
	bare   string  // the path at which (b) does the same, "" for that of (c)

	statement string // of pgbench
	variables string // that pgbench sets before the statement, for $1

	// prepare fills in the request; it is called before each one.
	prepare func(r *fasthttp.Request, chance *rand.Rand)
	// check reports whether an answer to the request makes sense.
	check func(r *fasthttp.Request, body []byte) error
}

// operations are what the contenders answer, in a database with so many organizations.
func operations(rows int) []operation {
	return []operation{
		{
			name: "get", title: "GET by id", target: 0.85, status: http.StatusOK,
			statement: getSQL, variables: fmt.Sprintf(`\set v1 random(1, %d)`, rows),
			prepare: func(r *fasthttp.Request, chance *rand.Rand) {
				var path [40]byte
				r.Header.SetMethod(http.MethodGet)
				r.URI().SetPathBytes(strconv.AppendInt(append(path[:0], "/organizations/"...), 1+chance.Int64N(int64(rows)), 10))
			},
			check: checkGet,
		},
		{
			name: "list", title: fmt.Sprintf("list of %d", listLimit), target: 1.25, status: http.StatusOK,
			statement: listSQL, variables: fmt.Sprintf(`\set v1 %d`, listLimit+1),
			prepare: func(r *fasthttp.Request, _ *rand.Rand) {
				r.Header.SetMethod(http.MethodGet)
				r.URI().SetPath("/organizations/")
				r.URI().SetQueryString("limit=" + strconv.Itoa(listLimit))
			},
			check: checkList,
		},
		{
			name: "create", title: "POST", target: 0.85, status: http.StatusCreated, bare: recordedPath,
			statement: recordStatement, variables: `\set v1 random(1, 9223372036854775806)`,
			prepare: prepareCreate, check: checkCreate,
		},
		{ // of the same requests to (c), what it costs that a change leaves a record
			name: "create-unrecorded", title: "POST, (b) keeps no record", status: http.StatusCreated,
			statement: createStatement, variables: `\set v1 random(1, 9223372036854775806)`,
			prepare: prepareCreate, check: checkCreate,
		},
	}
}

func prepareCreate(r *fasthttp.Request, chance *rand.Rand) {
	var body [128]byte
	r.Header.SetMethod(http.MethodPost)
	r.Header.SetContentType("application/json")
	r.URI().SetPath("/organizations/")
	b := strconv.AppendInt(append(body[:0], `{"name":"`...), chance.Int64(), 10) // as unique as pgbench's
	r.SetBody(append(b, `","description":"`+description+`"}`...))
}

// byID is the operation by which an open server is compared with a session.
func byID(rows int) operation { return operations(rows)[0] }

// signedIn is the operation of a caller with a session's token.
func (op operation) signedIn(token string) operation {
	anonymous, credential := op.prepare, "Bearer "+token
	op.title += ", signed in"
	op.prepare = func(r *fasthttp.Request, chance *rand.Rand) {
		anonymous(r, chance)
		r.Header.Set(fasthttp.HeaderAuthorization, credential)
	}
	return op
}

// ofBare is the operation as (b) is asked for it.
func (op operation) ofBare() operation {
	if op.bare == "" {
		return op
	}
	prepare := op.prepare
	op.prepare = func(r *fasthttp.Request, chance *rand.Rand) {
		prepare(r, chance)
		r.URI().SetPath(op.bare)
	}
	return op
}

// answered is an organization as both servers answer it.
type answered struct {
	ID          int64   `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	CreatedAt   string  `json:"created_at"`
	UpdatedAt   string  `json:"updated_at"`
}

func (a answered) whole() error {
	if a.ID == 0 || a.Name == "" || a.Description == nil || a.CreatedAt == "" || a.UpdatedAt == "" {
		return fmt.Errorf("fields are missing in %+v", a)
	}
	return nil
}

func checkGet(r *fasthttp.Request, body []byte) error {
	var got answered
	if err := json.Unmarshal(body, &got); err != nil {
		return fmt.Errorf("no organization: %w", err)
	}
	if asked := "/organizations/" + strconv.FormatInt(got.ID, 10); asked != string(r.URI().Path()) {
		return fmt.Errorf("organization %d was not asked for", got.ID)
	}
	return got.whole()
}

func checkList(_ *fasthttp.Request, body []byte) error {
	var got []answered
	if err := json.Unmarshal(body, &got); err != nil {
		return fmt.Errorf("no list: %w", err)
	}
	if len(got) != listLimit || got[0].ID != 1 || got[listLimit-1].ID != listLimit {
		return fmt.Errorf("not the first %d organizations but %d", listLimit, len(got))
	}
	return got[0].whole()
}

func checkCreate(r *fasthttp.Request, body []byte) error {
	var sent, got answered
	if err := json.Unmarshal(r.Body(), &sent); err != nil {
		return fmt.Errorf("no organization sent: %w", err)
	}
	if err := json.Unmarshal(body, &got); err != nil {
		return fmt.Errorf("no organization: %w", err)
	}
	if got.Name != sent.Name {
		return fmt.Errorf("%q was answered as %q", sent.Name, got.Name)
	}
	return got.whole()
}
