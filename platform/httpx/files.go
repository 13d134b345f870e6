package httpx

import "syscall"

// filesKept are the files that the process needs besides clients' connections: the database's, its own.
const filesKept = 128

// mostSockets bounds how many connections there may be by how many files the process may open (ulimit -n), of which each
// needs one.
func mostSockets(wanted int) int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<30 {
		return wanted
	}
	return min(wanted, max(int(limit.Cur)-filesKept, 16))
}
