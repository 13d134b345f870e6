package smtp

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"unicode"
)

// Settings of the mail server.
type Settings struct {
	Addr     string `env:"SMTP_ADDR" want:"host:port, such as mail.example.org:587; without it no mail is sent" unset:"none: no mail" doc:"'host:port' of the mail server that sends the codes of password resets"`
	From     string `env:"SMTP_FROM" want:"the sender's address, such as no-reply@example.org" doc:"address of the sender; required with 'SMTP_ADDR'"`
	User     string `env:"SMTP_USER" want:"the name to sign in with at the mail server" doc:"the user at the mail server; set it with 'SMTP_PASSWORD', or neither"`
	Password string `env:"SMTP_PASSWORD" secret:"true" want:"the password to sign in with at the mail server" doc:"the password at the mail server"`
	TLS      string `env:"SMTP_TLS" envDefault:"starttls" want:"starttls, tls or none" doc:"'starttls', 'tls' or 'none'"`
}

// How the connection to the mail server is encrypted.
const (
	StartTLS    = "starttls" // from the first command on, else nothing is sent (RFC 3207)
	ImplicitTLS = "tls"      // from the first byte on (RFC 8314)
	NoTLS       = "none"
)

// Complete fills in what is left out and checks what no type can. Without SMTP_ADDR nothing else matters.
//
// Errors: every setting that cannot be used, one line for each.
func (s *Settings) Complete() error {
	if s.TLS == "" {
		s.TLS = StartTLS
	}
	if s.Addr == "" {
		return nil
	}
	var wrong []error
	host, _, err := s.server()
	if err != nil {
		wrong = append(wrong, fmt.Errorf("SMTP_ADDR: %q is not understood: set it to host:port, such as mail.example.org:587", s.Addr))
	}
	if s.From == "" {
		wrong = append(wrong, errors.New("SMTP_FROM: it is not set, and SMTP_ADDR is: set it to the sender's address, such as no-reply@example.org"))
	} else if _, err := s.sender(); err != nil {
		wrong = append(wrong, fmt.Errorf("SMTP_FROM: %q is not understood: set it to an address in ASCII, such as no-reply@example.org", s.From))
	}
	if s.TLS != StartTLS && s.TLS != ImplicitTLS && s.TLS != NoTLS {
		wrong = append(wrong, fmt.Errorf("SMTP_TLS: %q is not understood: set it to starttls, tls or none", s.TLS))
	}
	if s.User != "" && s.Password == "" {
		wrong = append(wrong, errors.New("SMTP_PASSWORD: it is not set, and SMTP_USER is: set both, or none for a server that asks for neither"))
	}
	if s.User == "" && s.Password != "" {
		wrong = append(wrong, errors.New("SMTP_USER: it is not set, and SMTP_PASSWORD is: set both, or none for a server that asks for neither"))
	}
	if err == nil && s.User != "" && s.TLS == NoTLS && !loopback(host) {
		wrong = append(wrong, errors.New("SMTP_TLS: with none the password of SMTP_USER would cross the network in clear: set it to starttls or tls"))
	}
	return errors.Join(wrong...)
}

// server returns SMTP_ADDR in its two parts.
func (s Settings) server() (host string, port int, err error) {
	host, digits, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return "", 0, err
	}
	number, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || number == 0 || host == "" || strings.ContainsFunc(host, unicode.IsSpace) {
		return "", 0, fmt.Errorf("%q is not host:port", s.Addr)
	}
	return host, int(number), nil
}

// sender returns SMTP_FROM, which may have a name before the address: ERP <no-reply@example.org>. The address is ASCII,
// since a server need not take any other (RFC 6531) and its domain is part of each Message-ID.
func (s Settings) sender() (mail.Address, error) {
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return mail.Address{}, err
	}
	if !ascii(from.Address) {
		return mail.Address{}, fmt.Errorf("%q is not ASCII", from.Address)
	}
	return *from, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
