// Package smtp sends the identity module's messages through a mail server (RFC 5321).
package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
)

// sendWithin is how long a message may take, from the first look-up to the server's last answer.
const sendWithin = 10 * time.Second

// Mail implements ports.Mail on a mail server.
type Mail struct {
	settings  Settings
	product   string
	publicURL string
	roots     *x509.CertPool // whom to trust with TLS; nil: whom the system trusts
}

var _ ports.Mail = (*Mail)(nil)

// New makes a sender from complete settings; see Settings.Complete. The messages name the product and the address at
// which users find it.
func New(settings Settings, product, publicURL string) *Mail {
	return &Mail{settings: settings, product: oneLine(product), publicURL: oneLine(publicURL)}
}

// Sends implements ports.Mail: it does with SMTP_ADDR.
func (m *Mail) Sends() bool { return m.settings.Addr != "" }

// SendResetCode implements ports.Mail. It returns when the server has taken the message, within 10 s.
//
// Errors: domain.ErrMailUnavailable, whose cause names neither the code nor the recipient.
func (m *Mail) SendResetCode(ctx context.Context, to domain.Email, code string, validUntil time.Time) error {
	if !m.Sends() {
		return domain.ErrMailUnavailable.WithCause(errors.New("send reset code: SMTP_ADDR is not set"))
	}
	msg, err := m.resetMessage(to, code, validUntil)
	if err == nil {
		err = m.send(ctx, msg, to)
	}
	if err != nil {
		return domain.ErrMailUnavailable.WithCause(fmt.Errorf("send reset code: %w", without(err, code, to.String(), to.MailAddress())))
	}
	return nil
}

// send takes one message to the server. The library keeps to a context only while it connects and leaves connections
// open when it fails, hence the connection is ours and closed with the context.
func (m *Mail) send(ctx context.Context, msg *gomail.Msg, to domain.Email) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	client, err := m.client(ctx, to)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if msg.IsDelivered() {
		return nil // what went wrong after that, such as QUIT, changes nothing
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

func (m *Mail) client(ctx context.Context, to domain.Email) (*gomail.Client, error) {
	host, port, err := m.settings.server()
	if err != nil {
		return nil, err
	}
	trust := &tls.Config{ServerName: host, RootCAs: m.roots, MinVersion: tls.VersionTLS12}
	options := []gomail.Option{
		gomail.WithPort(port),
		gomail.WithTimeout(sendWithin),
		gomail.WithTLSConfig(trust),
		gomail.WithTLSPolicy(gomail.TLSMandatory),
		gomail.WithoutNoop(),
		gomail.WithoutRset(), // the connection is for one message
	}
	dial := dialUntilDone(ctx, m.settings.Addr)
	switch m.settings.TLS {
	case ImplicitTLS:
		dial = encrypted(dial, trust)
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS)) // no second one inside
	case NoTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	options = append(options, gomail.WithDialContextFunc(dial))
	if m.settings.User != "" {
		options = append(options, gomail.WithUsername(m.settings.User), gomail.WithPassword(m.settings.Password),
			gomail.WithOpportunisticSMTPAuth(m.mechanisms()...))
	}
	if ascii(to.MailAddress()) {
		options = append(options, gomail.WithoutSMTPUTF8()) // not every server further on takes what asks for it
	}
	return gomail.NewClient(host, options...)
}

// mechanisms are the ways to sign in, the best first. Those that show the password are for encrypted connections, and
// for those that do not leave this machine.
func (m *Mail) mechanisms() []gomail.SMTPAuthType {
	if m.settings.TLS != NoTLS {
		return []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin}
	}
	if host, _, err := m.settings.server(); err == nil && loopback(host) {
		return []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc}
	}
	return []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256}
}

// dialUntilDone returns connections to addr that are closed when done is. The library's own form of the address is not
// used: it has no brackets around IPv6.
func dialUntilDone(done context.Context, addr string) gomail.DialContextFunc {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(done, func() { _ = conn.Close() })
		return conn, nil
	}
}

// encrypted returns dial's connections with TLS from the first byte on.
func encrypted(dial gomail.DialContextFunc, config *tls.Config) gomail.DialContextFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		plain, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		conn := tls.Client(plain, config)
		if err := conn.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		return conn, nil
	}
}

// without returns err's text alone, free of what a server may have repeated in its answer (ASVS 16.2.5). The chain is
// left behind, since the library's errors hold the whole message.
func without(err error, secrets ...string) error {
	text := err.Error()
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[removed]")
		}
	}
	return errors.New(text)
}
