package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// account is the unprivileged user PostgreSQL runs as when the server runs as root.
type account struct {
	name   string
	uid    uint32
	gid    uint32
	groups []uint32
}

// chooseAccount says as whom PostgreSQL runs: nil when the server is not root, for then it is the server's own user. Else it is
// the user named, or who owns the data already, or postgres, or nobody.
func chooseAccount(named, home string) (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // no other account is the answer, not an error
	}
	if named != "" {
		return namedAccount(named)
	}
	if uid, gid, ok := owner(home); ok && uid != 0 {
		return accountOf(uid, gid), nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := namedAccount(name); err == nil {
			return found, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root and there is neither a user postgres nor nobody to run it as; " +
		"start the server as another user, or set DATABASE_URL to use a server of your own")
}

func namedAccount(name string) (*account, error) {
	found, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL cannot run as %s: there is no such user", name)
	}
	if found.Uid == "0" {
		return nil, fmt.Errorf("PostgreSQL cannot run as %s: it refuses to run as root", name)
	}
	return accountFrom(found)
}

func accountOf(uid, gid uint32) *account {
	if found, err := user.LookupId(strconv.FormatUint(uint64(uid), 10)); err == nil {
		if known, err := accountFrom(found); err == nil {
			return known
		}
	}
	return &account{name: fmt.Sprintf("user %d", uid), uid: uid, gid: gid, groups: []uint32{gid}}
}

func accountFrom(found *user.User) (*account, error) {
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	a := &account{name: found.Username, uid: uint32(uid), gid: uint32(gid), groups: []uint32{uint32(gid)}}
	ids, err := found.GroupIds()
	if err != nil {
		return a, nil //nolint:nilerr // its own group is enough to run
	}
	for _, id := range ids {
		if group, err := strconv.ParseUint(id, 10, 32); err == nil && !slices.Contains(a.groups, uint32(group)) {
			a.groups = append(a.groups, uint32(group))
		}
	}
	return a, nil
}

func (a *account) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: a.groups}
}

// cannotEnter returns the first directory on the way to path that the account has no permission to enter, or "". Directories
// that do not exist yet are no obstacle. Only mode bits are looked at: access granted by an ACL alone is not seen.
func (a *account) cannotEnter(path string) string {
	ways := []string{path}
	if resolved, err := filepath.EvalSymlinks(existing(path)); err == nil {
		ways = append(ways, resolved)
	}
	for _, way := range ways {
		for _, dir := range parents(way) {
			if info, err := os.Stat(dir); err == nil && info.IsDir() && !a.mayEnter(info) {
				return dir
			}
		}
	}
	return ""
}

func (a *account) mayEnter(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	mode := info.Mode().Perm()
	switch {
	case stat.Uid == a.uid:
		return mode&0o100 != 0
	case slices.Contains(a.groups, stat.Gid):
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// parents lists path and what is above it, from the root down.
func parents(path string) []string {
	list := []string{path}
	for up := filepath.Dir(path); up != path; path, up = up, filepath.Dir(up) {
		list = append(list, up)
	}
	slices.Reverse(list)
	return list
}

// existing is the longest beginning of path that exists.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || filepath.Dir(path) == path {
			return path
		}
		path = filepath.Dir(path)
	}
}

func owner(path string) (uid, gid uint32, ok bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, 0, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return stat.Uid, stat.Gid, true
}

// giveTo makes the account the owner of a directory that is root's, as it is when new or restored by root, and of what root owns
// below it. The directory itself comes last: until then nobody but root gets in to put links where files were.
func (a *account) giveTo(dir string) error {
	if a == nil {
		return nil
	}
	if uid, _, ok := owner(dir); !ok || uid != 0 {
		return nil
	}
	var paths []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		paths = append(paths, path)
		return err
	})
	if err != nil {
		return err
	}
	for _, path := range slices.Backward(paths) {
		if uid, _, ok := owner(path); !ok || uid != 0 {
			continue
		}
		if err := os.Lchown(path, int(a.uid), int(a.gid)); err != nil {
			return err
		}
	}
	return nil
}

// plainError is the cause of a file error without the words Go puts around it.
func plainError(err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number.Error()
	}
	return firstLine(err.Error())
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}
