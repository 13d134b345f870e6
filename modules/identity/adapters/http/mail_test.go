package http_test

import (
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"erp.internal/modules/identity"
)

var sentCode = regexp.MustCompile(`\b[0-9A-Z]{5}(-[0-9A-Z]{5}){3}\b`)

// Where mail is set up, the code goes to the user alone; when the message is not taken, no reset is started.
func TestASVS_6_4_6_theCodeGoesByMail(t *testing.T) {
	t.Parallel()
	box := &mailbox{messages: make(chan string, 1)}
	server := gosmtp.NewServer(box)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	t.Cleanup(func() { _ = server.Close() })
	h := newHospital(t, func(s *identity.Settings) {
		s.Mail.Addr, s.Mail.From, s.Mail.TLS = listener.Addr().String(), "erp@example.org", "none"
	})
	id, _ := h.user(t, "alice@example.com", "secret123")
	path := fmt.Sprintf("/users/%d/password-reset", id)

	h.As(t, h.admin, "POST", path, "").Want(t, 200, "code", nil)
	code := sentCode.FindString(<-box.messages)
	h.Do(t, "POST", "/auth/password-reset", fmt.Sprintf(`{"email":"alice@example.com","code":%q,"new_password":"a new secret"}`, code)).Want(t, 204)
	h.SignIn(t, "alice@example.com", "a new secret")

	// It is as good as who started it, like one that is shown.
	helper, who := h.user(t, "helper@example.com", "secret123")
	h.As(t, who, "POST", path, "").Want(t, 200, "code", nil)
	code = sentCode.FindString(<-box.messages)
	h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/deactivate", helper), "").Want(t, 200)
	h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/activate", helper), "").Want(t, 200)
	h.Do(t, "POST", "/auth/password-reset", fmt.Sprintf(`{"email":"alice@example.com","code":%q,"new_password":"another secret"}`, code)).Want(t, 401, "code", "identity.code_refused")

	_ = server.Close()
	h.As(t, h.admin, "POST", path, "").Want(t, 503, "code", "identity.mail_unavailable")
	if n := h.count(t, "SELECT count(*) FROM identity.password_resets"); n != 0 {
		t.Errorf("%d resets wait for a code that nobody has", n)
	}
}

// mailbox takes every message.
type mailbox struct{ messages chan string }

func (m *mailbox) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return m, nil }
func (m *mailbox) Mail(string, *gosmtp.MailOptions) error          { return nil }
func (m *mailbox) Rcpt(string, *gosmtp.RcptOptions) error          { return nil }
func (m *mailbox) Reset()                                          {}
func (m *mailbox) Logout() error                                   { return nil }

func (m *mailbox) Data(r io.Reader) error {
	var message strings.Builder
	_, err := io.Copy(&message, r)
	m.messages <- message.String()
	return err
}
