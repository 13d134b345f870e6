package embedded

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"erp.internal/platform/await"
)

// prepared is a data directory with home made, for a test to put something there before the first start.
func prepared(t *testing.T) string {
	t.Helper()
	dir := tempDir(t)
	write(t, filepath.Join(dir, "postgres", "data", "keep"), "precious")
	return dir
}

func write(t *testing.T, path, content string) {
	t.Helper()
	for _, up := range parents(filepath.Dir(path)) {
		if err := os.Mkdir(up, 0o755); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mustHold(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v", path, got, err)
	}
}

func TestStart_ExistingData(t *testing.T) {
	t.Parallel()

	for name, version := range map[string]string{
		"old":                   "9.6\n",
		"of another version":    "12\n",
		"newer than installed":  "99\n",
		"with a blank":          "15 \n",
		"with an empty version": "",
	} {
		t.Run("data "+name+" are refused and untouched", func(t *testing.T) {
			t.Parallel()
			dir := prepared(t)
			write(t, filepath.Join(dir, "postgres", "data", "PG_VERSION"), version)
			write(t, filepath.Join(dir, "postgres-password"), "secret")
			line := refused(t, options(dir), ErrOtherVersion)
			mustContain(t, line, dir, "nothing was changed")
			mustHold(t, filepath.Join(dir, "postgres", "data", "keep"), "precious")
			mustHold(t, filepath.Join(dir, "postgres", "data", "PG_VERSION"), version)
		})
	}

	t.Run("the refusal names the versions", func(t *testing.T) {
		t.Parallel()
		dir := prepared(t)
		write(t, filepath.Join(dir, "postgres", "data", "PG_VERSION"), "99\n")
		write(t, filepath.Join(dir, "postgres-password"), "secret")
		mustContain(t, refused(t, options(dir), ErrOtherVersion),
			"data of PostgreSQL 99", "only PostgreSQL "+installed(t).version, "install PostgreSQL 99", "DATABASE_URL")
	})

	t.Run("files that are no database are refused and untouched", func(t *testing.T) {
		t.Parallel()
		dir := prepared(t)
		mustContain(t, refused(t, options(dir), nil), "no PG_VERSION", "nothing was changed")
		mustHold(t, filepath.Join(dir, "postgres", "data", "keep"), "precious")
	})

	t.Run("an interrupted first start is begun anew", func(t *testing.T) {
		t.Parallel()
		dir := prepared(t)
		write(t, filepath.Join(dir, "postgres", "data", "PG_VERSION"), "15\n")
		write(t, filepath.Join(dir, "postgres", initializingName), "")
		server := start(t, options(dir))
		if !server.Fresh() {
			t.Error("is not fresh")
		}
		if _, err := os.Stat(filepath.Join(dir, "postgres", initializingName)); !os.IsNotExist(err) {
			t.Errorf("may still be deleted: %v", err)
		}
		stop(t, server)
		if start(t, options(dir)).Fresh() {
			t.Error("is made twice")
		}
	})

	t.Run("a first start ended by kill -9 is begun anew", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		o := options(dir)
		failed := make(chan error, 1)
		go func() {
			_, err := Start(t.Context(), o)
			failed <- err
		}()
		version := filepath.Join(dir, "postgres", "data", "PG_VERSION")
		await.That(t, "initdb has begun", func() bool { _, err := os.Stat(version); return err == nil })
		killGroupOf(t, dir)
		if err := <-failed; err == nil {
			t.Fatal("the start outlived its keeper")
		}
		if !start(t, o).Fresh() {
			t.Error("half a database was taken for a whole one")
		}
	})

	t.Run("a password that is lost is not replaced by one that does not fit", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		stop(t, start(t, options(dir)))
		password := filepath.Join(dir, "postgres-password")
		saved, err := os.ReadFile(password)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(password); err != nil {
			t.Fatal(err)
		}
		mustContain(t, refused(t, options(dir), nil), "postgres-password is missing", "backup")
		write(t, password, "two words")
		mustContain(t, refused(t, options(dir), nil), "postgres-password is damaged")
		write(t, password, string(saved))
		start(t, options(dir))
	})

	t.Run("a damaged setting is named in one line", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		stop(t, start(t, options(dir)))
		o := options(dir)
		o.StartParameters = map[string]string{"shared_buffers": "lots"}
		mustContain(t, refused(t, o, nil), "shared_buffers", "postgres.log")
	})

	t.Run("a long log is cut", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		stop(t, start(t, options(dir)))
		log := filepath.Join(dir, "postgres", logName)
		if err := os.Truncate(log, longestLog+1); err != nil {
			t.Fatal(err)
		}
		start(t, options(dir))
		for _, name := range []string{log, log + ".1"} {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			if info.Size() > keptOfALong {
				t.Errorf("%s has %d bytes", name, info.Size())
			}
		}
	})
}

// killGroupOf kills the keeper that works on dir, and initdb with it, as a power loss would.
func killGroupOf(t *testing.T, dir string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "postgres", "postgres.lock"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(content))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func TestStart_Unreachable(t *testing.T) {
	t.Parallel()

	t.Run("a directory on the way that may not be entered is named", func(t *testing.T) {
		t.Parallel()
		closed := filepath.Join(filepath.Dir(tempDir(t)), "closed")
		mode := os.FileMode(0o700) // root's own
		if os.Geteuid() != 0 {
			mode = 0o500
		}
		if err := os.Mkdir(closed, mode); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(closed, "new", "data")
		line := refused(t, options(dir), ErrUnreachable)
		mustContain(t, line, closed, "DATA_DIR "+dir, "set DATA_DIR", "DATABASE_URL")
		if os.Geteuid() == 0 {
			mustContain(t, line, "may not enter "+closed+" on the way", "/var/lib/erp")
		}
		if _, err := os.Lstat(filepath.Join(closed, "new")); !os.IsNotExist(err) {
			t.Errorf("something was made: %v", err)
		}
	})

	t.Run("the way behind a link counts", func(t *testing.T) {
		t.Parallel()
		parent := filepath.Dir(tempDir(t))
		closed := filepath.Join(parent, "closed")
		if err := os.Mkdir(closed, 0o500); err != nil {
			t.Fatal(err)
		}
		link := filepath.Join(parent, "link")
		if err := os.Symlink(closed, link); err != nil {
			t.Fatal(err)
		}
		mustContain(t, refused(t, options(filepath.Join(link, "data")), ErrUnreachable), "DATA_DIR "+link)
	})

	t.Run("a file in its place", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(filepath.Dir(tempDir(t)), "file")
		write(t, file, "")
		mustContain(t, refused(t, options(file), ErrUnreachable), file, "not a directory")
	})

	t.Run("data restored by root are given to the user PostgreSQL runs as, others' are refused", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		stop(t, start(t, options(dir)))
		home := filepath.Join(dir, "postgres")
		if os.Geteuid() != 0 { // nothing to give away; the own data stay usable
			start(t, options(dir))
			return
		}
		if err := filepath.WalkDir(home, func(path string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, 0, 0)
		}); err != nil {
			t.Fatal(err)
		}
		stop(t, start(t, options(dir)))
		if uid, _, _ := owner(filepath.Join(home, "data", "PG_VERSION")); uid == 0 {
			t.Error("root still owns the data")
		}
		o := options(dir)
		o.User = "daemon"
		mustContain(t, refused(t, o, ErrUnreachable), "daemon", home)
	})
}
