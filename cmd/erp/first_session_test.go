package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"erp.internal/migrations"
	"erp.internal/postgres/pgtest"
)

// The session with curl is what the pages say: its requests are sent, from top to bottom, to a server on a fresh database,
// and their answers compared with those of the page.
func TestFirstSession(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"../../docs/first-session-with-curl.md", "../../docs/ko/first-session-with-curl.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			followSession(t, page)
		})
	}
}

var (
	codeBlock   = regexp.MustCompile("(?ms)^```(sh|json)\n(.*?)^```$")
	curlCommand = regexp.MustCompile(`(?m)^curl (?:\\\n|.)*`)
	curlMethod  = regexp.MustCompile(` -X (\w+)`)
	curlURL     = regexp.MustCompile(`http://127\.0\.0\.1:8000(/\S*?)'? `)
	curlHeader  = regexp.MustCompile(` -H ['"]([^:]+): ([^'"]+)['"]`)
	curlBody    = regexp.MustCompile(` -d '([^']*)'`)
	tokenOf     = regexp.MustCompile(`(?m)^([A-Z]+)=`)
	// What differs from session to session: times, tokens, ids of requests. The page leaves out what it shows as "...".
	changing = regexp.MustCompile(`"(?:access_token|expires_at|\w+_at|request_id)":"[^"]*"`)
)

func followSession(t *testing.T, page string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	server := serverWithAdministrator(t, pgtest.New(t, migrations.Files))
	variables := strings.NewReplacer("admin@example.com", "root@example.org", "bxW3m-haZ9e-gyS5e-ahR57", "correct horse battery")
	tokens := map[string]string{}
	var answers []string
	sent := 0
	for _, block := range codeBlock.FindAllStringSubmatch(string(text), -1) {
		if block[1] == "json" {
			compareAnswers(t, block[2], answers)
			continue
		}
		answers = nil
		for _, command := range curlCommand.FindAllString(block[2], -1) {
			request, err := requestOf(server.URL, variables.Replace(command)+" ", tokens)
			if err != nil {
				t.Fatalf("%s: %v", command, err)
			}
			response, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer := bodyOf(t, response)
			answers = append(answers, answer)
			var signedIn struct {
				Token string `json:"access_token"`
			}
			if _ = json.Unmarshal([]byte(answer), &signedIn); signedIn.Token != "" {
				tokens[tokenOf.FindStringSubmatch(block[2])[1]] = signedIn.Token
			}
			if response.StatusCode >= 500 {
				t.Errorf("%s: %d %s", command, response.StatusCode, answer)
			}
			sent++
		}
	}
	if sent < 14 {
		t.Errorf("only %d requests were sent: the commands are not found any more", sent)
	}
}

func bodyOf(t *testing.T, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// requestOf returns the request that a curl command sends.
func requestOf(host, command string, tokens map[string]string) (*http.Request, error) {
	command = strings.ReplaceAll(command, "\\\n", " ")
	url := curlURL.FindStringSubmatch(command)
	if url == nil {
		return nil, fmt.Errorf("no address")
	}
	method, body := http.MethodGet, ""
	if m := curlMethod.FindStringSubmatch(command); m != nil {
		method = m[1]
	}
	if b := curlBody.FindStringSubmatch(command); b != nil {
		body = b[1]
	}
	request, err := http.NewRequest(method, host+url[1], strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for _, header := range curlHeader.FindAllStringSubmatch(command, -1) {
		request.Header.Set(header[1], os.Expand(header[2], func(name string) string { return tokens[name] }))
	}
	return request, nil
}

// compareAnswers holds the answers of a block, one on each line that begins one, to what the page shows of them.
func compareAnswers(t *testing.T, shown string, answers []string) {
	t.Helper()
	all := changing.ReplaceAllString(strings.Join(answers, "\n"), `"":""`)
	for _, piece := range strings.Split(changing.ReplaceAllString(shown, `"":""`), "...") {
		for line := range strings.Lines(piece) {
			if line = strings.Trim(strings.TrimSpace(line), ",{}[]"); line != "" && !strings.Contains(all, line) {
				t.Errorf("the page shows %q, which no answer has: %s", line, all)
			}
		}
	}
}
