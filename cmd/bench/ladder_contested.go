package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"

	"github.com/valyala/fasthttp"
)

const contestGroup = "contenders"

// contested are the requests of the ladder that pgbench and the bare handler answer as well. Their targets are of the last
// rung.
func contested(r *rung) []operation {
	first, last := firstUser+1, firstUser+r.users
	byID := operations(r.organizations())[0]
	byID.title, byID.name, byID.target = "GET organization", "get-organization", 0
	create := operations(r.organizations())[2]
	create.title, create.target = "POST organization", 1.3
	return []operation{
		{
			name: "get-user", title: "GET user", target: 1.5, status: http.StatusOK, check: holdsJSON,
			statement: userSQL, variables: fmt.Sprintf(`\set v1 random(%d, %d)`, first, last),
			prepare: get(func(chance *rand.Rand) string { return fmt.Sprintf("/users/%d", r.anyUser(chance)) }),
		},
		byID,
		{
			name: "list-users", title: fmt.Sprintf("list of %d users", listLimit), target: 2, status: http.StatusOK, check: holdsJSON,
			statement: usersSQL, variables: fmt.Sprintf(`\set v1 %d`, listLimit+1),
			prepare: get(constant(fmt.Sprintf("/users/?limit=%d", listLimit))),
		},
		create,
		{
			name: "put-user", title: "PUT user", target: 0.9, status: http.StatusOK, check: holdsJSON,
			statement: renameStatement, variables: fmt.Sprintf(`\set v1 random(%d, %d)`, first, last),
			prepare: func(request *fasthttp.Request, chance *rand.Rand) {
				request.Header.SetMethod(http.MethodPut)
				request.Header.SetContentType("application/json")
				request.URI().SetPath(fmt.Sprintf("/users/%d", r.anyUser(chance)))
				body, _ := json.Marshal(map[string]string{"full_name": r.aName(chance)}) // it always marshals
				request.SetBody(body)
			},
		},
	}
}

// renameStatement is renameSQL for pgbench, which has only $1 and $2.
var renameStatement = strings.NewReplacer("$3", "'0123456789abcdef0123456789abcdef'", "$4", "'127.0.0.1'",
	"$5", `'{"full_name":[null,"123"]}'`).Replace(renameSQL)

// get prepares a GET.
func get(path func(*rand.Rand) string) func(*fasthttp.Request, *rand.Rand) {
	return func(r *fasthttp.Request, chance *rand.Rand) {
		r.Header.SetMethod(http.MethodGet)
		before, query, _ := strings.Cut(path(chance), "?")
		r.URI().SetPath(before)
		r.URI().SetQueryString(query)
	}
}
