package embedded

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	logName     = "postgres.log"
	longestLog  = 8 << 20 // bytes of a former run's log that are kept whole
	keptOfALong = 1 << 20 // bytes that are kept of a longer one, from its end
)

// rotateLog puts the log of the former run aside. A log that cannot be kept is no reason not to start.
func rotateLog(home string) {
	log := filepath.Join(home, logName)
	info, err := os.Lstat(log)
	if err != nil {
		return
	}
	if info.Size() <= longestLog {
		_ = os.Rename(log, log+".1")
		return
	}
	if err := copyEnd(log, log+".1", keptOfALong); err == nil {
		_ = os.Remove(log)
	}
}

func copyEnd(from, to string, size int64) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	if _, err := source.Seek(-size, io.SeekEnd); err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	if closed := target.Close(); err == nil {
		err = closed
	}
	return err
}

// keepLog gives the log its name. The library has PostgreSQL write to a temporary file; renamed, it is still written to.
func keepLog(home, tmp string) {
	logs, _ := fs.Glob(os.DirFS(tmp), "embedded_postgres_log*") // tmp may hold what is a pattern
	for _, log := range logs {
		_ = os.Rename(filepath.Join(tmp, log), filepath.Join(home, logName))
	}
}
