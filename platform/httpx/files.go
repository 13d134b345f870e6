package httpx

import "syscall"

// reservedFiles is the number of files that the process needs besides the connections of clients.
const reservedFiles = 128

// maxSockets limits the number of connections by the number of files that the process may open (ulimit -n).
func maxSockets(wanted int) int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<30 {
		return wanted
	}
	return min(wanted, max(int(limit.Cur)-reservedFiles, 16))
}
