package smtp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"erp.internal/modules/identity/adapters/smtp"
	"erp.internal/modules/identity/domain"
)

const (
	product   = "행정 ERP"
	publicURL = "https://erp.example.org"
	code      = "K7QX-2M9F-TR4B"
	recipient = "hong@example.org"
)

// validUntil is written in a zone of its own, which the message must not depend on.
func validUntil() time.Time {
	return time.Date(2026, 3, 1, 8, 5, 59, 0, time.FixedZone("KST", 9*60*60))
}

func email(t *testing.T, s string) domain.Email {
	t.Helper()
	parsed, err := domain.ParseEmail(s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func complete(t *testing.T, settings smtp.Settings) smtp.Settings {
	t.Helper()
	if settings.From == "" {
		settings.From = "no-reply@example.org"
	}
	if err := settings.Complete(); err != nil {
		t.Fatal(err)
	}
	return settings
}

func sender(t *testing.T, settings smtp.Settings) *smtp.Mail {
	t.Helper()
	return smtp.New(complete(t, settings), product, publicURL)
}

func TestMail_Sends(t *testing.T) {
	t.Parallel()
	if !sender(t, smtp.Settings{Addr: "mail.example.org:587"}).Sends() {
		t.Error("a mail server is set and not used")
	}
	without := sender(t, smtp.Settings{})
	if without.Sends() {
		t.Error("there is no mail server, yet it says that it sends")
	}
	refused(t, without.SendResetCode(t.Context(), email(t, recipient), code, validUntil()))
}

func TestMail_SendResetCode(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		server    serverOptions
		settings  smtp.Settings
		encrypted bool
		user      string
	}{
		"without TLS and user":       {server: serverOptions{}, settings: smtp.Settings{TLS: "none"}},
		"with STARTTLS":              {server: serverOptions{startTLS: true}, settings: smtp.Settings{}, encrypted: true},
		"with a user over STARTTLS":  {server: serverOptions{startTLS: true, authenticated: true}, settings: smtp.Settings{User: user, Password: password}, encrypted: true, user: user},
		"with a user over TLS":       {server: serverOptions{tls: true, authenticated: true}, settings: smtp.Settings{TLS: "tls", User: user, Password: password}, encrypted: true, user: user},
		"with a user on the machine": {server: serverOptions{authenticated: true}, settings: smtp.Settings{TLS: "none", User: user, Password: password}, user: user},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, tc.server)
			tc.settings.Addr = server.addr
			sends := sender(t, tc.settings)
			sends.Trust(server.roots)
			if err := sends.SendResetCode(t.Context(), email(t, recipient), code, validUntil()); err != nil {
				t.Fatal(err)
			}
			got, _ := server.only(t)
			if got.encrypted != tc.encrypted || got.user != tc.user {
				t.Errorf("encrypted: %v, user: %q; want %v, %q", got.encrypted, got.user, tc.encrypted, tc.user)
			}
			if got.from != "no-reply@example.org" || got.to != recipient {
				t.Errorf("sent from %q to %q", got.from, got.to)
			}
		})
	}
}

func TestMail_SendResetCode_overIPv6(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6")
	}
	server := serve(t, serverOptions{listener: listener})
	if err := sender(t, smtp.Settings{Addr: server.addr, TLS: "none"}).SendResetCode(t.Context(), email(t, recipient), code, validUntil()); err != nil {
		t.Fatal(err)
	}
	server.only(t)
}

func TestMail_SendResetCode_message(t *testing.T) {
	t.Parallel()
	server := serve(t, serverOptions{})
	if err := sender(t, smtp.Settings{Addr: server.addr, TLS: "none"}).SendResetCode(t.Context(), email(t, recipient), code, validUntil()); err != nil {
		t.Fatal(err)
	}
	_, msg := server.only(t)

	if from := address(t, msg, "From"); from.Name != product || from.Address != "no-reply@example.org" {
		t.Errorf("From is %v", from)
	}
	if to := address(t, msg, "To"); to.Address != recipient {
		t.Errorf("To is %v", to)
	}
	subject := decoded(t, msg, "Subject")
	for _, part := range []string{product, "비밀번호 재설정", "password reset"} {
		if !strings.Contains(subject, part) {
			t.Errorf("no %q in the subject %q", part, subject)
		}
	}
	if strings.Contains(subject, code) {
		t.Error("the code is in the subject, which a locked screen shows")
	}
	if at, err := msg.Header.Date(); err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("Date is %v, %v", at, err)
	}
	if id := msg.Header.Get("Message-ID"); !strings.HasPrefix(id, "<") || !strings.HasSuffix(id, "@example.org>") {
		t.Errorf("Message-ID is %q", id)
	}
	if got := msg.Header.Get("Auto-Submitted"); got != "auto-generated" {
		t.Errorf("Auto-Submitted is %q", got)
	}
	for _, name := range []string{"User-Agent", "X-Mailer"} {
		if got := msg.Header.Get(name); got != "" {
			t.Errorf("%s tells %q", name, got)
		}
	}
	kind, parameters, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "text/plain" || !strings.EqualFold(parameters["charset"], "utf-8") {
		t.Errorf("Content-Type is %s %v, %v", kind, parameters, err)
	}

	text := body(t, msg)
	korean, english, both := strings.Cut(text, "Hello,")
	if !both {
		t.Fatalf("no English part in:\n%s", text)
	}
	for language, part := range map[string]string{"Korean": korean, "English": english} {
		for _, want := range []string{product, code, publicURL, "2026-02-28 23:05 UTC"} {
			if strings.Count(part, want) != 1 {
				t.Errorf("the %s part has %q %d times, want once:\n%s", language, want, strings.Count(part, want), part)
			}
		}
	}
	for _, want := range []string{"누구에게도 알려 주지", "요청한 적이 없다면", "관리자에게"} {
		if !strings.Contains(korean, want) {
			t.Errorf("no %q in:\n%s", want, korean)
		}
	}
	for _, want := range []string{"Do not share", "did not ask", "administrator"} {
		if !strings.Contains(english, want) {
			t.Errorf("no %q in:\n%s", want, english)
		}
	}
}

func TestMail_SendResetCode_namesOfTheSender(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ from, product, want string }{
		"the product's":                   {"a@example.org", "ERP", "ERP"},
		"that of SMTP_FROM":               {"인사과 <a@example.org>", "ERP", "인사과"},
		"a product with a line break":     {"a@example.org", "ERP\r\nBcc: eve@example.org\n\nHi", "ERP Bcc: eve@example.org Hi"},
		"a product that needs quotes":     {"a@example.org", `"ERP", <b@example.org>`, `"ERP", <b@example.org>`},
		"a product with a line separator": {"a@example.org", "행정\u2028Bcc: eve@example.org", "행정 Bcc: eve@example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, serverOptions{})
			settings := complete(t, smtp.Settings{Addr: server.addr, From: tc.from, TLS: "none"})
			if err := smtp.New(settings, tc.product, publicURL).SendResetCode(t.Context(), email(t, recipient), code, validUntil()); err != nil {
				t.Fatal(err)
			}
			got, msg := server.only(t)
			if from := address(t, msg, "From"); from.Name != tc.want || from.Address != "a@example.org" {
				t.Errorf("From is %q <%s>, want %q", from.Name, from.Address, tc.want)
			}
			if subject := decoded(t, msg, "Subject"); strings.ContainsAny(subject, "\r\n") {
				t.Errorf("the subject has lines: %q", subject)
			}
			if got.to != recipient || msg.Header.Get("Bcc") != "" {
				t.Errorf("a header was injected: %v", msg.Header)
			}
		})
	}
}

func TestMail_SendResetCode_refused(t *testing.T) {
	t.Parallel()
	trusted := func(m *smtp.Mail, s *server) { m.Trust(s.roots) }
	for name, tc := range map[string]struct {
		server   serverOptions
		settings smtp.Settings
		trust    func(*smtp.Mail, *server)
		because  string
	}{
		"the recipient is refused": {
			server: serverOptions{refuseRecipient: func(to string) error {
				return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user: " + to}
			}},
			settings: smtp.Settings{TLS: "none"}, trust: trusted, because: "no such user",
		},
		"the message is refused, and repeated": {
			server: serverOptions{refuseMessage: func(data string) error {
				return &gosmtp.SMTPError{Code: 554, EnhancedCode: gosmtp.EnhancedCode{5, 7, 1}, Message: "looks like spam: " + strings.Join(strings.Fields(data), " ")}
			}},
			settings: smtp.Settings{TLS: "none"}, trust: trusted, because: "looks like spam",
		},
		"STARTTLS is required and not offered": {
			settings: smtp.Settings{}, trust: trusted, because: "does not support STARTTLS",
		},
		"the certificate is not trusted": {
			server: serverOptions{startTLS: true}, settings: smtp.Settings{}, trust: func(*smtp.Mail, *server) {}, because: "certificate",
		},
		"the certificate is not trusted, with TLS": {
			server: serverOptions{tls: true}, settings: smtp.Settings{TLS: "tls"}, trust: func(*smtp.Mail, *server) {}, because: "certificate",
		},
		"the server speaks no TLS": {
			settings: smtp.Settings{TLS: "tls"}, trust: trusted, because: "TLS",
		},
		"the password is wrong": {
			server: serverOptions{startTLS: true, authenticated: true}, settings: smtp.Settings{User: user, Password: "wrong"}, trust: trusted, because: "AUTH failed",
		},
		"the server knows no users": {
			server: serverOptions{startTLS: true}, settings: smtp.Settings{User: user, Password: password}, trust: trusted, because: "AUTH",
		},
		"the server wants a user": {
			server: serverOptions{startTLS: true, authenticated: true}, settings: smtp.Settings{}, trust: trusted, because: "authenticate first",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, tc.server)
			tc.settings.Addr = server.addr
			sends := sender(t, tc.settings)
			tc.trust(sends, server)
			err := sends.SendResetCode(t.Context(), email(t, recipient), code, validUntil())
			refused(t, err)
			if err != nil && !strings.Contains(err.Error(), tc.because) {
				t.Errorf("no %q in %q", tc.because, err)
			}
			if taken := server.all(); len(taken) != 0 {
				t.Errorf("the server has taken %d messages", len(taken))
			}
		})
	}
}

func TestMail_SendResetCode_noServer(t *testing.T) {
	t.Parallel()
	gone := listen(t)
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, sender(t, smtp.Settings{Addr: gone.Addr().String()}).SendResetCode(t.Context(), email(t, recipient), code, validUntil()))
}

// A server that says nothing, at first or after a while, is given up when the caller's time is over, and its connection
// is closed.
func TestMail_SendResetCode_silentServer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		tls     string
		answers []string // to the connection and to each line
	}{
		"from the beginning":           {tls: "none"},
		"from the beginning, with TLS": {tls: "tls"},
		"after EHLO":                   {tls: "none", answers: []string{"220 mail.test\r\n"}},
		"after STARTTLS":               {tls: "starttls", answers: []string{"220 mail.test\r\n", "250-mail.test\r\n250 STARTTLS\r\n", "220 go ahead\r\n"}},
		"after MAIL FROM":              {tls: "none", answers: []string{"220 mail.test\r\n", "250 mail.test\r\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener := listen(t)
			closed := make(chan error, 1)
			go func() { closed <- script(listener, tc.answers) }()
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			began := time.Now()
			err := sender(t, smtp.Settings{Addr: listener.Addr().String(), TLS: tc.tls}).SendResetCode(ctx, email(t, recipient), code, validUntil())
			refused(t, err)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			if err != nil && !strings.Contains(err.Error(), context.DeadlineExceeded.Error()) {
				t.Errorf("the error does not say why: %v", err)
			}
			select {
			case err := <-closed:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(5 * time.Second):
				t.Error("the connection is still open")
			}
		})
	}
}

// A message that the server has taken is sent, however the conversation ends.
func TestMail_SendResetCode_serverLeavesAfterTheMessage(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	closed := make(chan error, 1)
	go func() { closed <- leaveAfterMessage(listener) }()
	err := sender(t, smtp.Settings{Addr: listener.Addr().String(), TLS: "none"}).SendResetCode(t.Context(), email(t, recipient), code, validUntil())
	if err != nil {
		t.Errorf("the server has taken the message: %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// script answers the connection and each line in turn, then keeps silent until the other side closes.
func script(listener net.Listener, answers []string) error {
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	lines := bufio.NewReader(conn)
	for i, answer := range answers {
		if i > 0 {
			if _, err := lines.ReadString('\n'); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(conn, answer); err != nil {
			return err
		}
	}
	_, _ = io.Copy(io.Discard, lines)
	return nil
}

func leaveAfterMessage(listener net.Listener) error {
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	lines := bufio.NewReader(conn)
	for _, step := range []struct{ until, answer string }{
		{"", "220 mail.test\r\n"},
		{"EHLO", "250 mail.test\r\n"},
		{"MAIL", "250 ok\r\n"},
		{"RCPT", "250 ok\r\n"},
		{"DATA", "354 go on\r\n"},
		{".\r\n", "250 taken\r\n"},
	} {
		for line := ""; !strings.HasPrefix(line, step.until) || step.until != "" && line == ""; {
			if line, err = lines.ReadString('\n'); err != nil {
				return fmt.Errorf("before %q: %w", step.until, err)
			}
		}
		if _, err := io.WriteString(conn, step.answer); err != nil {
			return err
		}
	}
	return nil
}

// refused checks that the caller learns that nothing was sent, and nothing that is secret.
func refused(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, domain.ErrMailUnavailable) {
		t.Errorf("got %v, want %v", err, domain.ErrMailUnavailable)
		return
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, secret := range []string{code, recipient, password} {
			if text := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(text, secret) {
				t.Errorf("%q is in the error %s", secret, text)
			}
		}
	}
}

func address(t *testing.T, msg *mail.Message, header string) *mail.Address {
	t.Helper()
	all, err := msg.Header.AddressList(header)
	if err != nil || len(all) != 1 {
		t.Fatalf("%s is %v, %v", header, all, err)
	}
	return all[0]
}

func decoded(t *testing.T, msg *mail.Message, header string) string {
	t.Helper()
	value, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get(header))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func body(t *testing.T, msg *mail.Message) string {
	t.Helper()
	if encoding := msg.Header.Get("Content-Transfer-Encoding"); encoding != "quoted-printable" {
		t.Fatalf("Content-Transfer-Encoding is %q", encoding)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(msg.Body))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
