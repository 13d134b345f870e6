//go:build !unix

package httpx

func mostSockets(wanted int) int { return wanted }
