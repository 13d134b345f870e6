package embedded

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"unicode"
)

const otherDataDir = "set DATA_DIR to a directory that user can enter, such as /var/lib/erp, or DATABASE_URL to use a server of your own"

// longestRoot leaves room for what PostgreSQL puts behind it, of the 1,024 bytes that a path may have there.
const longestRoot = 900

// dataDir is the directory named by DATA_DIR.
type dataDir struct {
	root  string // absolute
	shown string // as the operator wrote it, for messages
}

func (d dataDir) home() string     { return filepath.Join(d.root, "postgres") } // what PostgreSQL's user owns
func (d dataDir) lock() string     { return filepath.Join(d.root, "lock") }
func (d dataDir) password() string { return filepath.Join(d.root, "postgres-password") }

func openDataDir(name string) (dataDir, error) {
	if name == "" {
		return dataDir{}, errors.New("DATA_DIR is not set")
	}
	if strings.ContainsFunc(name, unicode.IsControl) { // PostgreSQL writes the name into a file of lines
		return dataDir{}, fmt.Errorf("DATA_DIR %q holds a line break or another control character; set DATA_DIR to a directory without", name)
	}
	root, err := filepath.Abs(name)
	if err != nil {
		return dataDir{}, fmt.Errorf("DATA_DIR %s: %w", name, err)
	}
	if len(root) > longestRoot {
		return dataDir{}, fmt.Errorf("DATA_DIR %s... is too long: PostgreSQL takes at most %d bytes; set DATA_DIR to a shorter one", root[:64], longestRoot)
	}
	return dataDir{root: root, shown: name}, nil
}

// make creates the directory, so that the account can enter it. It creates nothing when the account could not.
//
// Errors: ErrUnreachable.
func (d dataDir) make(who *account) error {
	if who == nil {
		if err := os.MkdirAll(d.root, 0o700); err != nil {
			return d.unusable(err)
		}
		return nil
	}
	if blocking := who.cannotEnter(d.root); blocking != "" {
		return &refusal{ErrUnreachable, fmt.Sprintf("PostgreSQL does not run as root, and %s, the user it would run as, "+
			"may not enter %s on the way to DATA_DIR %s; %s", who.name, blocking, d.shown, otherDataDir)}
	}
	for _, dir := range parents(d.root) {
		if info, err := os.Stat(dir); err == nil {
			if !info.IsDir() {
				return d.unusable(&fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR})
			}
			continue
		}
		err := os.Mkdir(dir, 0o711)
		if err == nil {
			err = os.Chmod(dir, 0o711) // whatever root's umask
		}
		if err != nil {
			return d.unusable(err)
		}
	}
	return nil
}

// makeHome creates the part that PostgreSQL's user owns, and makes it the owner.
//
// Errors: ErrUnreachable.
func (d dataDir) makeHome(who *account) error {
	if err := os.Mkdir(d.home(), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return d.unusable(err)
	}
	if err := who.giveTo(d.home()); err != nil {
		return d.unusable(err)
	}
	wanted := uint32(os.Geteuid())
	if who != nil {
		wanted = who.uid
	}
	for _, dir := range []string{d.home(), filepath.Join(d.home(), "data")} {
		if uid, gid, ok := owner(dir); ok && uid != wanted {
			return &refusal{ErrUnreachable, fmt.Sprintf("%s below DATA_DIR %s belongs to %s, but PostgreSQL would run as %s; start "+
				"the server as the user it was first started as, or chown -R the directory, or set another DATA_DIR",
				dir, d.shown, accountOf(uid, gid).name, accountOf(wanted, 0).name)}
		}
	}
	// The log lies where PostgreSQL may write; the link is a convenience.
	_ = os.Symlink(filepath.Join("postgres", logName), filepath.Join(d.root, logName))
	return nil
}

func (d dataDir) unusable(err error) error {
	path := d.shown
	var at *fs.PathError
	if errors.As(err, &at) {
		path = at.Path
	}
	return &refusal{ErrUnreachable, fmt.Sprintf("DATA_DIR %s cannot be used: %s: %s; set DATA_DIR to a directory that can be "+
		"written, or DATABASE_URL to use a server of your own", d.shown, path, plainError(err))}
}

// ensurePassword returns the password of the role erp, which is made at random when there is no database yet.
func (d dataDir) ensurePassword() (string, error) {
	content, err := os.ReadFile(d.password())
	if errors.Is(err, fs.ErrNotExist) {
		return d.newPassword()
	}
	if err != nil {
		return "", d.unusable(err)
	}
	password := strings.TrimSpace(string(content))
	// The library writes it unquoted into a connection string.
	if !regexp.MustCompile(`^[0-9A-Za-z_-]+$`).MatchString(password) {
		return "", fmt.Errorf("%s is damaged: it must hold one line of letters and digits; restore it from a backup of DATA_DIR",
			filepath.Join(d.shown, "postgres-password"))
	}
	return password, nil
}

func (d dataDir) newPassword() (string, error) {
	if holdsDatabase(d.home()) {
		return "", fmt.Errorf("%s is missing, so nobody can sign in to the database in %s; restore it from a backup of DATA_DIR",
			filepath.Join(d.shown, "postgres-password"), filepath.Join(d.shown, "postgres", "data"))
	}
	random := make([]byte, 24)
	_, _ = rand.Read(random) // never fails
	password := hex.EncodeToString(random)
	if err := writeDurably(d.password(), password+"\n"); err != nil {
		return "", d.unusable(err)
	}
	return password, nil
}

// holdsDatabase reports whether the first start below home was completed.
func holdsDatabase(home string) bool {
	if _, err := os.Lstat(filepath.Join(home, initializingName)); err == nil {
		return false
	}
	_, err := os.Lstat(filepath.Join(home, "data", "PG_VERSION"))
	return err == nil
}

// writeDurably makes a file with mode 0600 that after a power loss is there with its content or not at all.
func writeDurably(path, content string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // in vain after the rename
	_, err = file.WriteString(content)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	return err
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}
