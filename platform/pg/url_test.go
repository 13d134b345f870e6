package pg_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// hunter2 is a password; what follows its first part is refused, or is a part of the password.
func TestURL_UnmarshalText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"postgres://u:hunter2@h:1/d":                               "u hunter2 h 1 d",
		"postgresql://u:hunter2@h/d?sslmode=disable":               "u hunter2 h 5432 d",
		"postgresql+psycopg2://u:hunter2@h/d":                      "u hunter2 h 5432 d",
		"postgresql+asyncpg://u:hunter2@h/d":                       "u hunter2 h 5432 d",
		"postgres://u:hunter2%40%2F%25%20%23@h/d":                  "u hunter2@/% # h 5432 d",
		"postgres://u:hunter2#x@h/d":                               "u hunter2#x h 5432 d",
		"postgres://u:hunter2?x@h/d":                               "u hunter2?x h 5432 d",
		"postgres://u:hunter2:x@h/d":                               "u hunter2:x h 5432 d",
		"postgres://u:hunter2한@h/d":                                "u hunter2한 h 5432 d",
		"postgres://u:hunter2@/d?host=/run/postgresql":             "u hunter2 /run/postgresql 5432 d",
		"postgres:///d?host=/tmp&user=u&password=hunter2":          "u hunter2 /tmp 5432 d",
		"postgres://u:hunter2@[::1]:2/d":                           "u hunter2 ::1 2 d",
		"postgres://u:hunter2@a,b:2/d?sslmode=disable":             "u hunter2 a 5432 d",
		"postgres://u:hunter2@h/d?target_session_attrs=read-write": "u hunter2 h 5432 d",
	} {
		var u pg.URL
		if err := u.UnmarshalText([]byte(in)); err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		c, err := pgx.ParseConfig(string(u))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(c.User, " ", c.Password, " ", c.Host, " ", c.Port, " ", c.Database); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	const write = "write % as %25, @ as %40"
	for in, says := range map[string]string{
		"mysql://u:hunter2@h/d": "no URL of a Postgres database",
		"hunter2":               "no URL of a Postgres database",
		"host=h user=u password=hunter2 dbname=d":               "no URL of a Postgres database",
		"postgres://u:p@hunter2@127.0.0.1:1/d":                  write,
		"postgres://u:p@hunter2/x@h/d":                          write,
		"postgres://u:p@hunter2/x?a=b@h/d":                      write,
		"postgres://u:p/hunter2@h/d":                            write,
		"postgres://u:1/hunter2@h/d":                            write,
		"postgres://u:1/hunter2?a=b@h/d":                        write,
		"postgres://u:p?x/hunter2@h/d":                          write,
		"postgres://u:p%hunter2@h/d":                            write,
		"postgres://u:p hunter2@h/d":                            write,
		"postgres://u:hunter2 @h/d":                             write,
		"postgres://u:hunter2\n@h/d":                            write,
		"postgres://u:hunter2@h:port/d":                         write,
		"postgres://u:hunter2@h/d?sslmode=perhaps":              write,
		"postgres://u:p@hunter2?w=x/d":                          "names no database",
		"postgres://u:hunter2@/d":                               "names no host",
		"postgres:///d":                                         "names no host",
		"postgres://h/d":                                        "names no user",
		"postgres://u:hunter2@h":                                "names no database",
		"postgres://u:hunter2@h/":                               "names no database",
		"postgres://u:hunter2@h/d?pool_max_conns=5":             "pool_max_conns, which is not for here: set DATABASE_POOL_SIZE",
		"postgres://u:hunter2@h/d?target_session_attrs=standby": "cannot store anything",
	} {
		var u pg.URL
		err := u.UnmarshalText([]byte(in))
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want it to say %q", in, err, says)
		}
	}
}

func FuzzURL_UnmarshalText(f *testing.F) {
	f.Add("postgres://u:p@ss@127.0.0.1:1/db")
	f.Add("postgres://u:1/hunter2?a=b@h/d")
	f.Fuzz(func(t *testing.T, in string) {
		var u pg.URL
		if u.UnmarshalText([]byte(in)) != nil {
			return
		}
		c, err := pg.ConnConfig(string(u))
		if err != nil {
			t.Fatalf("taken, and not understood: %v", err)
		}
		if strings.ContainsAny(c.Host, "@ \n") {
			t.Errorf("the host is %q", c.Host)
		}
	})
}

// What connecting fails with shows no password, and each server that was asked.
func TestOpen_severalServers(t *testing.T) {
	t.Parallel()
	settings := pgtest.Settings("postgres://u:hunter2@127.0.0.1:1,127.0.0.1:2/d?sslmode=disable")
	_, err := pg.Open(t.Context(), settings, zap.NewNop())
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "127.0.0.1:1, 127.0.0.1:2") {
		t.Errorf("got %v", err)
	}
}

// The second server is taken where the first does not answer.
func TestOpen_firstServerAway(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t, things)
	db := opened(t, strings.Replace(address, "@", "@127.0.0.1:1,", 1))
	made(t, db, "a")
}
