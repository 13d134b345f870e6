package smtp_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

const (
	user     = "mailer"
	password = "correct horse battery staple"
)

// server is a mail server on this machine that keeps what it takes.
type server struct {
	addr  string
	roots *x509.CertPool

	refuseRecipient, refuseMessage func(string) error
	authenticated                  bool // whether it takes messages only of those who signed in

	mu       sync.Mutex
	received []received
}

type received struct {
	from, to, user string
	encrypted      bool
	data           []byte
}

type serverOptions struct {
	listener        net.Listener // nil: a new one on this machine
	startTLS, tls   bool
	authenticated   bool
	refuseRecipient func(to string) error
	refuseMessage   func(data string) error
}

func serve(t *testing.T, options serverOptions) *server {
	t.Helper()
	s := &server{authenticated: options.authenticated, refuseRecipient: options.refuseRecipient, refuseMessage: options.refuseMessage}
	smtpServer := gosmtp.NewServer(gosmtp.BackendFunc(func(conn *gosmtp.Conn) (gosmtp.Session, error) {
		return &session{server: s, conn: conn}, nil
	}))
	smtpServer.Domain = "mail.test"
	smtpServer.ErrorLog = log.New(io.Discard, "", 0)
	smtpServer.AllowInsecureAuth = !options.startTLS && !options.tls
	certificate, roots := selfSigned(t)
	s.roots = roots
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	if options.startTLS {
		smtpServer.TLSConfig = config
	}
	listener := options.listener
	if listener == nil {
		listener = listen(t)
	}
	s.addr = listener.Addr().String()
	if options.tls {
		listener = tls.NewListener(listener, config)
	}
	served := make(chan error, 1)
	go func() { served <- smtpServer.Serve(listener) }()
	t.Cleanup(func() {
		_ = smtpServer.Close()
		<-served
	})
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// all returns what the server has taken.
func (s *server) all() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.received
}

// only returns the one message that the server has taken.
func (s *server) only(t *testing.T) (received, *mail.Message) {
	t.Helper()
	all := s.all()
	if len(all) != 1 {
		t.Fatalf("the server has taken %d messages, want 1", len(all))
	}
	msg, err := mail.ReadMessage(bytes.NewReader(all[0].data))
	if err != nil {
		t.Fatal(err)
	}
	return all[0], msg
}

type session struct {
	server *server
	conn   *gosmtp.Conn
	now    received
}

func (s *session) AuthMechanisms() []string {
	if !s.server.authenticated {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, secret string) error {
		if name != user || secret != password {
			return gosmtp.ErrAuthFailed
		}
		s.now.user = name
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	if s.server.authenticated && s.now.user == "" {
		return gosmtp.ErrAuthRequired
	}
	s.now.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if s.now.to != "" {
		return errors.New("one message is for one user")
	}
	s.now.to = to
	if s.server.refuseRecipient != nil {
		return s.server.refuseRecipient(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.refuseMessage != nil {
		return s.server.refuseMessage(string(data))
	}
	_, s.now.encrypted = s.conn.TLSConnectionState()
	s.now.data = data
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.received = append(s.server.received, s.now)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// selfSigned returns a certificate for this machine and the pool that trusts it.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "mail.test"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
