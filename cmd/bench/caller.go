package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/valyala/fasthttp"
)

// caller asks a server with a session. Several may share a client, and with it a connection.
type caller struct {
	client *fasthttp.HostClient
	token  string
}

// newToken makes a session's token in the form that the server gives out.
func newToken() (string, error) {
	var random [32]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(random[:]), nil
}

// send asks; a body of nil is none.
func (c caller) send(method, path string, body any, response *fasthttp.Response) error {
	var request fasthttp.Request
	request.SetRequestURI("http://" + c.client.Addr + path)
	request.Header.SetMethod(method)
	request.Header.Set(fasthttp.HeaderAuthorization, "Bearer "+c.token)
	if body != nil {
		content, err := json.Marshal(body)
		if err != nil {
			return err
		}
		request.Header.SetContentType("application/json")
		request.SetBody(content)
	}
	if err := c.client.Do(&request, response); err != nil {
		return fmt.Errorf("%s %s: %s did not answer: %w", method, path, c.client.Addr, err)
	}
	return nil
}

// expect is send for what must be answered with a status; into may be nil.
func (c caller) expect(status int, method, path string, body, into any) error {
	var response fasthttp.Response
	if err := c.send(method, path, body, &response); err != nil {
		return err
	}
	if response.StatusCode() != status {
		return fmt.Errorf("%s %s: %w", method, path, refused(response.StatusCode(), response.Body(), nil))
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(response.Body(), into); err != nil {
		return fmt.Errorf("%s %s: answered nonsense: %w", method, path, err)
	}
	return nil
}

// role returns the id of a role.
func (c caller) role(name string) (int64, error) {
	var roles []struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}
	if err := c.expect(http.StatusOK, http.MethodGet, "/roles/?limit="+strconv.Itoa(listLimit), nil, &roles); err != nil {
		return 0, err
	}
	for _, r := range roles {
		if r.Name == name {
			return r.ID, nil
		}
	}
	return 0, errors.New("there is no role " + name)
}

// allow returns a user a role: for a department of an organization, for an organization when department is 0, and in the
// whole system when both are. It gives the grant's id.
func (c caller) allow(user, role, organization, department int64) (int64, error) {
	body := map[string]int64{"user_id": user, "role_id": role}
	if organization != 0 {
		body["organization_id"] = organization
	}
	if department != 0 {
		body["department_id"] = department
	}
	var made struct {
		ID int64 `json:"id"`
	}
	err := c.expect(http.StatusCreated, http.MethodPost, "/grants/", body, &made)
	return made.ID, err
}
