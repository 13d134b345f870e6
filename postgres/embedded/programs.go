package embedded

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// oldest is the first PostgreSQL version the ERP runs on.
const oldest = 15

// programs are the programs of one PostgreSQL version.
type programs struct {
	dir     string // holds initdb, pg_ctl and postgres, and is named bin
	version string // 15.18
}

func (p programs) major() int {
	first, _, _ := strings.Cut(p.version, ".")
	major, err := strconv.Atoi(first)
	if err != nil {
		return 0
	}
	return major
}

// choosePrograms takes the installed programs of the data's version, or without data the newest. Downloaded ones come second, and
// are downloaded only where none are installed.
//
// Errors: ErrOtherVersion, ErrNoPrograms.
func (c *cluster) choosePrograms(ctx context.Context) error {
	var installed []programs
	if !c.keeper.job.OnlyDownloaded {
		installed = inspectAll(ctx, installedDirs(ctx))
	}
	downloaded := inspectAll(ctx, downloadedDirs(c.home))
	for _, candidates := range [][]programs{installed, downloaded} {
		if found, ok := newest(candidates, c.major); ok {
			c.programs = found
			return nil
		}
	}
	version, known := downloadable(c.major)
	if len(installed) > 0 || !known {
		return c.otherVersion(slices.Concat(installed, downloaded))
	}
	found, err := c.download(ctx, version)
	if err != nil {
		return err
	}
	c.programs = found
	return nil
}

func (c *cluster) otherVersion(have []programs) error {
	there := "no PostgreSQL is installed"
	if len(have) > 0 {
		names := make([]string, len(have))
		for i, p := range have {
			names[i] = fmt.Sprintf("PostgreSQL %s (%s)", p.version, p.dir)
		}
		there = "only " + strings.Join(names, " and ") + " can be used"
	}
	todo := fmt.Sprintf("install PostgreSQL %d, or", c.major)
	if c.major < oldest {
		todo = "move the data over with pg_dumpall,"
	}
	return &refusal{ErrOtherVersion, fmt.Sprintf("DATA_DIR %s holds data of PostgreSQL %d, but %s here; nothing was changed: "+
		"%s set another DATA_DIR, or DATABASE_URL to use a server of your own", c.keeper.job.Shown, c.major, there, todo)}
}

// newest is the newest of the candidates, of those with the given major version unless that is 0; the first of equals.
func newest(candidates []programs, major int) (programs, bool) {
	var best programs
	for _, p := range candidates {
		if (major == 0 || p.major() == major) && newer(p.version, best.version) {
			best = p
		}
	}
	return best, best.dir != ""
}

func newer(a, b string) bool {
	numbers := func(version string) []int {
		var list []int
		for part := range strings.SplitSeq(version, ".") {
			n, _ := strconv.Atoi(part)
			list = append(list, n)
		}
		return list
	}
	return slices.Compare(numbers(a), numbers(b)) > 0
}

// installedDirs lists where PostgreSQL's programs may be, the most explicit choice first.
func installedDirs(ctx context.Context) []string {
	var dirs []string
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if resolved, err := filepath.EvalSymlinks(initdb); err == nil {
			dirs = append(dirs, filepath.Dir(resolved))
		}
	}
	if output, err := run(ctx, "pg_config", "--bindir"); err == nil {
		dirs = append(dirs, strings.TrimSpace(output))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",           // Debian
		"/usr/pgsql-*/bin",                    // packages of postgresql.org for Red Hat
		"/usr/bin",                            // Red Hat's own, Arch
		"/opt/homebrew/opt/postgresql@*/bin",  // Homebrew on ARM
		"/usr/local/opt/postgresql@*/bin",     // Homebrew on Intel
		"/opt/homebrew/bin", "/usr/local/bin", // Homebrew, linked
	} {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	return dirs
}

// inspectAll keeps of the directories those that hold usable programs, each once.
func inspectAll(ctx context.Context, dirs []string) []programs {
	var list []programs
	seen := map[string]bool{}
	for _, dir := range dirs {
		resolved, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")) // the directory or each program may be a link
		if err != nil || seen[resolved] {
			continue
		}
		seen[resolved] = true
		if p, err := inspectPrograms(ctx, dir); err == nil && p.major() >= oldest {
			list = append(list, p)
		}
	}
	return list
}

// inspectPrograms asks the programs in dir for their version, as the user who is to run them.
func inspectPrograms(ctx context.Context, dir string) (programs, error) {
	if filepath.Base(dir) != "bin" {
		return programs{}, errors.New("not named bin, as the library wants it")
	}
	if forShell(dir) {
		return programs{}, errors.New("in a directory whose name a shell expands, and the programs hand it to one")
	}
	for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return programs{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	output, err := run(ctx, filepath.Join(dir, "postgres"), "--version")
	if err != nil {
		return programs{}, err
	}
	version := regexp.MustCompile(`\) (\d+(\.\d+)*)`).FindStringSubmatch(output)
	if version == nil {
		return programs{}, fmt.Errorf("postgres --version says %q", firstLine(output))
	}
	return programs{dir: dir, version: version[1]}, nil
}

// forShell reports whether a path holds what a shell expands between double quotes.
func forShell(path string) bool { return strings.ContainsAny(path, "$`\"\\") }

// run returns what the program prints, or the first line of its complaint as error.
func run(ctx context.Context, program string, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	output, err := exec.CommandContext(ctx, program, arguments...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return "", errors.New(firstLine(string(exit.Stderr)))
	}
	return string(output), err
}
